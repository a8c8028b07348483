/**
 * From row weights to the coefficient of each token: L = Σ_i Σ_t c_i·CE_{i,t} over trained tokens.
 *
 * Source: Mu et al. 2026 (arXiv 2605.31455) and its published code, both batch rules. Differs: the
 * totals are those of the optimizer step, not of the micro-batch, so that cutting a step into
 * micro-batches and adding their gradients changes nothing.
 */
import type { MethodConfig } from '../config/runConfig';
import { METHODS } from './coefficients/methods';
import { groupRows, type Episodes, type Scores } from './episodes';

const SMALLEST_WEIGHT_SUM = 1e-8; // published guard of the 'weights' rule

/** What one optimizer step divides by. */
export interface BatchTotals {
  readonly rows: number;
  readonly weights: number; // Σ of row weights
}

/** Totals of the rows of one optimizer step. */
export const batchTotals = (rowWeights: ArrayLike<number>): BatchTotals => {
  let weights = 0;
  for (let i = 0; i < rowWeights.length; i++) weights += rowWeights[i]!;
  return { rows: rowWeights.length, weights };
};

/**
 * Coefficient of every trained token of each row: w_i, over the row's trained tokens ('mean') or not
 * ('sum'), over the step's rows ('rows') or its sum of weights ('weights'). [rows]
 */
export function tokenCoefficients(
  rowWeights: ArrayLike<number>,
  trainedTokens: ArrayLike<number>,
  totals: BatchTotals,
  rule: Pick<MethodConfig, 'sequence' | 'batchRule'>,
): Float64Array {
  const share =
    rule.batchRule === 'rows' ? totals.rows : Math.max(totals.weights, SMALLEST_WEIGHT_SUM);
  return Float64Array.from(rowWeights, (w, i) => {
    const length = rule.sequence === 'mean' ? Math.max(trainedTokens[i]!, 1) : 1;
    return w / length / share;
  });
}

/** Row weights of the configured method. [B] */
export const rowWeights = (
  scores: Scores,
  episodes: Episodes,
  method: MethodConfig,
): Float64Array => METHODS.get(method.name)!.rowWeights(episodes, scores);

/**
 * Indices of the rows that are trained, ascending: all but those of row weight exactly 0 (they have
 * no gradient), those below `pruneBelow`, and, if asked, those of groups that nobody solved. Weights
 * are those over all rows and stay as they are.
 */
export function selectRows(
  scores: Scores,
  episodes: Episodes,
  method: MethodConfig,
): Int32Array<ArrayBuffer> {
  const weights = rowWeights(scores, episodes, method);
  return Int32Array.from(
    groupRows(episodes)
      .filter((rows) => !method.dropFailedGroups || rows.some((i) => episodes.solvedAt[i]! > 0))
      .flat()
      .filter((i) => weights[i]! > 0 && weights[i]! >= method.pruneBelow),
  ).sort();
}
