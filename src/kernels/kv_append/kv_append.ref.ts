import type { Heads } from '../attention/heads';

/** A cache as plain numbers. */
export interface KvRef {
  readonly keys: number[]; //   [R,T,Hkv·D]
  readonly values: number[]; // [R,T,Hkv·D]
}

/** The cache after the keys and values of qkv [N,(H+2·Hkv)·D] were put at (row[n], position[n]). */
export function kvAppendRef(
  qkv: ArrayLike<number>,
  row: ArrayLike<number>,
  position: ArrayLike<number>,
  cache: KvRef,
  T: number,
  { H, Hkv, D }: Heads,
): KvRef {
  const keys = cache.keys.slice();
  const values = cache.values.slice();
  for (let n = 0; n < row.length; n++) {
    for (let c = 0; c < Hkv * D; c++) {
      const to = (row[n]! * T + position[n]!) * Hkv * D + c;
      const k = n * (H + 2 * Hkv) * D + H * D + c;
      keys[to] = qkv[k]!;
      values[to] = qkv[k + Hkv * D]!;
    }
  }
  return { keys, values };
}
