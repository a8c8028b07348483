import { useEffect, useMemo, useRef, type JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { inspectorView, type InspectorView } from '../../state/rolloutViews';
import { AnswerChip } from '../AnswerChip';
import { fixed } from '../controls/numbers';
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
  const logp = usePlayground((s) => s.inspectedLogp);
  if (!view) return null;
  const now = logp instanceof Error ? undefined : logp;
  return <InspectorPanel key={view.row} view={{ ...view, now }} />;
}

interface Inspected extends InspectorView {
  readonly now: readonly number[] | undefined; // log-probs under the policy [N], as they are known
}

function InspectorPanel({ view }: { readonly view: Inspected }): JSX.Element {
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
        <Picture
          prompt={view.prompt}
          turns={view.turns}
          size={view.prompt.kind === 'text' ? 'small' : 'large'}
          showsHidden
        />
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
      <TurnTable view={view} />
      <TokenStrip tokens={view.tokens} now={view.now} />
      <Arithmetic view={view} />
      <PolicyNote view={view} />
    </section>
  );
}

/** What was answered and told, turn by turn, and how likely each answer was. */
function TurnTable({ view: { turns, tokens, now } }: { readonly view: Inspected }): JSX.Element {
  const ofTurn = (logp: readonly number[], turn: number): number =>
    tokens.reduce((sum, token, i) => (token.turn === turn ? sum + logp[i]! : sum), 0);
  const sampled = tokens.map((token) => token.logp);
  return (
    <table className="turn-table">
      <thead>
        <tr>
          <th scope="col">turn</th>
          <th scope="col">answer</th>
          <th scope="col">reward</th>
          <th scope="col">log-prob</th>
          {now && <th scope="col">now</th>}
          <th scope="col">told</th>
        </tr>
      </thead>
      <tbody>
        {turns.map((turn, i) => (
          <tr key={i}>
            <th scope="row">{i + 1}</th>
            <td>
              <AnswerChip turn={turn} />
            </td>
            <td>{turn.isCorrect ? 1 : 0}</td>
            <td className="logp-sampled">{fixed(ofTurn(sampled, i + 1), 2)}</td>
            {now && <td className="logp-now">{fixed(ofTurn(now, i + 1), 2)}</td>}
            <td className="quiet">{i + 1 < turns.length && `“${turn.feedback}”`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Whose log-probs these are, and what training made of them. */
function PolicyNote({ view }: { readonly view: Inspected }): JSX.Element {
  const isRefreshed = usePlayground((s) => s.rollouts?.isRefreshed === true);
  const isRunning = usePlayground((s) => s.phase.name === 'running');
  const isRecording = usePlayground((s) => s.watching !== undefined);
  const problem = usePlayground((s) =>
    s.inspectedLogp instanceof Error ? s.inspectedLogp.message : undefined,
  );
  const now = view.now?.reduce((sum, logp) => sum + logp, 0);
  return (
    <p className="quiet">
      Log-probs in nats, at temperature 1, of all answers together:{' '}
      <b className="logp-sampled">{fixed(view.logp, 2)}</b> under{' '}
      {isRefreshed ? (
        'the policy that sampled them'
      ) : (
        <>
          π<sub>ref</sub>
        </>
      )}
      {now !== undefined ? (
        <>
          , <b className="logp-now">{fixed(now, 2)}</b> now, under π<sub>θ</sub>
          {Number.isFinite(view.logp)
            ? `: training made them ${now >= view.logp ? 'more' : 'less'} likely.`
            : '.'}
        </>
      ) : problem ? (
        `. ${problem}`
      ) : isRecording ? (
        '.'
      ) : (
        <>
          ; those under π<sub>θ</sub> come {isRunning ? 'when the run rests' : 'with training'}.
        </>
      )}
    </p>
  );
}
