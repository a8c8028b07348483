import { useMemo, type JSX } from 'react';
import { useTheory } from '../../state/hooks';
import { theoryCurves, type TheoryCurves } from '../../state/theoryViews';
import { Card } from '../Card';
import { LineChart } from '../charts/LineChart';
import type { PlotSeries } from '../charts/linePlot';
import { fixed } from '../controls/numbers';
import { Figure } from '../Figure';
import { TheoryControls } from './TheoryControls';
import { Symbols } from '../Symbols';

/** Where training must end by theory, and where a real model ends, under the same sliders. */
export function TheoryCard(): JSX.Element {
  const { settings, point } = useTheory();
  const curves = useMemo(() => theoryCurves(settings, point), [settings, point]);
  const series = useMemo(() => linesOf(curves), [curves]);
  const { fromFixedPoint, fromOptimum } = curves;
  return (
    <Card
      className="theory"
      title="Theory"
      aside="eight prompts, three answers: all that can happen is written down"
    >
      <div className="theory-grid">
        <div>
          <TheoryControls />
          <div className="figures">
            <Figure
              value={fixed(fromFixedPoint, 3)}
              label={<Symbols text="from p_K" />}
              help={
                <Symbols text="Mean over the eight prompts of the distance between the trained model’s probability of success and the fixed point p_K. Both are enumerated, not sampled." />
              }
            />
            <Figure
              value={fixed(fromOptimum, 3)}
              label="from p*"
              help="The same distance from the exact target p*, which groups of K do not reach."
            />
            <Figure
              value={point ? String(point.step) : '–'}
              label="updates"
              help="Optimizer steps since the model was the reference."
            />
          </div>
        </div>
        <LineChart
          title="Where training ends"
          help="Each point is a prompt: how often the reference solves it, across, and how often the trained model does, up. The lines say where theory puts it for any prompt."
          xLabel="solved by the reference, % of tries"
          yLabel="% of tries solved"
          xRange={[0, 100]}
          yRange={[0, 100]}
          height={300}
          hasEnds={false}
          series={series}
          summary={summaryOf(curves)}
          empty=""
        />
        <CurveNotes series={series} />
      </div>
    </Card>
  );
}

const NOTES: readonly (readonly [string, string])[] = [
  [
    'π_ref',
    'The frozen reference, which plays all tries: a prompt that is not trained stays on this line.',
  ],
  [
    'p*, exact target',
    'π_ref·exp(R/β)/Z: what weighing infinitely many tries at each prompt would lead to.',
  ],
  [
    'p_K, fixed point',
    'Weights are normalized among K tries, and where none of them is right there is nothing to raise: this is where training ends, below best-of-K, unless the last of several answers is trained alone.',
  ],
  [
    'π_θ, trained',
    'A small transformer that is trained here and now by the same code as above; its probabilities are enumerated.',
  ],
];

function linesOf({ x, optimum, fixedPoint, prompts, policy }: TheoryCurves): PlotSeries[] {
  const [reference, exact, finite, trained] = NOTES.map(([name]) => name) as [
    string,
    string,
    string,
    string,
  ];
  return [
    { name: reference, color: '--reference', dash: [2, 3], x, y: x },
    { name: exact, color: '--rollout', dash: [8, 4], x, y: optimum },
    { name: finite, color: '--weight', dash: [], x, y: fixedPoint },
    { name: trained, color: '--training', dash: [1, 6], dots: true, x: prompts, y: policy },
  ];
}

const summaryOf = ({ fromFixedPoint }: TheoryCurves): string =>
  fromFixedPoint === undefined
    ? 'The lines are exact; the points come with training.'
    : `The trained model is ${fixed(fromFixedPoint, 3)} from p_K on average.`;

/** What each line is, in a sentence beside its look. */
function CurveNotes({ series }: { readonly series: readonly PlotSeries[] }): JSX.Element {
  return (
    <ul className="curve-notes">
      {series.map(({ name, color, dash, dots }, i) => (
        <li key={name}>
          <svg width="30" height="10" aria-hidden="true">
            <line
              {...{ x1: 1, x2: 29, y1: 5, y2: 5, strokeWidth: 2.5 }}
              stroke={`var(${color})`}
              strokeDasharray={dash.join(' ')}
            />
            {dots && <circle cx="15" cy="5" r="4" fill={`var(${color})`} />}
          </svg>
          <span>
            <b>
              <Symbols text={name} />
            </b>{' '}
            <Symbols text={NOTES[i]![1]} />
          </span>
        </li>
      ))}
    </ul>
  );
}
