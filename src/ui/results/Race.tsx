import { useMemo, useState, type JSX } from 'react';
import { evaluationTurns } from '../../config/runConfig';
import type { EvaluationView } from '../../state/resultsSlice';
import { LineChart } from '../charts/LineChart';
import type { PlotSeries } from '../charts/linePlot';
import { Choice, type Option } from '../controls/Choice';
import { percent } from '../controls/numbers';
import { Legend } from './Legend';
import {
  costsOf,
  finalSuccess,
  lastStep,
  type CostAxis,
  type Decoding,
  type RunLine,
} from './lines';

const AXES: readonly (Option<CostAxis> & { readonly axis: string })[] = [
  { value: 'step', label: 'against steps', axis: 'optimizer steps' },
  { value: 'tokens', label: 'against trained tokens', axis: 'trained tokens' },
  { value: 'seconds', label: 'against time', axis: 'seconds of training' },
];

export interface ResultProps {
  readonly lines: readonly RunLine[];
  readonly reference: EvaluationView | undefined;
  readonly decoding: Decoding;
  readonly totalSteps: number; // of the run in progress, or the last one
}

/** Share of held-out prompts solved within all turns, against what it cost; every run in one chart. */
export function Race({ lines, reference, decoding, totalSteps }: ResultProps): JSX.Element {
  const [axis, setAxis] = useState<CostAxis>('step');
  const turns = (lines[0] && evaluationTurns(lines[0].config)) ?? reference?.greedy.success.length;
  const series = useMemo((): PlotSeries[] => {
    const runs = lines
      .filter((line) => line.evaluations.length > 0)
      .map((line) => ({
        name: line.label,
        color: line.color,
        dash: line.dash,
        dots: true,
        x: costsOf(line, axis),
        y: line.evaluations.map((e) => finalSuccess(e, decoding)),
      }));
    if (!reference) return runs;
    const ends = runs.map((run) => run.x.at(-1) ?? 0);
    const end = axis === 'step' ? lastStep(lines, totalSteps) : Math.max(1, ...ends);
    const level = finalSuccess(reference, decoding);
    const flat = { x: [0, end], y: [level, level] };
    return [{ name: 'π_ref', color: '--reference', dash: [], endLabel: 'ref', ...flat }, ...runs];
  }, [lines, reference, decoding, axis, totalSteps]);

  return (
    <div className="race">
      <LineChart
        title={turns ? `Solved within ${turns} turns` : 'Solved within all turns'}
        xLabel={AXES.find((a) => a.value === axis)!.axis}
        yLabel="share of prompts"
        yRange={[0, 1]}
        height={300}
        series={series}
        summary={summaryOf(lines, reference, decoding)}
        empty="Share of held-out prompts solved, as training goes on. Every further run is drawn beside it."
        controls={<Choice label="Horizontal axis" value={axis} options={AXES} onChange={setAxis} />}
      />
      <Legend series={series} />
    </div>
  );
}

function summaryOf(
  lines: readonly RunLine[],
  reference: EvaluationView | undefined,
  decoding: Decoding,
): string {
  const how = decoding === 'greedy' ? 'Greedy' : 'Sampled';
  const start =
    reference && `${how}: the reference solves ${percent(finalSuccess(reference, decoding))}`;
  const ends = lines.flatMap((line) => {
    const last = line.evaluations.at(-1);
    return last && last.step > 0 ? [`${line.label} ${percent(finalSuccess(last, decoding))}`] : [];
  });
  if (!start) return '';
  return ends.length > 0 ? `${start}; after training: ${ends.join('; ')}.` : `${start}.`;
}
