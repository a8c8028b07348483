/** Source: the definition, y = x wᵀ; torch.nn.Linear without bias. */
import { rowsPerSlice } from '../testing/slices';

type Numbers = ArrayLike<number>;

/** N = rows, K = inputs, M = outputs. */
export interface MatmulShape {
  readonly N: number;
  readonly K: number;
  readonly M: number;
}

/** x [N,K], w [M,K], residual [N,M] -> y [N,M] */
export function matmulForwardRef(
  x: Numbers,
  w: Numbers,
  { N, K, M }: MatmulShape,
  residual?: Numbers,
): Float64Array {
  const y = new Float64Array(N * M);
  for (let n = 0; n < N; n++) {
    for (let m = 0; m < M; m++) {
      let sum = residual ? residual[n * M + m]! : 0;
      for (let k = 0; k < K; k++) sum += x[n * K + k]! * w[m * K + k]!;
      y[n * M + m] = sum;
    }
  }
  return y;
}

/** dy [N,M], w [M,K], x [N,K] -> dx [N,K], dw [slices,M,K] */
export function matmulBackwardRef(
  dy: Numbers,
  w: Numbers,
  x: Numbers,
  { N, K, M }: MatmulShape,
  slices = 1,
): { dx: Float64Array; dw: Float64Array } {
  const dx = new Float64Array(N * K);
  const dw = new Float64Array(slices * M * K);
  for (let n = 0; n < N; n++) {
    const slice = Math.floor(n / rowsPerSlice(N, slices)) * M * K;
    for (let m = 0; m < M; m++) {
      for (let k = 0; k < K; k++) {
        dx[n * K + k]! += dy[n * M + m]! * w[m * K + k]!;
        dw[slice + m * K + k]! += dy[n * M + m]! * x[n * K + k]!;
      }
    }
  }
  return { dx, dw };
}
