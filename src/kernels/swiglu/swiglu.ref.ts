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

/** gate | up [N,2F] -> slopes [N,2F] = dy/dgate | dy/dup, y [N,F] = silu(gate) · up */
export function activationRef(gu: Numbers, F: number): { slopes: Float64Array; y: Float64Array } {
  const slopes = new Float64Array(gu.length);
  const y = new Float64Array(gu.length / 2);
  for (let i = 0; i < y.length; i++) {
    const at = Math.floor(i / F) * 2 * F + (i % F);
    const [gate, up] = [gu[at]!, gu[at + F]!];
    const s = sigmoid(gate);
    y[i] = silu(gate) * up;
    slopes[at] = up * (s + gate * s * sigmoid(-gate));
    slopes[at + F] = silu(gate);
  }
  return { slopes, y };
}

/** x [N,K], w [2F,K] -> gu [N,2F] = gate | up, its slopes [N,2F], y [N,F] */
export function swigluForwardRef(
  x: Numbers,
  w: Numbers,
  { N, K, F }: SwigluShape,
): { gu: Float64Array; slopes: Float64Array; y: Float64Array } {
  const gu = matmulForwardRef(x, w, { N, K, M: 2 * F });
  return { gu, ...activationRef(gu, F) };
}

/** dy [N,M], w [M,F], x [N,F] the activation, slopes [N,2F] -> dgu [N,2F], dw [slices,M,F] */
export function swigluBackwardRef(
  dy: Numbers,
  w: Numbers,
  x: Numbers,
  slopes: Numbers,
  { N, F, M }: SwigluBackwardShape,
  slices = 1,
): { dgu: Float64Array; dw: Float64Array } {
  const { dx, dw } = matmulBackwardRef(dy, w, x, { N, K: F, M }, slices);
  const dgu = Float64Array.from({ length: N * 2 * F }, (_, i) => {
    const n = Math.floor(i / (2 * F));
    return dx[n * F + (i % F)]! * slopes[i]!;
  });
  return { dgu, dw };
}
