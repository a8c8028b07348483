import { useMemo, type JSX } from 'react';
import { methodView } from '../../state/methodViews';
import type { RaceRun } from '../../state/raceSlice';
import { raceTable, type Decoding, type RaceRow } from '../../state/raceViews';
import { csvOf, downloadBlob } from '../charts/download';
import { compact, duration, fixed, numberText } from '../controls/numbers';

interface RaceTableProps {
  readonly runs: readonly RaceRun[];
  readonly turns: number;
  readonly decoding: Decoding;
}

type Interval = RaceRow['within'];

const COLUMNS = [
  'method',
  'seeds',
  'rate',
  'solved at once',
  'solved',
  'KL',
  'steps',
  'generated tokens',
  'trained tokens',
  'decode passes',
  'round trips',
  'time',
] as const;

/** Where every method ended: means over seeds, success with its 95 % interval. */
export function RaceTable({ runs, turns, decoding }: RaceTableProps): JSX.Element | null {
  const rows = useMemo(() => raceTable(runs, turns, decoding), [runs, turns, decoding]);
  if (rows.length === 0) return null;
  return (
    <section className="history" aria-label="Results of the race">
      <div className="history-head">
        <h3>
          Final numbers, {decoding}, within {turns} {turns === 1 ? 'turn' : 'turns'}
        </h3>
        <button
          type="button"
          className="link-button"
          aria-label="Final numbers of the race: save as CSV"
          onClick={() => saveCsv(rows)}
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
        <table>
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.method}>
                <th scope="row">{methodView(row.method).title}</th>
                <td>{row.seeds}</td>
                <td>{numberText(row.learningRate)}</td>
                <td>{intervalText(row.atOnce)}</td>
                <td>
                  <b>{intervalText(row.within)}</b>
                </td>
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
        In brackets: the 95 % bootstrap interval over seeds and prompts. One seed says nothing about
        the spread between seeds.
      </p>
    </section>
  );
}

/** "98 % (95–99)". */
const intervalText = ({ mean, low, high }: Interval): string =>
  `${Math.round(100 * mean)} % (${Math.round(100 * low)}–${Math.round(100 * high)})`;

function saveCsv(rows: readonly RaceRow[]): void {
  const columns = [
    ...['method', 'seeds', 'learning_rate', 'success@1', 'success@1 low', 'success@1 high'],
    ...['success', 'success low', 'success high', 'kl'],
    ...['steps', 'sampled_tokens', 'trained_tokens', 'sequential_passes', 'round_trips', 'seconds'],
  ];
  const cells = rows.map(({ method, seeds, learningRate, atOnce, within, kl, costs }) => [
    ...[method, seeds, learningRate, atOnce.mean, atOnce.low, atOnce.high],
    ...[within.mean, within.low, within.high, kl],
    ...[costs.steps, costs.sampledTokens, costs.trainedTokens],
    ...[costs.sequentialPasses, costs.roundTrips, costs.seconds],
  ]);
  downloadBlob(new Blob([csvOf(columns, cells)], { type: 'text/csv' }), 'race.csv');
}
