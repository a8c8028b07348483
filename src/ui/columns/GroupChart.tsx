import { useMemo, type JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { methodView } from '../../state/methodViews';
import { groupView } from '../../state/rolloutViews';
import { BarChart } from '../charts/BarChart';
import { fixed, numberText } from '../controls/numbers';
import { Pager } from '../controls/Pager';
import { Picture } from '../pictures/Picture';

/** One prompt's K returns, as weights; the largest first. */
export function GroupChart(): JSX.Element {
  const rollouts = usePlayground((s) => s.rollouts);
  const index = usePlayground((s) => s.groupIndex);
  const act = useActions();
  const group = useMemo(() => rollouts && groupView(rollouts, index), [rollouts, index]);
  const rows = group?.rows ?? [];
  const top = Math.max(1.25, ...rows.map((row) => row.weight)) * 1.04;
  const bottom = Math.min(0, ...rows.map((row) => row.weight)) * 1.04;
  const { isSigned } = methodView(usePlayground((s) => s.config.method.name));
  const solved = rows.filter((row) => row.isSolved).length;
  return (
    <div className="group-chart">
      {group && (
        <div className="group-head">
          <Picture prompt={group.prompt} showsHidden />
          <span className="quiet">
            answer <b>{group.gold}</b>
          </span>
          <button
            type="button"
            className="link-button"
            onClick={() => act().setView({ rowPrompt: group.index, rowPage: 0 })}
          >
            its tries
          </button>
          <Pager
            label="Prompts"
            text={`${group.index + 1} / ${group.count}`}
            canGoBack={group.index > 0}
            canGoOn={group.index < group.count - 1}
            onMove={(by) => act().setView({ groupIndex: group.index + by })}
          />
        </div>
      )}
      <BarChart
        title="One prompt’s tries, by weight"
        yLabel="weight"
        top={top}
        bottom={bottom}
        {...(!isSigned && { mark: { value: 1, label: 'mean 1' } })}
        xTicks={rows.length ? ['heaviest', 'lightest'] : []}
        bars={rows.map((row) => ({
          title: `return ${fixed(row.return, 2)}, weight ${fixed(row.weight, 3)}, ${row.isSolved ? 'solved' : 'failed'}`,
          parts: [{ value: row.weight, color: row.isSolved ? '--weight' : '--wrong-bar' }],
          onChoose: () => act().inspect(row.row),
        }))}
        summary={
          group
            ? `${solved} of ${rows.length} tries solved it${isSigned ? '' : `; their weights act like ${fixed(group.effectiveSize, 1)} equal ones`}. Returns from ${numberText(Number(Math.min(...rows.map((r) => r.return)).toFixed(2)))} to ${numberText(Number(Math.max(...rows.map((r) => r.return)).toFixed(2)))}.`
            : ''
        }
        empty="The weights of one prompt’s tries, as soon as there are some."
        table={() => ({
          columns: ['return', 'weight', 'solved'],
          rows: rows.map((row) => [row.return, row.weight, row.isSolved ? 'yes' : 'no']),
        })}
      />
    </div>
  );
}
