/** What a race came to, as lines and as a table: means over seeds with their spread. */
import { bootstrap, type Interval } from '../shared/bootstrap';
import type { Evaluation } from '../workers/contract';
import { spent, type CostName } from './raceBudget';
import type { Race, RaceRun } from './raceSlice';

export type Decoding = 'greedy' | 'sampled';
type Finished = Pick<Race, 'plan' | 'runs'>;

/** One entry's way, from nothing spent on; all lists are as long as the longest run has points. */
export interface RaceLine {
  readonly entry: string;
  readonly seeds: number;
  readonly x: readonly number[]; //    mean cost
  readonly y: readonly number[]; //    mean success
  readonly low: readonly number[]; //  of the seeds
  readonly high: readonly number[];
}

/** The entries that have a finished run, in the order of the plan, and those runs. */
const finished = ({ plan, runs }: Finished): { entry: string; own: RaceRun[] }[] =>
  plan.entries
    .map(({ name }) => ({ entry: name, own: runs.filter((run) => run.entry === name) }))
    .filter(({ own }) => own.length > 0);

/** Success within `turns` turns against a cost, one line an entry. */
export function raceLines(
  race: Finished,
  cost: CostName,
  turns: number,
  decoding: Decoding,
): RaceLine[] {
  return finished(race).map(({ entry, own }) => {
    const longest = Math.max(...own.map((run) => run.points.length));
    const at = Array.from({ length: longest }, (_, i) =>
      own.map((run) => run.points[Math.min(i, run.points.length - 1)]!),
    );
    const success = [
      own.map((run) => successOf(run.reference, decoding, turns)),
      ...at.map((points) => points.map((p) => successOf(p.evaluation, decoding, turns))),
    ];
    return {
      entry,
      seeds: own.length,
      x: [0, ...at.map((points) => mean(points.map((p) => spent(p, cost))))],
      y: success.map(mean),
      low: success.map((values) => Math.min(...values)),
      high: success.map((values) => Math.max(...values)),
    };
  });
}

/** A row of the table: where an entry ended. */
export interface RaceRow {
  readonly entry: string;
  readonly seeds: number;
  readonly learningRate: number;
  /** Solved within so many turns, in the order asked for. */
  readonly greedy: readonly Interval[];
  readonly sampled: readonly Interval[];
  readonly kl: number; //      nats per answer token from the reference, mean over seeds
  readonly costs: Readonly<Record<CostName, number>>; // means over seeds
}

const COSTS: readonly CostName[] = [
  'steps',
  'sampledTokens',
  'trainedTokens',
  'sequentialPasses',
  'roundTrips',
  'seconds',
];

/** Final numbers of every entry, with 95 % intervals over seeds and prompts. */
export function raceTable(race: Finished, turns: readonly number[]): RaceRow[] {
  return finished(race).map(({ entry, own }) => {
    const ends = own.map((run) => run.points.at(-1)!);
    const intervals = (decoding: Decoding): Interval[] =>
      turns.map((k) =>
        bootstrap(
          ends.map(({ evaluation }) => ({
            solved: Math.round(successOf(evaluation, decoding, k) * evaluation.prompts),
            prompts: evaluation.prompts,
          })),
        ),
      );
    const costs = COSTS.map((cost) => [cost, mean(ends.map((end) => spent(end, cost)))] as const);
    return {
      entry,
      seeds: ends.length,
      learningRate: own[0]!.learningRate, // of all its runs
      greedy: intervals('greedy'),
      sampled: intervals('sampled'),
      kl: mean(ends.map((end) => end.evaluation.kl ?? NaN)),
      costs: Object.fromEntries(costs) as Record<CostName, number>,
    };
  });
}

/** Share of the prompts solved by turn `turns`, or by the last there is. */
const successOf = (e: Evaluation, decoding: Decoding, turns: number): number =>
  e[decoding].success[Math.min(turns, e[decoding].success.length) - 1]!;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
