import type { JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import type { MetricName, MetricSeries } from '../../state/resultsSlice';
import { speedAt } from '../../state/speed';
import { LineChart } from '../charts/LineChart';
import type { PlotSeries } from '../charts/linePlot';
import { significant } from '../controls/numbers';

interface Curve {
  readonly values: (metrics: MetricSeries) => Float64Array;
  readonly name: string;
  readonly dash: readonly number[];
}

interface CurveChart {
  readonly title: string;
  readonly unit: string;
  readonly help: string;
  readonly empty: string;
  readonly curves: readonly Curve[];
}

const column =
  (name: MetricName) =>
  (metrics: MetricSeries): Float64Array =>
    metrics.column(name);

const speed = (metrics: MetricSeries): Float64Array => {
  const ms = metrics.column('stepMs');
  return metrics.column('tokensPerSecond').map((_, i, rate) => speedAt(rate, ms, i));
};

const CHARTS: readonly CurveChart[] = [
  {
    title: 'Loss',
    unit: 'nats per token',
    help: 'Solid: weighted, as it is descended. Dashed: every try counted alike; it may rise while the loss falls, and that is selection.',
    empty: 'Step by step, once it trains.',
    curves: [
      { values: column('loss'), name: 'weighted', dash: [] },
      { values: column('nll'), name: 'unweighted', dash: [4, 4] },
    ],
  },
  {
    title: 'Gradient norm',
    unit: 'global norm',
    help: 'Of the whole gradient, before it is clipped.',
    empty: 'How steep it is, before the clip.',
    curves: [{ values: column('gradNorm'), name: 'gradient norm', dash: [] }],
  },
  {
    title: 'Learning rate',
    unit: 'per step',
    help: 'Of AdamW: it rises during the warm-up, then stays.',
    empty: 'Warm-up, then constant.',
    curves: [{ values: column('learningRate'), name: 'learning rate', dash: [] }],
  },
  {
    title: 'Speed',
    unit: 'tokens per second',
    help: 'Tokens through the model per second of training, context included, over the last second.',
    empty: 'Tokens per second.',
    curves: [{ values: speed, name: 'speed', dash: [] }],
  },
];

/** Training's curves as they grow; pretraining's while there is no training yet. */
export function TrainingCharts(): JSX.Element {
  return (
    <div className="training-charts">
      {CHARTS.map((chart) => (
        <CurveFigure key={chart.title} chart={chart} />
      ))}
    </div>
  );
}

function CurveFigure({ chart }: { readonly chart: CurveChart }): JSX.Element {
  const training = usePlayground((s) => s.metrics);
  const pretraining = usePlayground((s) => s.pretraining);
  usePlayground((s) => s.metricsRevision); // the columns grow in place: this says when
  const isPretraining = training.length === 0 && pretraining.length > 0;
  const metrics = isPretraining ? pretraining : training;
  const total = usePlayground((s) => s.totalSteps[isPretraining ? 'pretrain' : 'train']);
  const series = chart.curves.map(({ values, name, dash }): PlotSeries => ({
    name,
    color: '--training',
    dash,
    x: metrics.column('step'),
    y: values(metrics),
  }));
  const first = series[0]!.y;
  const summary =
    first.length > 0
      ? `${significant(first[0]!)} → ${significant(first[first.length - 1]!)} in ${first.length} steps`
      : '';
  return (
    <LineChart
      title={isPretraining ? `${chart.title}, pretraining` : chart.title}
      help={chart.help}
      xLabel="step"
      yLabel={chart.unit}
      height={140}
      hasEnds={false}
      xRange={[1, Math.max(2, total, metrics.length)]} // all steps: the axis stays as the line grows
      series={series}
      summary={summary}
      empty={chart.empty}
    />
  );
}
