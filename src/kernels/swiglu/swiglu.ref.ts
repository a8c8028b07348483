/** Source: Shazeer 2020, "GLU Variants Improve Transformer", SwiGLU with β = 1. */
import { matmulBackwardRef, matmulForwardRef } from '../matmul/matmul.ref';

type Numbers = ArrayLike<number>;

/** N = rows, K = inputs, F = width. */
export interface SwigluShape {
  readonly N: number;
  readonly K: number;
  readonly F: number;
}

/** N = rows, F = width, M = outputs of the layer after the activation. */
export interface SwigluBackwardShape {
  readonly N: number;
  readonly F: number;
  readonly M: number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const silu = (x: number): number => x * sigmoid(x);

/** x [N,K], w [2F,K], gate | up -> gu [N,2F], y [N,F] */
export function swigluForwardRef(
  x: Numbers,
  w: Numbers,
  { N, K, F }: SwigluShape,
): { gu: Float64Array; y: Float64Array } {
  const gu = matmulForwardRef(x, w, { N, K, M: 2 * F });
  return { gu, y: activationRef(gu, F) };
}

/** gu [N,2F] -> y [N,F] = silu(gate) · up */
export function activationRef(gu: Numbers, F: number): Float64Array {
  const y = new Float64Array(gu.length / 2);
  for (let i = 0; i < y.length; i++) {
    const [n, f] = [Math.floor(i / F), i % F];
    y[i] = silu(gu[n * 2 * F + f]!) * gu[n * 2 * F + F + f]!;
  }
  return y;
}

/** dy [N,M], w [M,F], x [N,F] the activation of gu [N,2F] -> dgu [N,2F], dw [slices,M,F] */
export function swigluBackwardRef(
  dy: Numbers,
  w: Numbers,
  x: Numbers,
  gu: Numbers,
  { N, F, M }: SwigluBackwardShape,
  slices = 1,
): { dgu: Float64Array; dw: Float64Array } {
  const { dx, dw } = matmulBackwardRef(dy, w, x, { N, K: F, M }, slices);
  const dgu = new Float64Array(N * 2 * F);
  for (let n = 0; n < N; n++) {
    for (let f = 0; f < F; f++) {
      const gate = gu[n * 2 * F + f]!;
      const up = gu[n * 2 * F + F + f]!;
      const s = sigmoid(gate);
      dgu[n * 2 * F + f] = dx[n * F + f]! * up * (s + gate * s * sigmoid(-gate));
      dgu[n * 2 * F + F + f] = dx[n * F + f]! * silu(gate);
    }
  }
  return { dgu, dw };
}
