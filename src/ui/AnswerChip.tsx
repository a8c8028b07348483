import type { JSX } from 'react';
import type { AnswerPicture, TurnView } from '../state/rolloutViews';

/** One answer with its verdict; a repeated one is outlined. */
export function AnswerChip({ turn }: { readonly turn: TurnView }): JSX.Element {
  const { answer, isCorrect, isRepeat } = turn;
  return (
    <span
      className="chip"
      data-correct={isCorrect || undefined}
      data-repeat={isRepeat || undefined}
      title={isRepeat ? 'the same answer again' : undefined}
    >
      <ChipText answer={answer} />
      <span className="verdict" aria-hidden="true">
        {isCorrect ? '✓' : '✗'}
      </span>
      <span className="sr-only">
        {isCorrect ? ', correct' : ', wrong'}
        {isRepeat && ', the same again'}
      </span>
    </span>
  );
}

/** A thought is drawn as a thought: the working, then the answer. */
function ChipText({ answer }: { readonly answer: AnswerPicture }): JSX.Element {
  if (!answer.isReadable) return <code>{answer.text}</code>;
  if (answer.working === undefined) return <span>{answer.text}</span>;
  return (
    <>
      <span className="thought">
        <span className="sr-only">worked out: </span>
        {Number(answer.working)}
      </span>
      <span aria-hidden="true" className="thought-arrow">
        →
      </span>
      <span>{answer.text}</span>
    </>
  );
}
