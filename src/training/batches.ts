import { paddedVocabulary } from '../model/params';
import type { PackedBatch } from '../model/transformer';

/** Sequences lying end to end, what is trained in them, and how much. */
export interface PackedRows {
  readonly offsets: Int32Array; // [B+1]
  readonly tokens: Int32Array; //  [N]
  readonly trained: Uint8Array; // [N] 1 = this token is a trained label
}

/** Tokens that a row takes in the trunk: all but the last, which predicts nothing. */
export const trunkTokens = (offsets: ArrayLike<number>, row: number): number =>
  offsets[row + 1]! - offsets[row]! - 1;

/**
 * Cuts the rows of one optimizer step into micro-batches of at most `mostTokens` trunk tokens; a row
 * longer than that stands alone. Their gradients add up to that of the whole.
 */
export function microBatches(
  offsets: ArrayLike<number>,
  rows: ArrayLike<number>,
  mostTokens: number,
): number[][] {
  const batches: number[][] = [];
  let held = Infinity;
  for (let i = 0; i < rows.length; i++) {
    const tokens = trunkTokens(offsets, rows[i]!);
    if (held + tokens > mostTokens) {
      batches.push([]);
      held = 0;
    }
    batches.at(-1)!.push(rows[i]!);
    held += tokens;
  }
  return batches;
}

/** Values of trained tokens [M] at their places among all tokens; 0 elsewhere. [N] */
export function scatter(
  trained: ArrayLike<number>,
  values: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  let m = 0;
  return Float32Array.from(trained, (is) => (is === 1 ? values[m++]! : 0));
}

/** Every row of the packed ones. */
export const allRows = ({ offsets }: PackedRows): number[] =>
  Array.from({ length: offsets.length - 1 }, (_, r) => r);

/**
 * Packs the given rows: the trunk runs on every token that predicts another, the head only where the
 * next token is trained.
 *
 * @param coefficient [N] c of every trained token of `from`; absent where there is no gradient
 */
export function packBatch(
  from: PackedRows,
  rows: readonly number[],
  vocabulary: number,
  coefficient?: ArrayLike<number>,
): PackedBatch {
  const N = rows.reduce((n, r) => n + trunkTokens(from.offsets, r), 0);
  const scored: { index: number; target: number; c: number }[] = [];
  const batch = {
    tokens: new Int32Array(N),
    position: new Int32Array(N),
    start: new Int32Array(N),
    end: new Int32Array(N),
  };
  let n = 0;
  rows.forEach((r) => {
    const first = from.offsets[r]!;
    const length = trunkTokens(from.offsets, r);
    const start = n;
    for (let t = 0; t < length; t++, n++) {
      batch.tokens[n] = from.tokens[first + t]!;
      batch.position[n] = t;
      batch.start[n] = start;
      batch.end[n] = start + length;
      if (from.trained[first + t + 1] === 0) continue;
      const c = coefficient?.[first + t + 1] ?? 0;
      scored.push({ index: n, target: from.tokens[first + t + 1]!, c });
    }
  });
  return {
    ...batch,
    ...sortedByToken(batch.tokens, paddedVocabulary(vocabulary)),
    index: Int32Array.from(scored, (s) => s.index),
    targets: Int32Array.from(scored, (s) => s.target),
    coefficient: Float32Array.from(scored, (s) => s.c),
  };
}

/** Counting sort: packed indices by token id, and where each id begins. */
function sortedByToken(
  tokens: Int32Array,
  V: number,
): { order: Int32Array<ArrayBuffer>; idStarts: Int32Array<ArrayBuffer> } {
  const idStarts = new Int32Array(V + 1);
  for (const id of tokens) idStarts[id + 1]! += 1;
  for (let v = 0; v < V; v++) idStarts[v + 1]! += idStarts[v]!;
  const next = idStarts.slice();
  const order = new Int32Array(tokens.length);
  tokens.forEach((id, n) => (order[next[id]!++] = n));
  return { order, idStarts };
}
