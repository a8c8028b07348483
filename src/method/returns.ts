/**
 * The return of a trajectory in the paper's row format: R = Σ_k γ^(k−1)·r_k + F − P.
 *
 * Source: Mu et al. 2026 (arXiv 2605.31455) and its published code. Differs: a value that is or
 * becomes infinite or NaN ("inf", "nan", "1e999") counts as 0 like any other junk; the published
 * float() lets it through, and one such row makes every weight of its group NaN.
 */
import { PlaygroundError } from '../shared/errors';

/** A trajectory as a line of JSON gives it: nothing about its values is known. */
export type RolloutRow = Readonly<Record<string, unknown>>;

const DIGITS = '\\d+(?:_\\d+)*'; // Python allows single underscores between digits
const PYTHON_FLOAT = new RegExp(
  `^[+-]?(?:${DIGITS}\\.?(?:${DIGITS})?|\\.${DIGITS})(?:e[+-]?${DIGITS})?$`,
  'i',
);

/** What Python's float() makes of a JSON value; 0 where it refuses or the result is not finite. */
function toNumber(value: unknown): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return Number.isFinite(value) ? value : 0;
  if (typeof value !== 'string') return 0;
  const text = value.trim();
  if (!PYTHON_FLOAT.test(text)) return 0; // also keeps out what only Number() reads: '', 0x10
  const number = Number(text.replaceAll('_', ''));
  return Number.isFinite(number) ? number : 0;
}

/** Text of a JSON value as Python's str() gives it, as far as JSON keeps it (7.0 arrives as 7). */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Σ_k γ^(k−1)·r_k over keys `t<k>`, ascending; other keys are ignored, and not a mapping gives 0. */
export function discountedReturn(turnRewards: unknown, gamma: number): number {
  if (typeof turnRewards !== 'object' || turnRewards === null || Array.isArray(turnRewards)) {
    return 0;
  }
  const turns = Object.entries(turnRewards)
    .filter(([key]) => /^t\d+$/.test(key))
    .map(([key, reward]) => ({ k: Number(key.slice(1)), reward: toNumber(reward) }))
    .sort((a, b) => a.k - b.k);
  if (gamma === 0 && turns[0]?.k === 0) {
    throw new PlaygroundError(
      'file-invalid',
      'Turn rewards start at t0, which has no value at γ = 0; number turns from t1.',
    );
  }
  return turns.reduce((sum, { k, reward }) => sum + gamma ** (k - 1) * reward, 0);
}

/** P = max(0, λ·(1 − U/N)): N entries, U distinct ones compared as text; empty and null are never new. */
export function repeatPenalty(answerNorms: unknown, lambda: number): number {
  if (!Array.isArray(answerNorms) || answerNorms.length === 0) return 0;
  const distinct = new Set(answerNorms.filter(isTruthy).map(toText));
  return Math.max(0, lambda * (1 - distinct.size / answerNorms.length));
}

/** Python's truth of a JSON value: empty lists and mappings are false too. */
const isTruthy = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);

/**
 * F (≤ 0, added): `format_penalty`, or `trajectory_penalty` where the former does not exist.
 *
 * @param hasField whether `format_penalty` exists; a table of rows decides it for all of them.
 */
export function formatPenalty(
  row: RolloutRow,
  hasField: boolean = Object.hasOwn(row, 'format_penalty'),
): number {
  const field = hasField ? 'format_penalty' : 'trajectory_penalty';
  return Object.hasOwn(row, field) ? toNumber(row[field]) : 0;
}
