import { qkvWidth, type Heads } from '../attention/heads';
import { matmulForwardRef } from '../matmul/matmul.ref';

type Numbers = ArrayLike<number>;

/**
 * Rotates the q and k heads of qkv [N,(H+2·Hkv)·D]; direction −1 turns back.
 *
 * Source: Su et al. 2021, eq. 34; pairs (i, i + D/2) as in Hugging Face's rotate_half, not (2i, 2i + 1).
 */
export function ropeRef(
  qkv: Numbers,
  position: Numbers,
  { H, Hkv, D }: Heads,
  base: number,
  direction: 1 | -1,
): Float64Array {
  const out = Float64Array.from(qkv);
  for (let n = 0; n < position.length; n++) {
    for (let head = 0; head < H + Hkv; head++) {
      for (let i = 0; i < D / 2; i++) {
        const angle = direction * position[n]! * Math.pow(base, (-2 * i) / D);
        const at = (n * (H + 2 * Hkv) + head) * D + i;
        const [a, b] = [qkv[at]!, qkv[at + D / 2]!];
        out[at] = a * Math.cos(angle) - b * Math.sin(angle);
        out[at + D / 2] = b * Math.cos(angle) + a * Math.sin(angle);
      }
    }
  }
  return out;
}

/** x [N,K], w [(H+2·Hkv)·D,K], position [N] -> qkv [N,(H+2·Hkv)·D] */
export function qkvRopeForwardRef(
  x: Numbers,
  w: Numbers,
  position: Numbers,
  heads: Heads,
  base: number,
): Float64Array {
  const N = position.length;
  const qkv = matmulForwardRef(x, w, { N, K: x.length / N, M: qkvWidth(heads) });
  return ropeRef(qkv, position, heads, base, 1);
}

/** A cache as plain numbers. */
export interface CacheRef {
  readonly keys: Float64Array; //   [R,T,Hkv·D]
  readonly values: Float64Array; // [R,T,Hkv·D]
  readonly T: number;
}

/**
 * Puts the keys and values of qkv [N,(H+2·Hkv)·D] at (row[n], position[n]) of the cache, and at the same
 * position of the fan − 1 rows that follow.
 *
 * @returns the queries [N,H·D]
 */
export function cacheRef(
  qkv: Numbers,
  row: Numbers,
  position: Numbers,
  { keys, values, T }: CacheRef,
  heads: Heads,
  fan = 1,
): Float64Array {
  const { H, Hkv, D } = heads;
  const y = new Float64Array(row.length * H * D);
  for (let n = 0; n < row.length; n++) {
    const q = n * qkvWidth(heads);
    const k = q + H * D;
    for (let c = 0; c < H * D; c++) y[n * H * D + c] = qkv[q + c]!;
    for (let r = row[n]!; r < row[n]! + fan; r++) {
      const to = (r * T + position[n]!) * Hkv * D;
      for (let c = 0; c < Hkv * D; c++) {
        keys[to + c] = qkv[k + c]!;
        values[to + c] = qkv[k + Hkv * D + c]!;
      }
    }
  }
  return y;
}
