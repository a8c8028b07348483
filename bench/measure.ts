/** Times engines against each other: in turns, so that whatever slows the machine slows them all. */
import type { DispatchCost } from '../src/gpu/plan';
import { PlaygroundError } from '../src/shared/errors';
import { invariant } from '../src/shared/invariant';
import { median, quantile } from '../src/shared/quantile';
import type { Engine, Job } from './engine';
import { callsBetween, type Calls } from './meter';
import type { Probe } from './roof';
import { NEW_TOKENS, workOf, type Phase, type Workload } from './workload';

/** How one engine did in one phase of one configuration. A step of decoding is one token for every row. */
export interface Timing {
  readonly engine: string;
  readonly firstStepMs: number; // from weights in memory to the first result, compiling included
  readonly pipelines: number; // compiled until then
  readonly msPerStep: number; // median over rounds
  readonly quartiles: readonly [number, number]; // of the same
  readonly rounds: number;
  readonly stepsPerRound: number;
  readonly calls: Calls; // per step in steady state
  readonly matmulGflops: number; // of the best product, run in every round too; median
  readonly shareOfMatmul: number; // this engine's over those, median of the rounds
  /** Other engine -> its time over this one's, median of the rounds, each round against its neighbor. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Largest relative difference of the first losses, or share of other tokens, from the first engine's. */
  readonly difference: number;
  /** What every dispatch of one step costs, several times over; empty where the engine cannot tell. */
  readonly profiles: readonly (readonly DispatchCost[])[];
}

/** An engine that was left out, and why. */
export interface Skipped {
  readonly engine: string;
  readonly reason: string;
}

interface Entrant {
  readonly name: string;
  readonly job: Job;
  readonly result: readonly number[]; // the first losses, or the tokens
  readonly difference: number; // from the first engine's
  readonly firstStepMs: number;
  readonly pipelines: number;
  readonly times: number; // runs per round
  readonly msPerRound: number; // as estimated
}

const FIRST_LOSSES = 3;
const SAME_LOSS = 1e-3; // float32 sums in another order, through three updates
const MOST_ROUNDS = 9;
const FEWEST_ROUNDS = 3;
const MOST_TIMES = 500;
const PROFILES = 5;

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/**
 * Opens a job, runs it until it is warm, and finds how often it fits into a round.
 *
 * @param expected the first engine's result, undefined for itself
 */
async function enter(
  engine: Engine,
  phase: Phase,
  work: Workload,
  secondsPerRound: number,
  callsSoFar: () => Calls,
  expected: readonly number[] | undefined,
): Promise<Entrant> {
  const { name } = engine;
  const before = callsSoFar();
  const begun = performance.now();
  const job = await engine.open(phase, work);
  try {
    const first = Array.from(await job.run(1));
    const firstStepMs = performance.now() - begun;
    const { pipelines } = callsBetween(before, callsSoFar());
    const more = phase === 'train' ? Array.from(await job.run(FIRST_LOSSES - 1)) : [];
    const result = [...first, ...more];
    const difference = differenceOf(phase, name, result, expected ?? result);
    await job.warm?.();
    await job.run(1);
    const ms = await msOf(() => job.run(1));
    const times = Math.max(1, Math.min(MOST_TIMES, Math.round((1000 * secondsPerRound) / ms)));
    const msPerRound = ms * times;
    return { name, job, result, difference, firstStepMs, pipelines, times, msPerRound };
  } catch (cause) {
    job.close();
    throw cause;
  }
}

/** How far a result is from the first engine's, which must not be far for losses. */
function differenceOf(
  phase: Phase,
  name: string,
  result: readonly number[],
  expected: readonly number[],
): number {
  if (phase === 'decode') {
    return result.filter((token, i) => token !== expected[i]).length / expected.length;
  }
  const worst = Math.max(...result.map((l, i) => Math.abs(l - expected[i]!) / expected[i]!));
  invariant(
    worst < SAME_LOSS,
    `${name} does not train the same model: its first losses are ${result.join(', ')}, expected ${expected.join(', ')}.`,
  );
  return worst;
}

/**
 * Times one phase on every engine: A B A B …, the same number of rounds each. Engines but the first are
 * left out where they fail or train another model.
 *
 * @param seconds aimed at per engine; slow engines take what three rounds of one step take
 */
