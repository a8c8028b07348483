import { useMemo, type JSX } from 'react';
import { MOST_EPOCHS } from '../../config/trainingConfig';
import { csvOf } from '../../shared/csv';
import type { Budget } from '../../state/raceBudget';
import type { Race } from '../../state/raceSlice';
import { raceTable, type RaceRow } from '../../state/raceViews';
import { downloadBlob } from '../charts/download';
import { compact, duration, fixed, numberText } from '../controls/numbers';
import { budgetText } from './budgets';

interface RaceTableProps {
  readonly race: Race;
  readonly turns: number;
}

type Interval = RaceRow['greedy'][number];

const COSTS = [
  'steps',
  'generated tokens',
  'trained tokens',
  'decode passes',
  'round trips',
  'time',
];

/** Where every entry ended: means over seeds, success with its 95 % interval. */
export function RaceTable({ race, turns }: RaceTableProps): JSX.Element | null {
  const { plan, runs } = race;
  const shown = useMemo(() => (turns > 1 ? [1, turns] : [1]), [turns]);
  const rows = useMemo(() => raceTable({ plan, runs }, shown), [plan, runs, shown]);
  if (rows.length === 0) return null;
  const solved = ['greedy', 'sampled'].flatMap((how) => shown.map((k) => `${how} @${k}`));
  return (
    <section className="history" aria-label="Results of the race">
      <div className="history-head">
        <h3>Final numbers</h3>
        <button
          type="button"
          className="link-button"
          aria-label="Final numbers of the race: save as CSV"
          onClick={() => saveCsv(race, rows, solved)}
        >
          CSV
        </button>
      </div>
      <div
        className="table-scroll"
        role="region"
        aria-label="Results of the race, table"
        tabIndex={0}
      >
        <table className="race-table">
          <thead>
            <tr>
              {['entry', 'seeds', 'rate', ...solved, 'KL', ...COSTS].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.entry}>
                <th scope="row">{row.entry}</th>
                <td>{row.seeds}</td>
                <td>{numberText(row.learningRate)}</td>
                {[...row.greedy, ...row.sampled].map((interval, i) => (
                  <td key={solved[i]}>{intervalText(interval)}</td>
                ))}
                <td>{fixed(row.kl, 2)}</td>
                <td>{compact(row.costs.steps)}</td>
                <td>{compact(row.costs.sampledTokens)}</td>
                <td>{compact(row.costs.trainedTokens)}</td>
                <td>{compact(row.costs.sequentialPasses)}</td>
                <td>{compact(row.costs.roundTrips)}</td>
                <td>{duration(row.costs.seconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="quiet">
        @1 is solved at the first turn{turns > 1 && `, @${turns} within ${turns} turns`}; in
        brackets the 95 % bootstrap interval over seeds and prompts. One seed says nothing about the
        spread between seeds. Times hold the compiling of kernels that a run was the first to use.
      </p>
      <Deviations budget={plan.budget} rows={rows} />
    </section>
  );
}

const NOTABLE = 0.1; // of the budget

interface DeviationsProps {
  readonly budget: Budget;
  readonly rows: readonly RaceRow[];
}

/** Who spent clearly more or less than the budget, and why that can be. */
function Deviations({ budget, rows }: DeviationsProps): JSX.Element | null {
  const { kind, amount } = budget;
  if (kind === 'epochs') return null;
  const off = rows.filter(({ costs }) => Math.abs(costs[kind] / amount - 1) > NOTABLE);
  if (off.length === 0) return null;
  const spent = off.map(({ entry, costs }) => `${entry}: ${compact(costs[kind])}`);
  return (
    <p className="quiet">
      Of {budgetText(budget)} each: {spent.join('; ')}. A step or round that was begun is finished;
      who spent less had come to {MOST_EPOCHS} epochs, or had nothing more to sample or to train.
    </p>
  );
}

/** "98 % (95–99)". */
const intervalText = ({ mean, low, high }: Interval): string =>
  `${Math.round(100 * mean)} % (${Math.round(100 * low)}–${Math.round(100 * high)})`;

/** @param solved names of the columns of `greedy` and `sampled` */
function saveCsv(
  { plan, config, link }: Race,
  rows: readonly RaceRow[],
  solved: readonly string[],
): void {
  const columns = [
    ...['entry', 'settings', 'seeds', 'learning_rate'],
    ...solved.flatMap((name) => [name, `${name} low`, `${name} high`]),
    ...['kl', 'steps', 'sampled_tokens', 'trained_tokens'],
    ...['sequential_passes', 'round_trips', 'seconds'],
    ...['task', 'first_seed', 'budget', 'link'],
  ];
  const settings = new Map(plan.entries.map(({ name, set }) => [name, settingsText(set)]));
  const cells = rows.map(({ entry, seeds, learningRate, greedy, sampled, kl, costs }) => [
    ...[entry, settings.get(entry)!, seeds, learningRate],
    ...[...greedy, ...sampled].flatMap(({ mean, low, high }) => [mean, low, high]),
    ...[kl, costs.steps, costs.sampledTokens, costs.trainedTokens],
    ...[costs.sequentialPasses, costs.roundTrips, costs.seconds],
    ...[config.task, config.seed, budgetText(plan.budget), `#${link}`],
  ]);
  downloadBlob(new Blob([csvOf(columns, cells)], { type: 'text/csv' }), 'race.csv');
}

/** As `drift run --set` takes them. */
const settingsText = (set: Race['plan']['entries'][number]['set']): string =>
  Object.entries(set)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
