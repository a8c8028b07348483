/**
 * From row weights to the coefficient of each token: L = Σ_i Σ_t c_i·CE_{i,t} over trained tokens.
 *
 * Source: Mu et al. 2026 (arXiv 2605.31455) and its published code, both batch rules. Differs: the
 * totals are those of the optimizer step, not of the micro-batch, so that cutting a step into
 * micro-batches and adding their gradients changes nothing.
 */
import type { RunConfig } from '../config/runConfig';
import { forEachRow, type Averaging, type StepColumns } from './coefficients/method';
import { isRefreshed, methodOf, roundPrompts } from './coefficients/methods';
import { groupRows, type Episodes, type Scores } from './episodes';

const SMALLEST_WEIGHT_SUM = 1e-8; // published guard of the 'weights' rule

/** What one optimizer step divides by. */
export interface BatchTotals {
  readonly rows: number;
  readonly weights: number; // Σ of row weights
  readonly tokens: number; //  trained
  readonly longest: number; // trained tokens, if every row had the most that it can have
}

/**
 * Totals of the rows of one optimizer step.
 *
 * @param longest most trained tokens that a row can have
 */
export function batchTotals(
  weights: ArrayLike<number>,
  counts: ArrayLike<number>,
  longest: number,
): BatchTotals {
  const totals = { rows: counts.length, weights: 0, tokens: 0, longest: counts.length * longest };
  for (let i = 0; i < counts.length; i++) {
    totals.weights += weights[i]!;
    totals.tokens += counts[i]!;
  }
  return totals;
}

/**
 * What each row's tokens are divided by: its trained tokens ('mean') or not ('sum'), times the rows of
 * the step, its sum of weights, its tokens, or the most it could have. [B]
 */
export function rowDivisors(
  counts: ArrayLike<number>,
  totals: BatchTotals,
  { sequence, batchRule }: Averaging,
): Float64Array {
  const share =
    batchRule === 'weights' ? Math.max(totals.weights, SMALLEST_WEIGHT_SUM) : totals[batchRule];
  return Float64Array.from(counts, (n) => (sequence === 'mean' ? Math.max(n, 1) : 1) * share);
}

/**
 * Coefficient of every trained token of an optimizer step under the run's method. [M]
 *
 * @param longest most trained tokens that a row can have
 */
export function coefficients(
  step: StepColumns,
  config: RunConfig,
  longest: number,
): Float64Array<ArrayBuffer> {
  const method = methodOf(config);
  const averaging = method.averaging?.(config) ?? config.method;
  const totals = batchTotals(step.weights, step.counts, longest);
  const divisors = rowDivisors(step.counts, totals, averaging);
  const tokens = method.tokenWeights?.(step, config);
  const c = new Float64Array(totals.tokens);
  forEachRow(step, (row, from, to) => {
    for (let m = from; m < to; m++)
      c[m] = (tokens?.(row, m) ?? step.weights[row]!) / divisors[row]!;
  });
  return c;
}

/**
 * Row weights of the configured method in an epoch, from 1: of each round by itself, where the method
 * has rounds. [B]
 */
export function rowWeights(
  scores: Scores,
  episodes: Episodes,
  config: RunConfig,
  epoch = 1,
): Float64Array {
  const method = methodOf(config);
  if (!isRefreshed(config)) return method.rowWeights(episodes, scores, config, epoch);
  const groups = groupRows(episodes);
  const weights = new Float64Array(scores.returns.length);
  for (let at = 0; at < groups.length; at += roundPrompts(config)) {
    const rows = groups.slice(at, at + roundPrompts(config)).flat();
    const own = method.rowWeights(pick(episodes, rows), pickScores(scores, rows), config, epoch);
    rows.forEach((row, i) => (weights[row] = own[i]!));
  }
  return weights;
}

const pick = (e: Episodes, rows: readonly number[]): Episodes => ({
  promptOf: rows.map((i) => e.promptOf[i]!),
  turns: rows.map((i) => e.turns[i]!),
  solvedAt: rows.map((i) => e.solvedAt[i]!),
  answers: rows.map((i) => e.answers[i]!),
});

function pickScores(scores: Scores, rows: readonly number[]): Scores {
  const of = (column: Float64Array): Float64Array => Float64Array.from(rows, (i) => column[i]!);
  const { discounted, formatPenalty, repeatPenalty, returns, weights } = scores;
  return {
    discounted: of(discounted),
    formatPenalty: of(formatPenalty),
    repeatPenalty: of(repeatPenalty),
    returns: of(returns),
    weights: of(weights),
  };
}

/**
 * Indices of the rows that are trained, ascending: all but those of row weight exactly 0 (they have
 * no gradient), those below `pruneBelow`, and, if asked, those of groups that nobody solved. Weights
 * are those over all rows and stay as they are. What the method does not look at is not asked; one
 * with advantages trains every row.
 */
export function selectRows(
  weights: ArrayLike<number>,
  episodes: Episodes,
  config: RunConfig,
): Int32Array<ArrayBuffer> {
  const { settings, isSigned } = methodOf(config);
  if (isSigned) return Int32Array.from({ length: weights.length }, (_, i) => i);
  const { method } = config;
  const dropsFailed = method.dropFailedGroups && settings.includes('method.dropFailedGroups');
  const bound = settings.includes('method.pruneBelow') ? method.pruneBelow : 0;
  return Int32Array.from(
    groupRows(episodes)
      .filter((rows) => !dropsFailed || rows.some((i) => episodes.solvedAt[i]! > 0))
      .flat()
      .filter((i) => weights[i]! > 0 && weights[i]! >= bound),
  ).sort();
}
