import type { Heads } from '../attention/heads';

/** A cache as plain numbers. */
export interface KvRef {
  readonly keys: number[]; //   [R,T,Hkv·D]
  readonly values: number[]; // [R,T,Hkv·D]
}

/**
 * The cache after the keys and values of qkv [N,(H+2·Hkv)·D] were put at (row[n], position[n]), and
 * at the same position of the fan − 1 rows that follow.
 */
export function kvAppendRef(
  qkv: ArrayLike<number>,
  row: ArrayLike<number>,
  position: ArrayLike<number>,
  cache: KvRef,
  T: number,
  { H, Hkv, D }: Heads,
  fan = 1,
): KvRef {
  const keys = cache.keys.slice();
  const values = cache.values.slice();
  for (let n = 0; n < row.length; n++) {
    const k = n * (H + 2 * Hkv) * D + H * D;
    for (let r = row[n]!; r < row[n]! + fan; r++) {
      const to = (r * T + position[n]!) * Hkv * D;
      for (let c = 0; c < Hkv * D; c++) {
        keys[to + c] = qkv[k + c]!;
        values[to + c] = qkv[k + Hkv * D + c]!;
      }
    }
  }
  return { keys, values };
}
