import { useMemo, type JSX } from 'react';
import type { EvaluationView } from '../../state/resultsSlice';
import { LineChart } from '../charts/LineChart';
import type { PlotSeries } from '../charts/linePlot';
import { fixed } from '../controls/numbers';
import { lastStep, type Decoding } from './lines';
import type { ResultProps } from './Race';

interface OverStepsProps extends ResultProps {
  readonly what: 'unique' | 'kl';
}

const TEXT = {
  unique: {
    title: 'Different answers',
    help: 'Distinct answers over all answers, in trajectories of two turns or more: 1 is never the same again.',
    axis: 'distinct / all answers',
    empty: 'Share of different answers in a trajectory: 1 is never the same again.',
  },
  kl: {
    title: 'KL from the reference',
    help: 'KL(π_θ ‖ π_ref) in nats per answer token, on answers sampled from the policy: how far it has moved.',
    axis: 'KL, nats per token',
    empty: 'How far the policy has moved from the reference, in nats per answer token.',
  },
};

/** A score of the policy as training goes on. */
export function OverSteps(props: OverStepsProps): JSX.Element {
  const { lines, reference, decoding, what, totalSteps } = props;
  const end = lastStep(lines, totalSteps);
  const series = useMemo((): PlotSeries[] => {
    const runs = lines.map(({ label: name, color, dash, evaluations }): PlotSeries => ({
      name,
      color,
      dash,
      dots: true,
      x: evaluations.map((e) => e.step),
      y: evaluations.map((e) => valueOf(e, decoding, what)),
    }));
    if (!reference || what === 'kl') return runs.filter((run) => run.x.length > 0);
    const level = valueOf(reference, decoding, what);
    return [
      {
        name: 'π_ref',
        color: '--reference',
        dash: [],
        endLabel: 'ref',
        x: [0, end],
        y: [level, level],
      },
      ...runs.filter((run) => run.x.length > 0),
    ];
  }, [lines, reference, decoding, what, end]);
  const main = series.find((s) => s.name !== 'π_ref') ?? series[0];
  return (
    <LineChart
      title={TEXT[what].title}
      help={TEXT[what].help}
      xLabel="optimizer steps"
      yLabel={TEXT[what].axis}
      xRange={[0, end]}
      {...(what === 'unique' && { yRange: [0, 1] as const })}
      series={series}
      summary={
        main
          ? `${main.name === 'π_ref' ? 'The reference' : main.name}: from ${fixed(main.y[0], 2)} to ${fixed(main.y[main.y.length - 1], 2)}.`
          : ''
      }
      empty={TEXT[what].empty}
    />
  );
}

/** The reference is at no distance from itself. */
function valueOf(e: EvaluationView, decoding: Decoding, what: 'unique' | 'kl'): number {
  if (what === 'unique') return e[decoding].uniqueAnswerRatio;
  return e.kl ?? (e.who === 'reference' ? 0 : NaN);
}
