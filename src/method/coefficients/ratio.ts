import type { RunConfig } from '../../config/runConfig';
import type { StepColumns } from './method';

/**
 * Derivative by log π_θ of min(ρA, clip(ρ, 1 − ε_low, 1 + ε_high)·A): ρA, or 0 once the ratio ρ has
 * gone beyond its bound in the direction in which the advantage A pushes it.
 *
 * Source: Schulman et al. 2017 (arXiv 1707.06347), eq. 7; bounds apart as in Yu et al. 2025 (DAPO).
 */
export function clippedRatio(
  ratio: number,
  advantage: number,
  { clipLow, clipHigh }: RunConfig['online'],
): number {
  const isBeyond = advantage > 0 ? ratio > 1 + clipHigh : ratio < 1 - clipLow;
  return isBeyond ? 0 : ratio * advantage;
}

/** The same for every token by itself. */
export const clippedTokens =
  ({ weights, policy, sampled }: StepColumns, online: RunConfig['online']) =>
  (row: number, m: number): number =>
    clippedRatio(Math.exp(policy[m]! - sampled[m]!), weights[row]!, online);

/** The same in words. */
export function clippedText({ clipLow, clipHigh }: RunConfig['online']): string {
  const [most, least] = [1 + clipHigh, 1 - clipLow].map((x) => Number(x.toPrecision(4)));
  return `c = ρA, but 0 where A > 0 and ρ > ${most} or A < 0 and ρ < ${least}`;
}
