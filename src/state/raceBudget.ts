/** How long a run of a race goes: cost names, what a budget allows, where it is evaluated. Pure. */
import { MAX_TRAJECTORIES } from '../config/caps';
import type { RunConfig } from '../config/runConfig';
import { MOST_EPOCHS } from '../config/trainingConfig';
import type { Trajectories } from '../data/trajectories';
import { isRefreshed, playedPrompts, roundPrompts } from '../method/coefficients/methods';
import type { Evaluation, RunEnd } from '../workers/contract';

/** The policy at a point of its run, and what it had cost. */
export interface RacePoint extends Pick<RunEnd, 'step' | 'totalSteps' | 'costs'> {
  readonly evaluation: Evaluation;
}

/** What can be spent. */
export type CostName =
  | 'steps'
  | 'sampledTokens'
  | 'trainedTokens'
  | 'sequentialPasses'
  | 'roundTrips'
  | 'seconds';

export const BUDGET_KINDS = [
  'epochs',
  'steps',
  'trainedTokens',
  'sampledTokens',
  'seconds',
] as const;

/** What a run may spend; 'epochs' lets it train for as long as its settings say. */
export interface Budget {
  readonly kind: (typeof BUDGET_KINDS)[number];
  readonly amount: number; // unused by 'epochs'
}

const EVALUATIONS = 8; // of a run, about
const SLACK = 4; // episodes of five turns that come to be solved at once, and steps that come to be quicker
const TIMED_STEPS = 4; // of a trial, after its first

/** What a run had spent at a point: all that it took, rollouts included, but for its reference. */
export function spent({ step, costs }: RacePoint, cost: CostName): number {
  if (cost === 'steps') return step;
  if (cost === 'seconds') return costs.seconds.rollout + costs.seconds.train;
  return costs[cost];
}

/** The same settings, evaluated after step `until` and nowhere before. */
export const withEvaluationAt = (config: RunConfig, until: number): RunConfig => ({
  ...config,
  eval: { ...config.eval, every: until },
});

/** As many of the prompts as were sampled with at most so many tokens, but at least one. */
export function promptsWithin(config: RunConfig, t: Trajectories, tokens: number): RunConfig {
  const used = new Float64Array(t.prompts.length);
  t.promptOf.forEach((prompt, row) => {
    for (let n = t.offsets[row]!; n < t.offsets[row + 1]!; n++) {
      if (t.turnOf[n]! > 0) used[prompt]! += 1;
    }
  });
  let left = tokens;
  let prompts = 0;
  while (prompts < used.length && (left -= used[prompts]!) >= 0) prompts++;
  if (prompts === used.length) return config;
  return { ...config, rollout: { ...config.rollout, prompts: Math.max(1, prompts) } };
}

/**
 * The settings to tell a budget of seconds with: as long as can be, so that the run itself is another,
 * which begins with compiled kernels.
 */
export function trialOf(config: RunConfig): RunConfig {
  const { optimizer, online } = config;
  if (isRefreshed(config)) return { ...config, online: { ...online, passes: mostPasses(config) } };
  return { ...config, optimizer: { ...optimizer, epochs: MOST_EPOCHS } };
}

/** Steps of a trial after its first, in which kernels compile; whole rounds of one that plays too. */
export function timedSteps(config: RunConfig, { step, totalSteps }: RacePoint): number {
  const perRound = isRefreshed(config)
    ? Math.ceil((totalSteps * roundPrompts(config)) / playedPrompts(config))
    : 1;
  return Math.min(totalSteps - step, perRound * Math.ceil(TIMED_STEPS / perRound));
}

/** Steps that a budget allows, told from the first, or from those after it where there are some. */
function stepsWithin(kind: CostName, amount: number, points: readonly RacePoint[]): number {
  const first = points[0]!;
  const second = points[1];
  const perStep = second
    ? (spent(second, kind) - spent(first, kind)) / (second.step - first.step)
    : trainingSpent(first, kind) / first.step;
  return Math.max(1, (amount - spent(first, kind) + trainingSpent(first, kind)) / perStep);
}

/**
 * The same settings with as many epochs as a budget of training allows, told from the first steps; the
 * run is ended when the budget is used up. Of seconds there are more epochs than told, since steps may
 * come to be quicker; the warm-up stays the share of the steps that were told.
 */
export function epochsWithin(
  config: RunConfig,
  { kind, amount }: Budget,
  points: readonly RacePoint[],
): RunConfig {
  if (kind === 'epochs' || kind === 'sampledTokens') return config;
  const { epochs, warmup } = config.optimizer;
  const perEpoch = points[0]!.totalSteps / epochs;
  const steps = stepsWithin(kind, amount, points);
  const isTimed = kind === 'seconds';
  const within = Math.min(MOST_EPOCHS, Math.ceil(((isTimed ? SLACK : 1) * steps) / perEpoch));
  const share = isTimed ? Math.min(1, steps / (within * perEpoch)) : 1;
  if (within === epochs && share === 1) return config;
  return { ...config, optimizer: { ...config.optimizer, epochs: within, warmup: warmup * share } };
}

/**
 * The same settings of a method that samples while it trains, with as many passes over its prompts as a
 * budget may take, told from the first steps. Tries grow shorter as it learns, so that there are more
 * passes than told; the warm-up stays the share of the steps that were told.
 */
export function passesWithin(
  config: RunConfig,
  { kind, amount }: Budget,
  points: readonly RacePoint[],
): RunConfig {
  if (kind === 'epochs') return config;
  const { optimizer, online } = config;
  const perPass = points[0]!.totalSteps / online.passes;
  const steps = stepsWithin(kind, amount, points);
  const wanted = Math.ceil(((kind === 'steps' ? 1 : SLACK) * steps) / perPass);
  const passes = Math.min(wanted, mostPasses(config));
  const share = Math.min(1, steps / (passes * perPass));
  if (passes === online.passes && (share === 1 || kind !== 'seconds')) return config;
  const warmup = optimizer.warmup * share;
  return { ...config, online: { ...online, passes }, optimizer: { ...optimizer, warmup } };
}

/** As many passes over its prompts as a run can make, at least one. */
function mostPasses({ rollout }: RunConfig): number {
  const room = Math.floor(MAX_TRAJECTORIES / (rollout.prompts * rollout.trajectories));
  return Math.max(1, Math.min(room, MOST_EPOCHS));
}

/** Steps until the next evaluation; 0 where the run is through, or its budget used up. */
export function nextLeg({ kind, amount }: Budget, points: readonly RacePoint[]): number {
  const last = points.at(-1)!;
  const before = points.at(-2);
  const left = last.totalSteps - last.step;
  const even = Math.min(left, Math.ceil(last.totalSteps / EVALUATIONS));
  if (left <= 0) return 0;
  if (kind === 'epochs') return even;
  if (kind === 'sampledTokens' && !before) return 1; // does training sample?
  const gained = before ? spent(last, kind) - spent(before, kind) : trainingSpent(last, kind);
  if (gained === 0) return even;
  const room = amount - spent(last, kind);
  if (room <= 0) return 0;
  const affordable = Math.ceil((room / gained) * (last.step - (before?.step ?? 0)));
  const share = Math.ceil((last.step + affordable) / EVALUATIONS);
  return Math.min(left, affordable, Math.max(1, share));
}

/** What a run had spent since its rollouts were complete. */
const trainingSpent = (point: RacePoint, cost: CostName): number =>
  spent(point, cost) - (cost === 'seconds' ? point.costs.seconds.rollout : 0);
