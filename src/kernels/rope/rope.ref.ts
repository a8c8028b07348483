import type { Heads } from '../attention/heads';

/**
 * Rotates the q and k heads of qkv [N,(H+2·Hkv)·D]; direction −1 turns back.
 *
 * Source: Su et al. 2021, eq. 34; pairs (i, i + D/2) as in Hugging Face's rotate_half, not (2i, 2i + 1).
 */
export function ropeRef(
  qkv: ArrayLike<number>,
  position: ArrayLike<number>,
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
