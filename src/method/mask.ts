/** Which tokens of packed trajectories are trained: those of the last answer, or of every answer. */
import type { MethodConfig } from '../config/methodConfig';

/** Packed rows: row r owns tokens offsets[r] … offsets[r+1]−1. */
export interface PackedTurns {
  readonly offsets: ArrayLike<number>; // [B+1]
  readonly turnOf: ArrayLike<number>; //  [N] 0 = context, t = token of answer t
  readonly turns: ArrayLike<number>; //   [B] answers given
}

/** 1 on every token that is a trained label, 0 on context: prompt, feedback, earlier answers. [N] */
export function trainedMask(
  { offsets, turnOf, turns }: PackedTurns,
  which: MethodConfig['turns'],
): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(turnOf.length);
  for (let r = 0; r < turns.length; r++) {
    const first = which === 'last' ? Math.max(turns[r]!, 1) : 1; // a row without answers trains none
    for (let n = offsets[r]!; n < offsets[r + 1]!; n++) mask[n] = Number(turnOf[n]! >= first);
  }
  return mask;
}

/** Trained tokens of each row. [B] */
export function trainedCounts(
  offsets: ArrayLike<number>,
  mask: ArrayLike<number>,
): Int32Array<ArrayBuffer> {
  const counts = new Int32Array(offsets.length - 1);
  for (let r = 0; r < counts.length; r++) {
    for (let n = offsets[r]!; n < offsets[r + 1]!; n++) counts[r]! += mask[n]!;
  }
  return counts;
}
