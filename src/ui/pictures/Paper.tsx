import type { JSX } from 'react';
import type { PromptPicture } from '../../state/rolloutViews';
import type { DrawingProps } from './Picture';

interface PaperProps extends DrawingProps {
  readonly prompt: Extract<PromptPicture, { kind: 'paper' }>;
}

/** Middles and baselines of the five characters "a1 a0 + b1 b0", in viewBox units. */
const LINE = [9, 17, 27, 37, 45].map((x) => ({ x, y: 18 }));
const COLUMN = [
  ...[30, 38].map((x) => ({ x, y: 11 })),
  ...[20, 30, 38].map((x) => ({ x, y: 21 })), // the plus stands before the second number
];
const BLOT =
  'M-6.4 1.6C-8.6-3-5.4-8.2-.6-7.6 3-9.6 7.4-6.4 6.6-2.4 9.6.6 7.6 6 3.6 6 .8 9.4-5.2 8-6.4 1.6Z';

/** A sum on paper, with the last answer below it, or with ink on one of its digits. */
export function Paper({ prompt, turns, size, showsHidden }: PaperProps): JSX.Element {
  const { glyphs, isColumn, stain, text } = prompt;
  const at = isColumn ? COLUMN : LINE;
  const last = turns.findLast(({ answer }) => answer.isReadable);
  const glyphClass = isColumn ? 'paper-glyph paper-small' : 'paper-glyph';
  const sum = isColumn && last ? last.answer.text : '';
  return (
    <svg className={`paper paper-${size}`} viewBox="0 0 60 36" role="img" aria-label={text}>
      <path className="paper-sheet" d="M1 1H53L59 7V35H1Z" />
      <path className="paper-fold" d="M53 1V7H59Z" />
      {Array.from(glyphs, (glyph, place) => (
        <text key={place} className={glyphClass} {...at[place]}>
          {place === stain?.place ? '' : glyph}
        </text>
      ))}
      {stain && <Ink {...stain} x={at[stain.place]!.x} showsUnder={showsHidden} />}
      {isColumn && <path className="paper-rule" d="M15 23.5H44" />}
      {Array.from(sum, (digit, i) => (
        <text
          key={i}
          className={`${glyphClass} ${last?.isCorrect ? 'paper-found' : 'paper-tried'}`}
          x={COLUMN[1]!.x - 8 * (sum.length - 1 - i)}
          y={33}
        >
          {digit}
        </text>
      ))}
    </svg>
  );
}

interface InkProps extends NonNullable<PaperProps['prompt']['stain']> {
  readonly x: number;
  readonly showsUnder: boolean;
}

/** The blot, and what can still be made out of the digit below it. */
function Ink({ x, under, range, showsUnder }: InkProps): JSX.Element {
  return (
    <>
      <g transform={`translate(${x} 14)`}>
        <path className="paper-ink" d={BLOT} />
        <circle className="paper-ink" cx={-7.6} cy={8.4} r={1.1} />
        {showsUnder && (
          <text className="paper-under" y={4.4}>
            {under}
          </text>
        )}
      </g>
      <text className="paper-range" x={x} y={32}>
        {range}
      </text>
    </>
  );
}
