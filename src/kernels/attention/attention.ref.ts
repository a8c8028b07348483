import { ropeRef } from '../qkv_rope/qkv_rope.ref';
import type { Heads } from './heads';

/**
 * Scaled dot-product attention with grouped queries, one score at a time.
 *
 * Source: Vaswani et al. 2017, eq. 1; Ainslie et al. 2023 (grouped queries: head h uses key-value
 * head floor(h / (H/Hkv)), as in Llama). Differs: sequences are packed end to end, without padding.
 */

type Numbers = ArrayLike<number>;

const dot = (a: Numbers, from: number, b: Numbers, at: number, D: number): number => {
  let sum = 0;
  for (let d = 0; d < D; d++) sum += a[from + d]! * b[at + d]!;
  return sum;
};

/** Softmax in place; returns the log of the sum of exponentials. */
function softmax(scores: Float64Array): number {
  const top = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const lse = top + Math.log(scores.reduce((sum, s) => sum + Math.exp(s - top), 0));
  scores.forEach((s, j) => (scores[j] = Math.exp(s - lse)));
  return lse;
}

/** Where the heads of token n begin in qkv. */
const offsets = ({ H, Hkv, D }: Heads, n: number, h: number) => {
  const row = n * (H + 2 * Hkv) * D;
  const g = Math.floor(h / (H / Hkv));
  return { q: row + h * D, k: row + (H + g) * D, v: row + (H + Hkv + g) * D };
};

/** P[j − start] for the tokens j = start … n that token n sees, and their lse. */
function probabilities(qkv: Numbers, heads: Heads, start: number, n: number, h: number) {
  const { D } = heads;
  const { q } = offsets(heads, n, h);
  const P = Float64Array.from(
    { length: n - start + 1 },
    (_, i) => dot(qkv, q, qkv, offsets(heads, start + i, h).k, D) / Math.sqrt(D),
  );
  const lse = softmax(P);
  return { P, lse };
}

/** qkv [N,(H+2·Hkv)·D], start [N] -> y [N,H·D], lse [N,H] in nats. */
export function attentionForwardRef(
  qkv: Numbers,
  start: Numbers,
  heads: Heads,
): { y: Float64Array; lse: Float64Array } {
  const { H, D } = heads;
  const N = start.length;
  const y = new Float64Array(N * H * D);
  const lse = new Float64Array(N * H);
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < H; h++) {
      const row = probabilities(qkv, heads, start[n]!, n, h);
      lse[n * H + h] = row.lse;
      row.P.forEach((p, i) => {
        const { v } = offsets(heads, start[n]! + i, h);
        for (let d = 0; d < D; d++) y[(n * H + h) * D + d]! += p * qkv[v + d]!;
      });
    }
  }
  return { y, lse };
}

/**
 * Gradient with respect to q and k as they were before their rotation by `base`, and to v, through the
 * Jacobian of the softmax. A rotation's transpose is its inverse.
 *
 * @returns delta [N,H] = sum_j P[j] dP[j], and dqkv [N,(H+2·Hkv)·D]
 */
export function attentionBackwardRef(
  qkv: Numbers,
  start: Numbers,
  dy: Numbers,
  heads: Heads,
  base: number,
): { delta: Float64Array; dqkv: Float64Array } {
  const { H, Hkv, D } = heads;
  const N = start.length;
  const delta = new Float64Array(N * H);
  const dqkv = new Float64Array(N * (H + 2 * Hkv) * D);
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < H; h++) {
      const { P } = probabilities(qkv, heads, start[n]!, n, h);
      const out = (n * H + h) * D;
      const { q } = offsets(heads, n, h);
      const dP = P.map((_, i) => dot(dy, out, qkv, offsets(heads, start[n]! + i, h).v, D));
      const mean = dot(P, 0, dP, 0, P.length);
      delta[n * H + h] = mean;
      P.forEach((p, i) => {
        const { k, v } = offsets(heads, start[n]! + i, h);
        const ds = (p * (dP[i]! - mean)) / Math.sqrt(D);
        for (let d = 0; d < D; d++) {
          dqkv[q + d]! += ds * qkv[k + d]!;
          dqkv[k + d]! += ds * qkv[q + d]!;
          dqkv[v + d]! += p * dy[out + d]!;
        }
      });
    }
  }
  const position = Array.from(start, (first, n) => n - first);
  return { delta, dqkv: ropeRef(dqkv, position, heads, base, -1) };
}

/** What `attentionCachedRef` reads besides the new tokens. */
export interface CacheRef {
  readonly keys: Numbers; //     [R,T,Hkv·D]
  readonly values: Numbers; //   [R,T,Hkv·D]
  readonly row: Numbers; //      [N]
  readonly position: Numbers; // [N]
  readonly T: number;
}

/** Queries q [N,H·D] of new tokens over a cache that holds their own keys and values -> y [N,H·D]. */
export function attentionCachedRef(q: Numbers, cache: CacheRef, heads: Heads): Float64Array {
  const { H, Hkv, D } = heads;
  const { keys, values, row, position, T } = cache;
  const N = row.length;
  const y = new Float64Array(N * H * D);
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < H; h++) {
      const g = Math.floor(h / (H / Hkv));
      const at = (j: number): number => ((row[n]! * T + j) * Hkv + g) * D;
      const P = Float64Array.from(
        { length: position[n]! + 1 },
        (_, j) => dot(q, (n * H + h) * D, keys, at(j), D) / Math.sqrt(D),
      );
      softmax(P);
      P.forEach((p, j) => {
        for (let d = 0; d < D; d++) y[(n * H + h) * D + d]! += p * values[at(j) + d]!;
      });
    }
  }
  return y;
}
