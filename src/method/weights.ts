/**
 * Importance weights: w = exp(R/β)/Ẑ, normalized within each prompt group to mean one.
 *
 * Source: Mu et al. 2026 (arXiv 2605.31455) and its published code. Differs: a NaN β and a return
 * that is not finite are refused instead of giving NaN weights.
 */
import { PlaygroundError } from '../shared/errors';
import { discountedReturn, formatPenalty, repeatPenalty, toText, type RolloutRow } from './returns';

const EPSILON = 1e-12; // added to Ẑ by the published code, so a group's mean is 1 − 1e-12

/** w_i = e_i / (mean_j e_j + ε), e_i = exp(R_i/β − max_j R_j/β), for one prompt group. */
export function driftWeights(returns: ArrayLike<number>, beta: number): Float64Array {
  if (!(beta > 0)) {
    throw new PlaygroundError('config-invalid', `β is ${beta}; it must be above 0.`, {
      'drift.beta': beta,
    });
  }
  const scaled = Float64Array.from(returns, (R) => R / beta);
  if (!scaled.every(Number.isFinite)) {
    throw new PlaygroundError(
      'file-invalid',
      'A return divided by β is not a finite number; check the rewards, or raise β.',
      { 'drift.beta': beta },
    );
  }
  const top = scaled.reduce((a, b) => Math.max(a, b), -Infinity);
  const tilted = scaled.map((s) => Math.exp(s - top));
  const partition = tilted.reduce((sum, e) => sum + e, 0) / tilted.length + EPSILON;
  return tilted.map((e) => e / partition);
}

/** (Σw)²/Σw²: how many equally weighted trajectories would be as informative; 0 for none. */
export function effectiveSampleSize(weights: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i]!;
    squares += weights[i]! ** 2;
  }
  return squares === 0 ? 0 : sum ** 2 / squares;
}

/** Row indices of each group, groups by first appearance, rows ascending; rows need not be adjacent. */
export function groupsOf(keys: ArrayLike<unknown>): number[][] {
  const groups = new Map<unknown, number[]>();
  for (let i = 0; i < keys.length; i++) {
    const group = groups.get(keys[i]);
    if (group) group.push(i);
    else groups.set(keys[i], [i]);
  }
  return [...groups.values()];
}

/** Weights of all rows: `driftWeights` within each group, in row order. */
export function weightsWithin(
  groups: readonly (readonly number[])[],
  returns: ArrayLike<number>,
  beta: number,
): Float64Array {
  const weights = new Float64Array(returns.length);
  for (const group of groups) {
    const own = driftWeights(
      group.map((i) => returns[i]!),
      beta,
    );
    group.forEach((i, j) => (weights[i] = own[j]!));
  }
  return weights;
}

export interface RowRules {
  readonly gamma: number;
  readonly beta: number; // return
  readonly lambda: number; // return
  /**
   * Whether `format_penalty` exists is asked of each row, or of the table: the published loader reads
   * JSON lines into a table, where a column that any row has exists for all. Default 'row'.
   */
  readonly presence?: 'row' | 'table';
}

/** R = discountedReturn + formatPenalty − repeatPenalty, and what it weighs within its group. */
export interface WeighedRow {
  readonly discountedReturn: number;
  readonly formatPenalty: number; // ≤ 0
  readonly repeatPenalty: number; // ≥ 0
  readonly return: number;
  readonly weight: number;
}

/**
 * Returns and weights of rows in the paper's format, in input order; a `weight` they carry is ignored.
 *
 * @throws PlaygroundError 'file-invalid' for a row without a prompt id, 'config-invalid' for β ≤ 0.
 * @public the rule on the paper's own rows, for rollouts that come from elsewhere; golden vectors test it.
 */
export function weighRows(rows: readonly RolloutRow[], rules: RowRules): WeighedRow[] {
  const hasField =
    rules.presence === 'table' ? rows.some((r) => Object.hasOwn(r, 'format_penalty')) : undefined;
  const parts = rows.map((row) => {
    const discounted = discountedReturn(row.turn_rewards, rules.gamma);
    const format = formatPenalty(row, hasField);
    const repeat = repeatPenalty(row.answer_norms, rules.lambda);
    return {
      discountedReturn: discounted,
      formatPenalty: format,
      repeatPenalty: repeat,
      return: discounted + format - repeat,
    };
  });
  const weights = weightsWithin(
    groupsOf(rows.map(promptId)),
    parts.map((p) => p.return),
    rules.beta,
  );
  return parts.map((p, i) => ({ ...p, weight: weights[i]! }));
}

/** The id as text, so that 1 and "1" name one group. */
function promptId(row: RolloutRow, index: number): string {
  const id = row.prompt_id ?? '';
  if (id === '') {
    throw new PlaygroundError('file-invalid', `Row ${index + 1} has no prompt_id; add one.`, {
      row: index + 1,
    });
  }
  return toText(id);
}
