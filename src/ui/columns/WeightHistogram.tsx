import { useMemo, type JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import { weightBins } from '../../state/rolloutViews';
import { BarChart } from '../charts/BarChart';
import { fixed, numberText } from '../controls/numbers';

/** How the weights of all trajectories are spread. */
export function WeightHistogram(): JSX.Element {
  const rollouts = usePlayground((s) => s.rollouts);
  const bins = useMemo(() => (rollouts ? weightBins(rollouts) : []), [rollouts]);
  const count = rollouts?.weights.length ?? 0;
  const most = Math.max(1, ...bins.map((bin) => bin.solved + bin.failed));
  const widest = bins.at(-1)?.to ?? 1;
  const idle = bins[0] ? (bins[0].solved + bins[0].failed) / Math.max(1, count) : 0;
  return (
    <BarChart
      title="All weights"
      yLabel="trajectories per bin of weight"
      height={64}
      top={most * 1.05}
      xTicks={
        bins[0]
          ? [
              `w = ${numberText(bins[0].from)}`,
              fixed((bins[0].from + widest) / 2, 1),
              fixed(widest, 1),
            ]
          : []
      }
      bars={bins.map((bin) => ({
        title: `weight ${fixed(bin.from, 2)} to ${fixed(bin.to, 2)}: ${bin.solved} solved, ${bin.failed} failed`,
        parts: [
          { value: bin.solved, color: '--weight' },
          { value: bin.failed, color: '--wrong-bar' },
        ],
      }))}
      summary={`${Math.round(idle * 100)} % of ${count.toLocaleString('en-US')} tries weigh less than ${fixed(bins[0]?.to, 2)}. Teal solved, red failed.`}
      empty="A histogram of all weights."
      table={() => ({
        columns: ['weight from', 'weight to', 'solved trajectories', 'failed trajectories'],
        rows: bins.map((bin) => [bin.from, bin.to, bin.solved, bin.failed]),
      })}
    />
  );
}
