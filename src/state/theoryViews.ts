/** What theory says beside what training reached, as curves: all in percent of tries solved. */
import { CHANCES } from '../data/tasks/doors';
import { exactTarget } from '../method/theory';
import type { TheoryPoint, TheorySettings } from '../workers/contract';

const GRID = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
const percentOf = (shares: readonly number[]): number[] => shares.map((p) => 100 * p);

export interface TheoryCurves {
  /** Success of the reference, ascending: a grid, and the prompts that are trained. */
  readonly x: readonly number[];
  readonly optimum: readonly number[]; //    p*
  readonly fixedPoint: readonly number[]; // p_K
  readonly prompts: readonly number[]; //    x of the prompts
  readonly policy: readonly number[]; //     there; empty before there is a model
  /** Mean distance of the policy from p_K and from p*, as a share of tries solved. */
  readonly fromFixedPoint: number | undefined;
  readonly fromOptimum: number | undefined;
}

/** Chance of solving a prompt within so many turns, by the task's own numbers. */
const chancesWithin = (turns: number): number[] => CHANCES.map((p) => 1 - (1 - p) ** turns);

export function theoryCurves(
  { beta, K, turns }: TheorySettings,
  point: TheoryPoint | undefined,
): TheoryCurves {
  const prompts = point?.reference ?? chancesWithin(turns);
  const x = [...GRID, ...prompts].sort((a, b) => a - b);
  const exact = (at: readonly number[]) => at.map((p) => exactTarget(p, beta, K));
  const meanDistance = (targets: readonly number[]): number | undefined =>
    point &&
    point.policy.reduce((sum, q, i) => sum + Math.abs(q - targets[i]!) / targets.length, 0);
  const there = exact(prompts);
  const along = exact(x);
  return {
    x: percentOf(x),
    optimum: percentOf(along.map((e) => e.success)),
    fixedPoint: percentOf(along.map((e) => e.successOfK)),
    prompts: percentOf(prompts),
    policy: percentOf(point?.policy ?? []),
    fromFixedPoint: meanDistance(there.map((e) => e.successOfK)),
    fromOptimum: meanDistance(there.map((e) => e.success)),
  };
}