export async function compare(
  engines: readonly Engine[],
  phase: Phase,
  work: Workload,
  seconds: number,
  callsSoFar: () => Calls,
  probe: Probe,
): Promise<{ readonly timings: Timing[]; readonly skipped: Skipped[] }> {
  const { flops } = workOf(work.config, phase);
  const entrants: Entrant[] = [];
  const skipped: Skipped[] = [];
  try {
    for (const engine of engines) {
      const first = entrants[0]?.result;
      try {
        entrants.push(await enter(engine, phase, work, seconds / MOST_ROUNDS, callsSoFar, first));
      } catch (cause) {
        if (!first) throw cause;
        const why = PlaygroundError.from(cause).message;
        skipped.push({ engine: engine.name, reason: `${work.config.name}, ${phase}: ${why}` });
      }
    }
    const slowest = Math.max(...entrants.map(({ msPerRound }) => msPerRound));
    const affordable = 2 * Math.floor((500 * seconds) / slowest) + 1; // odd: ratios are reciprocal
    const rounds = Math.max(FEWEST_ROUNDS, Math.min(MOST_ROUNDS, affordable));
    const runProbe = await entering(probe, seconds / MOST_ROUNDS);
    const { ms, calls, matmul } = await takeTurns(entrants, phase, rounds, callsSoFar, runProbe);
    const profiles: DispatchCost[][][] = [];
    for (const { job } of entrants) profiles.push(await profilesOf(job));
    const timings = entrants.map(
      ({ name, firstStepMs, pipelines, times, difference }, i): Timing => ({
        ...{ engine: name, firstStepMs, pipelines, rounds, difference },
        stepsPerRound: stepsIn(phase, times),
        msPerStep: median(ms[i]!),
        quartiles: [quantile(ms[i]!, 0.25), quantile(ms[i]!, 0.75)],
        calls: calls[i]!,
        matmulGflops: median(matmul),
        shareOfMatmul: median(ms[i]!.map((t, r) => flops / t / 1e6 / matmul[r]!)),
        ratios: Object.fromEntries(
          entrants.flatMap((other, j) =>
            i === j ? [] : [[other.name, median(ms[j]!.map((t, r) => t / ms[i]![r]!))]],
          ),
        ),
        profiles: profiles[i]!,
      }),
    );
    return { timings, skipped };
  } finally {
    for (const { job } of entrants) job.close();
  }
}

/** Finds how often the best product fits into a round. Then: GFLOP/s of such a round. */
async function entering({ flops, run }: Probe, seconds: number): Promise<() => Promise<number>> {
  const once = await msOf(() => run(1));
  const times = Math.max(1, Math.round((1000 * seconds) / once));
  return async () => (times * flops) / (await msOf(() => run(times))) / 1e6;
}

/**
 * Milliseconds per step of every round, and calls per step of the last, for each entrant; GFLOP/s of the
 * best product in every round.
 */
async function takeTurns(
  entrants: readonly Entrant[],
  phase: Phase,
  rounds: number,
  callsSoFar: () => Calls,
  runProbe: () => Promise<number>,
): Promise<{ ms: number[][]; calls: Calls[]; matmul: number[] }> {
  const ms = entrants.map((): number[] => []);
  const calls: Calls[] = [];
  const matmul: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [i, { job, times }] of entrants.entries()) {
      const steps = stepsIn(phase, times);
      const from = callsSoFar();
      ms[i]!.push((await msOf(() => job.run(times))) / steps);
      calls[i] = perStep(callsBetween(from, callsSoFar()), steps);
      if (i === 0) matmul.push(await runProbe());
    }
  }
  return { ms, calls, matmul };
}

async function profilesOf(job: Job): Promise<DispatchCost[][]> {
  const profiles: DispatchCost[][] = [];
  for (let i = 0; job.profile && i < PROFILES; i++) profiles.push(await job.profile());
  return profiles;
}

const stepsIn = (phase: Phase, times: number): number =>
  phase === 'train' ? times : times * NEW_TOKENS;

const perStep = (calls: Calls, steps: number): Calls => ({
  dispatches: calls.dispatches / steps,
  submits: calls.submits / steps,
  pipelines: calls.pipelines / steps,
  objects: calls.objects / steps,
});
