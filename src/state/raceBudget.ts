/** How long a run of a race goes: cost names, what a budget allows, where it is evaluated. Pure. */
import { MAX_TRAJECTORIES } from '../config/caps';
import type { RunConfig } from '../config/runConfig';
import type { Trajectories } from '../data/trajectories';
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

/** What a run may spend; 'epochs' lets it train for as long as its settings say. */
export interface Budget {
  readonly kind: 'epochs' | 'steps' | 'sampledTokens' | 'trainedTokens' | 'seconds';
  readonly amount: number; // unused by 'epochs'
}

const EVALUATIONS = 8; // of a run, about
const MOST_EPOCHS = 32; // the schema's, of passes too
const PASSES_SLACK = 4; // episodes of five turns that come to be solved at once, and a slow first step

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

/** Steps that a budget allows, told from the first. */
function stepsWithin(kind: CostName, amount: number, first: RacePoint): number {
  const perStep = trainingSpent(first, kind) / first.step;
  return first.step + (amount - spent(first, kind)) / perStep;
}

/**
 * The same settings with as many epochs as a budget of training allows, told from the first step; the
 * run is ended when the budget is used up.
 */
export function epochsWithin(
  config: RunConfig,
  { kind, amount }: Budget,
  first: RacePoint,
): RunConfig {
  if (kind === 'epochs' || kind === 'sampledTokens') return config;
  const { epochs } = config.optimizer;
  const wanted = Math.ceil(stepsWithin(kind, amount, first) / (first.totalSteps / epochs));
  const within = Math.min(MOST_EPOCHS, Math.max(1, wanted));
  if (within === epochs) return config;
  return { ...config, optimizer: { ...config.optimizer, epochs: within } };
}

/**
 * The same settings of a method that samples while it trains, with as many passes over its prompts as a
 * budget may take, told from the first step. Tries grow shorter as it learns, so that there are more
 * passes than told; the warm-up stays the share of the steps that were told.
 */
export function passesWithin(
  config: RunConfig,
  { kind, amount }: Budget,
  first: RacePoint,
): RunConfig {
  if (kind === 'epochs') return config;
  const { rollout, optimizer, online } = config;
  const perPass = first.totalSteps / online.passes;
  const steps = Math.max(1, stepsWithin(kind, amount, first));
  const room = Math.floor(MAX_TRAJECTORIES / (rollout.prompts * rollout.trajectories));
  const slack = kind === 'steps' ? 1 : PASSES_SLACK;
  const wanted = Math.ceil((slack * steps) / perPass);
  const passes = Math.max(1, Math.min(wanted, room, MOST_EPOCHS));
  if (passes === online.passes) return config;
  const warmup = optimizer.warmup * Math.min(1, steps / (passes * perPass));
  return { ...config, online: { ...online, passes }, optimizer: { ...optimizer, warmup } };
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
