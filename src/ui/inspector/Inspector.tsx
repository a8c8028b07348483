import { useEffect, useMemo, useRef, type JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { inspectorView, type InspectorView } from '../../state/rolloutViews';
import { AnswerChip } from '../AnswerChip';
import { fixed, numberText } from '../controls/numbers';
import { Picture } from '../pictures/Picture';
import { Arithmetic } from './Arithmetic';
import { TokenStrip } from './TokenStrip';

/** The chosen trajectory in full: its tokens, and how its return and weight come about. */
export function Inspector(): JSX.Element | null {
  const rollouts = usePlayground((s) => s.rollouts);
  const row = usePlayground((s) => s.inspected);
  const drift = usePlayground((s) => s.config.drift);
  const view = useMemo(() => {
    const exists = rollouts && row !== undefined && row < rollouts.trajectories.turns.length;
    return exists ? inspectorView(rollouts, row, drift.beta) : undefined;
  }, [rollouts, row, drift.beta]);
  return view ? <InspectorPanel key={view.row} view={view} /> : null;
}

function InspectorPanel({ view }: { readonly view: InspectorView }): JSX.Element {
  const act = useActions();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const opener = document.activeElement as HTMLElement | null;
    panel.current?.scrollIntoView({ block: 'nearest' });
    panel.current?.focus({ preventScroll: true });
    return () => {
      // The close button goes with the panel: the focus would be nowhere.
      if (document.activeElement === document.body) opener?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <section
      ref={panel}
      tabIndex={-1}
      className="inspector"
      aria-label={`Trajectory ${view.row + 1}`}
      onKeyDown={(event) => event.key === 'Escape' && act().inspect(undefined)}
    >
      <div className="inspector-head">
        <Picture prompt={view.prompt} turns={view.turns} showsHidden />
        <div className="inspector-name">
          <h3>
            Prompt {view.promptIndex + 1}, try {view.sample + 1}
          </h3>
          <p className="quiet">
            {view.solvedAt > 0 ? `solved at turn ${view.solvedAt}` : 'never solved'} · right answer{' '}
            <b>{view.gold}</b>
          </p>
        </div>
        <button
          type="button"
          className="icon-button"
          aria-label="Close the inspector"
          onClick={() => act().inspect(undefined)}
        >
          ×
        </button>
      </div>
      <ol className="turn-list">
        {view.turns.map((turn, i) => (
          <li key={i}>
            <span className="quiet">turn {i + 1}</span> <AnswerChip turn={turn} />{' '}
            <span className="quiet">
              reward {turn.isCorrect ? 1 : 0} · log-prob {fixed(turnLogp(view, i + 1), 2)}
              {i + 1 < view.turns.length && <> · told “{turn.feedback}”</>}
            </span>
          </li>
        ))}
      </ol>
      <TokenStrip tokens={view.tokens} />
      <Arithmetic view={view} />
      <p className="quiet">
        Log-prob of all answers under the policy that sampled them, at temperature 1:{' '}
        {numberText(Number(view.logp.toFixed(2)))} nats.
      </p>
    </section>
  );
}

const turnLogp = (view: InspectorView, turn: number): number =>
  view.tokens.reduce((sum, token) => (token.turn === turn ? sum + token.logp : sum), 0);
