import { useMemo, useState, type JSX } from 'react';
import { evaluationTurns } from '../../config/runConfig';
import { useActions, usePlayground } from '../../state/hooks';
import type { CostName } from '../../state/raceBudget';
import type { Race } from '../../state/raceSlice';
import { raceLines, type Decoding } from '../../state/raceViews';
import { Card } from '../Card';
import { LineChart } from '../charts/LineChart';
import type { PlotSeries } from '../charts/linePlot';
import { Choice, type Option } from '../controls/Choice';
import { counted, percent } from '../controls/numbers';
import { optionText } from '../controls/settingText';
import { DecodingChoice } from '../results/DecodingChoice';
import { Legend } from '../results/Legend';
import { budgetText } from './budgets';
import { entryLooks } from './entryLooks';
import { RaceForm } from './RaceForm';
import { RaceTable } from './RaceTable';

const AXES: readonly (Option<CostName> & { readonly axis: string })[] = [
  { value: 'steps', label: 'against steps', axis: 'optimizer steps' },
  { value: 'sampledTokens', label: 'against generated tokens', axis: 'generated tokens' },
  { value: 'trainedTokens', label: 'against trained tokens', axis: 'trained tokens' },
  {
    value: 'sequentialPasses',
    label: 'against decode passes',
    axis: 'sequential decode passes',
  },
  { value: 'roundTrips', label: 'against round trips', axis: 'round trips of weights' },
  { value: 'seconds', label: 'against time', axis: 'seconds of rollouts and training' },
];

/** Methods and variants of theirs against each other: the same prompts, the same reference, a stated budget, several seeds. */
export function RaceCard(): JSX.Element {
  const race = usePlayground((s) => s.race);
  return (
    <Card
      className="race-card"
      title="Race"
      aside="methods and variants on the same prompts, from the same reference"
    >
      <RaceForm />
      {race && <RaceResults race={race} />}
    </Card>
  );
}

function RaceResults({ race }: { readonly race: Race }): JSX.Element {
  const decoding = usePlayground((s) => s.decoding);
  const most = evaluationTurns(race.config);
  const [turns, setTurns] = useState<number>(); // all of them, until chosen
  const k = Math.min(turns ?? most, most);
  const within = Array.from({ length: most }, (_, i) => ({
    value: String(i + 1),
    label: turnsText(i + 1),
  }));
  return (
    <>
      <Raced race={race} />
      <RaceChart race={race} turns={k} decoding={decoding}>
        <Choice
          label="Turns allowed"
          value={String(k)}
          options={within}
          onChange={(value) => setTurns(Number(value))}
        />
      </RaceChart>
      <RaceTable race={race} turns={k} />
      {race.failures.map(({ entry, seed, message }) => (
        <p key={`${entry} ${seed}`} className="remark">
          {entry}, seed {seed}: {message}
        </p>
      ))}
    </>
  );
}

/** What the results below are of, whatever is set above by now. */
function Raced({ race: { plan, config, link } }: { readonly race: Race }): JSX.Element {
  const act = useActions();
  const isRunning = usePlayground((s) => s.phase.name === 'running');
  const { task, seed, rollout } = config;
  const last = seed + plan.seeds - 1;
  const seeds = plan.seeds === 1 ? `seed ${seed}` : `seeds ${seed} to ${last}`;
  return (
    <p className="quiet raced">
      Raced: {optionText('task', task)}, {counted(rollout.prompts, 'prompt')} ×{' '}
      {rollout.trajectories} tries, {seeds}, {budgetText(plan.budget)} each.{' '}
      <button
        type="button"
        className="link-button"
        aria-disabled={isRunning}
        onClick={() => !isRunning && act().openLink(link)}
      >
        use again
      </button>
    </p>
  );
}

const turnsText = (turns: number): string =>
  turns === 1 ? 'at the first turn' : `within ${turns} turns`;

interface RaceChartProps {
  readonly race: Race;
  readonly turns: number;
  readonly decoding: Decoding;
  readonly children: JSX.Element;
}

function RaceChart({ race, turns, decoding, children }: RaceChartProps): JSX.Element {
  const [cost, setCost] = useState<CostName>('steps');
  const { plan, runs, config } = race;
  const lines = useMemo(
    () => raceLines({ plan, runs }, cost, turns, decoding),
    [plan, runs, cost, turns, decoding],
  );
  const looks = useMemo(() => entryLooks(config.task, plan.entries), [config.task, plan.entries]);
  const series = useMemo(
    () =>
      lines.map(({ entry, seeds, x, y, low, high }): PlotSeries => ({
        ...looks.get(entry)!,
        name: entry,
        dots: true,
        x,
        y,
        ...(seeds > 1 && { band: { low, high } }),
      })),
    [lines, looks],
  );
  return (
    <div className="race-chart">
      <LineChart
        title={`Race on ${optionText('task', config.task)}: solved ${turnsText(turns)}, ${decoding}`}
        help="Mean over seeds of the share of held-out prompts solved; the band is from the lowest seed to the highest. A line begins at the reference, with nothing spent, and goes straight up where training does not add to the cost."
        xLabel={AXES.find((a) => a.value === cost)!.axis}
        yLabel="share of prompts"
        yRange={[0, 1]}
        height={300}
        hasEnds={false} // they lie anywhere: the caption says them
        series={series}
        summary={`${lines.map(({ entry, y }) => `${entry}: ${percent(y.at(-1))}`).join('; ')}${lines.some(({ seeds }) => seeds > 1) ? '. Bands go from the lowest seed to the highest.' : ''}`}
        empty="The first line comes when the first run is through."
        controls={
          <>
            <DecodingChoice label="Decoding of the race" />
            {children}
            <Choice label="Cost" value={cost} options={AXES} onChange={setCost} />
          </>
        }
      />
      <Legend series={series} />
    </div>
  );
}
