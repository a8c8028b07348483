import { useMemo, type JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { methodView } from '../../state/methodViews';
import { orderRows, trajectoryView, type RowFilter, type RowOrder } from '../../state/rolloutViews';
import type { Rollouts } from '../../state/rolloutSlice';
import { Choice, type Option } from '../controls/Choice';
import { Pager } from '../controls/Pager';
import { isOpening } from '../header/stages';
import { WatchButton } from '../panels/WatchButton';
import { useIsLate } from '../useIsLate';
import { TrajectoryRow } from './TrajectoryRow';

const PAGE_ROWS = 8;

const ORDERS: readonly Option<RowOrder>[] = [
  { value: 'sampled', label: 'as sampled' },
  { value: 'weight', label: 'by weight' },
  { value: 'return', label: 'by return' },
  { value: 'solved', label: 'by first correct turn' },
];
const FILTERS: readonly Option<RowFilter>[] = [
  { value: 'all', label: 'all tries' },
  { value: 'solved', label: 'solved' },
  { value: 'failed', label: 'failed' },
  { value: 'repeats', label: 'with repeats' },
];

/** The trajectories, a page at a time. */
export function TrajectoryList(): JSX.Element {
  const rollouts = usePlayground((s) => s.rollouts);
  return rollouts ? <Rows rollouts={rollouts} /> : <EmptyRows />;
}

function Rows({ rollouts }: { readonly rollouts: Rollouts }): JSX.Element {
  const order = usePlayground((s) => s.rowOrder);
  const filter = usePlayground((s) => s.rowFilter);
  const prompt = usePlayground((s) => s.rowPrompt);
  const page = usePlayground((s) => s.rowPage);
  const act = useActions();
  const rows = useMemo(() => {
    const all = orderRows(rollouts, order, filter);
    const { promptOf } = rollouts.trajectories;
    return prompt === undefined ? all : all.filter((row) => promptOf[row] === prompt);
  }, [rollouts, order, filter, prompt]);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  const shownPage = Math.min(page, pages - 1);
  const from = shownPage * PAGE_ROWS;

  return (
    <div className="trajectories">
      <div className="toolbar">
        <Choice
          label="Order of trajectories"
          value={order}
          options={ORDERS}
          onChange={(rowOrder) => act().setView({ rowOrder, rowPage: 0 })}
        />
        <Choice
          label="Which trajectories"
          value={filter}
          options={FILTERS}
          onChange={(rowFilter) => act().setView({ rowFilter, rowPage: 0 })}
        />
        {prompt !== undefined && (
          <button
            type="button"
            className="tag"
            onClick={() => act().setView({ rowPrompt: undefined, rowPage: 0 })}
          >
            prompt {prompt + 1} only <span aria-hidden="true">×</span>
            <span className="sr-only">, show all prompts</span>
          </button>
        )}
      </div>
      <ul className="rows" aria-label="Trajectories">
        {rows.slice(from, from + PAGE_ROWS).map((row) => (
          <TrajectoryRow key={row} view={trajectoryView(rollouts, row)} />
        ))}
      </ul>
      {rows.length === 0 && <p className="empty">No trajectory is like that.</p>}
      <Pager
        label="Pages of trajectories"
        text={
          rows.length === 0
            ? '0'
            : `${from + 1}–${Math.min(from + PAGE_ROWS, rows.length)} of ${rows.length.toLocaleString('en-US')}`
        }
        canGoBack={shownPage > 0}
        canGoOn={shownPage < pages - 1}
        onMove={(by) => act().setView({ rowPage: shownPage + by })}
      />
    </div>
  );
}

function EmptyRows(): JSX.Element {
  const isPreparing = usePlayground(
    (s) => s.phase.name === 'preparing' || s.phase.name === 'running',
  );
  const isLate = useIsLate(usePlayground((s) => isOpening(s.phase)));
  const plays = methodView(usePlayground((s) => s.config.method.name)).promptsPerRound;
  const player = plays ? 'policy' : 'reference';
  return (
    <div className="trajectories">
      <div className="empty" data-busy={isPreparing || undefined}>
        <p>
          {isLate
            ? 'The GPU takes its time to answer. Wait a little longer, or meanwhile:'
            : isPreparing
              ? `Opening the GPU and asking the ${player} …`
              : `Press Run: the ${player} tries each prompt, and its tries appear here turn by turn.`}
        </p>
        {isLate && <WatchButton />}
      </div>
    </div>
  );
}
