import { useMemo, useState, type JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import type { MetricName } from '../../state/resultsSlice';
import { LineChart } from '../charts/LineChart';
import { Choice, type Option } from '../controls/Choice';
import { numberText } from '../controls/numbers';

const CHARTS: readonly (Option<MetricName> & { readonly unit: string })[] = [
  { value: 'loss', label: 'Loss', unit: 'weighted nats' },
  { value: 'nll', label: 'Unweighted loss', unit: 'nats per token' },
  { value: 'gradNorm', label: 'Gradient norm', unit: 'norm' },
  { value: 'learningRate', label: 'Learning rate', unit: 'per step' },
  { value: 'tokensPerSecond', label: 'Speed', unit: 'tokens / s' },
  { value: 'stepMs', label: 'Time per step', unit: 'ms' },
];

/** One of training's curves, as it grows; the visitor chooses which. */
export function TrainingCharts(): JSX.Element {
  const [name, setName] = useState<MetricName>('loss');
  const training = usePlayground((s) => s.metrics);
  const pretraining = usePlayground((s) => s.pretraining);
  const revision = usePlayground((s) => s.metricsRevision);
  const isPretraining = training.length === 0 && pretraining.length > 0;
  const metrics = isPretraining ? pretraining : training;
  const { label, unit } = CHARTS.find((chart) => chart.value === name)!;
  const series = useMemo(
    () => [
      {
        name: label,
        color: '--training',
        dash: [],
        x: metrics.column('step'),
        y: metrics.column(name),
      },
    ],
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the columns grow in place: the revision says when
    [metrics, revision, name, label],
  );
  const values = series[0]!.y;
  return (
    <LineChart
      title={isPretraining ? `${label} while pretraining` : label}
      xLabel="step"
      yLabel={`${label}, ${unit}`}
      series={series}
      summary={
        values.length > 0
          ? `From ${short(values[0]!)} to ${short(values.at(-1)!)} in ${values.length} steps.`
          : ''
      }
      empty="Training curves, step by step, once it trains."
      controls={<Choice label="Which curve" value={name} options={CHARTS} onChange={setName} />}
    />
  );
}

const short = (value: number): string => numberText(Number(value.toPrecision(3)));
