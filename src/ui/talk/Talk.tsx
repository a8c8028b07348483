import { useMemo, type JSX } from 'react';
import { evaluationTurns } from '../../config/runConfig';
import {
  canAnswer,
  chatPromptView,
  chatTurnViews,
  hasTrainedPolicy,
  type Speaker,
} from '../../state/chatSlice';
import { useActions, usePlayground } from '../../state/hooks';
import { lacksGpu } from '../../state/watchSlice';
import { AnswerChip } from '../AnswerChip';
import { Card } from '../Card';
import { Pager } from '../controls/Pager';
import { Segments } from '../controls/Segments';
import { Failure } from '../panels/Failure';
import { Picture } from '../pictures/Picture';

const DECODING = [
  { value: 'greedy', label: 'greedy' },
  { value: 'sampled', label: 'sampled' },
] as const;

/** A conversation with both policies at once: ask, and say "no, try again" yourself. */
export function Talk(): JSX.Element {
  const config = usePlayground((s) => s.config);
  const index = usePlayground((s) => s.chatIndex);
  const isSampled = usePlayground((s) => s.chatSampled);
  const error = usePlayground((s) => s.chatError);
  const reference = usePlayground((s) => s.chat.reference);
  const act = useActions();
  const { picture, number, of } = useMemo(() => chatPromptView(config, index), [config, index]);
  const turns = useMemo(() => chatTurnViews(config, reference), [config, reference]);
  return (
    <Card
      className="talk"
      title="Talk to it"
      aside="ask a held-out prompt, then say “no, try again” yourself"
    >
      <div className="talk-grid">
        <div className="talk-prompt">
          {picture && (
            <Picture
              prompt={picture}
              size="large"
              showsHidden
              turns={turns.filter((t) => t.isCorrect)}
            />
          )}
          <Pager
            label="Held-out prompts"
            text={`prompt ${number} / ${of}`}
            canGoBack
            canGoOn
            onMove={(by) => act().chooseChatPrompt(index + by)}
          />
          <button
            type="button"
            className="link-button"
            onClick={() => act().chooseChatPrompt(Math.floor(Math.random() * of))}
          >
            any other
          </button>
          <Segments
            label="Decoding of the conversation"
            value={isSampled ? 'sampled' : 'greedy'}
            options={DECODING}
            onChange={(value) => act().setChatSampled(value === 'sampled')}
          />
        </div>
        <div className="talk-speakers">
          <Conversation who="reference" />
          <Conversation who="policy" />
          <AskButton />
        </div>
      </div>
      {error && <Failure error={error} />}
    </Card>
  );
}

function Conversation({ who }: { readonly who: Speaker }): JSX.Element {
  const config = usePlayground((s) => s.config);
  const chat = usePlayground((s) => s.chat[who]);
  const isTrained = usePlayground(hasTrainedPolicy);
  const turns = useMemo(() => chatTurnViews(config, chat), [config, chat]);
  return (
    <div className="conversation">
      <h3>
        {who === 'reference' ? (
          <>
            Reference π<sub>ref</sub>
          </>
        ) : (
          <>
            Policy π<sub>θ</sub>{' '}
            <span className="aside">
              {isTrained ? 'trained' : 'untrained: still the reference'}
            </span>
          </>
        )}
      </h3>
      <p className="say">
        {turns.length === 0 && <span className="quiet">Nothing said yet.</span>}
        {turns.map((turn, i) => (
          <span key={i} className="said">
            {i > 0 && <span className="feedback">{turns[i - 1]!.feedback}</span>}
            <AnswerChip turn={turn} />
          </span>
        ))}
      </p>
    </div>
  );
}

function AskButton(): JSX.Element {
  const turns = usePlayground((s) => evaluationTurns(s.config));
  const reference = usePlayground((s) => s.chat.reference);
  const policy = usePlayground((s) => s.chat.policy);
  const isBusy = usePlayground((s) => s.chatBusy);
  const isTraining = usePlayground(
    (s) => s.phase.name === 'running' || s.phase.name === 'preparing',
  );
  const needsGpu = usePlayground(lacksGpu);
  const isRecording = usePlayground((s) => s.watching !== undefined);
  const act = useActions();
  const isFresh = reference.length === 0 && policy.length === 0;
  const isOver = !canAnswer(reference, turns) && !canAnswer(policy, turns);
  const mustWait = isBusy || isTraining || needsGpu;
  const label = isFresh ? 'Ask both' : isOver ? 'Start over' : 'No, try again';
  return (
    <div className="talk-ask">
      <button
        type="button"
        className="button button-strong"
        aria-disabled={mustWait} // disabled, it would lose the focus with every answer
        onClick={() => !mustWait && (isOver ? act().resetChat() : void act().askBoth())}
      >
        {label}
      </button>
      <span className="quiet">
        {isRecording
          ? 'A recording cannot answer: talking to it needs WebGPU.'
          : needsGpu
            ? 'Needs WebGPU.'
            : isTraining
              ? 'Waits until the run rests.'
              : isBusy && 'answering …'}
      </span>
    </div>
  );
}
