/** What a race came to, as lines and as a table: means over seeds with their spread. */
import { bootstrap, type Interval } from '../shared/bootstrap';
import type { Evaluation } from '../workers/contract';
import { spent, type CostName } from './raceBudget';
import type { RaceRun } from './raceSlice';

export type Decoding = 'greedy' | 'sampled';

/** One method's way, from nothing spent on; all lists are as long as the longest run has points. */
export interface RaceLine {
  readonly method: string;
  readonly seeds: number;
  readonly x: readonly number[]; //    mean cost
  readonly y: readonly number[]; //    mean success
  readonly low: readonly number[]; //  of the seeds
  readonly high: readonly number[];
}

/** Methods in the order in which they first finished. */
const methodsOf = (runs: readonly RaceRun[]): string[] => [
  ...new Set(runs.map((run) => run.method)),
];

/** Success within `turns` turns against a cost, one line a method. */
export function raceLines(
  runs: readonly RaceRun[],
  cost: CostName,
  turns: number,
  decoding: Decoding,
): RaceLine[] {
  return methodsOf(runs).map((method) => {
    const own = runs.filter((run) => run.method === method);
    const longest = Math.max(...own.map((run) => run.points.length));
    const at = Array.from({ length: longest }, (_, i) =>
      own.map((run) => run.points[Math.min(i, run.points.length - 1)]!),
    );
    const success = [
      own.map((run) => successOf(run.reference, decoding, turns)),
      ...at.map((points) => points.map((p) => successOf(p.evaluation, decoding, turns))),
    ];
    return {
      method,
      seeds: own.length,
      x: [0, ...at.map((points) => mean(points.map((p) => spent(p, cost))))],
      y: success.map(mean),
      low: success.map((values) => Math.min(...values)),
      high: success.map((values) => Math.max(...values)),
    };
  });
}

/** A row of the table: where a method ended. */
export interface RaceRow {
  readonly method: string;
  readonly seeds: number;
  readonly learningRate: number;
  readonly atOnce: Interval; //  solved at the first turn
  readonly within: Interval; //  within `turns` turns
  readonly kl: number; //        nats per answer token from the reference, mean over seeds
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

/** Final numbers of every method, with 95 % intervals over seeds and prompts. */
export function raceTable(runs: readonly RaceRun[], turns: number, decoding: Decoding): RaceRow[] {
  return methodsOf(runs).map((method) => {
    const own = runs.filter((run) => run.method === method);
    const ends = own.map((run) => run.points.at(-1)!);
    const interval = (k: number): Interval =>
      bootstrap(
        ends.map(({ evaluation }) => ({
          solved: Math.round(successOf(evaluation, decoding, k) * evaluation.prompts),
          prompts: evaluation.prompts,
        })),
      );
    const costs = COSTS.map((cost) => [cost, mean(ends.map((end) => spent(end, cost)))] as const);
    return {
      method,
      seeds: ends.length,
      learningRate: own[0]!.learningRate, // of all its runs
      atOnce: interval(1),
      within: interval(turns),
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
