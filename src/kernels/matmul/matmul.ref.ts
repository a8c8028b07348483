/** Source: the definition, y = x wᵀ; torch.nn.Linear without bias. */

/** N = rows, K = inputs, M = outputs. */
export interface MatmulShape {
  readonly N: number;
  readonly K: number;
  readonly M: number;
}

/** x [N,K], w [M,K], residual [N,M] -> y [N,M] */
export function matmulForwardRef(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  { N, K, M }: MatmulShape,
  residual?: ArrayLike<number>,
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

/** dy [N,M], w [M,K] -> dx [N,K] */
export function matmulBackwardInputRef(
  dy: ArrayLike<number>,
  w: ArrayLike<number>,
  { N, K, M }: MatmulShape,
): Float64Array {
  const dx = new Float64Array(N * K);
  for (let n = 0; n < N; n++) {
    for (let m = 0; m < M; m++) {
      for (let k = 0; k < K; k++) dx[n * K + k]! += dy[n * M + m]! * w[m * K + k]!;
    }
  }
  return dx;
}

/** dy [N,M], x [N,K] -> dw [slices,M,K]; slice s sums over its ceil(N/slices) rows. */
export function matmulBackwardWeightRef(
  dy: ArrayLike<number>,
  x: ArrayLike<number>,
  { N, K, M }: MatmulShape,
  slices = 1,
): Float64Array {
  const dw = new Float64Array(slices * M * K);
  const share = Math.ceil(N / slices);
  for (let n = 0; n < N; n++) {
    const slice = Math.floor(n / share) * M * K;
    for (let m = 0; m < M; m++) {
      for (let k = 0; k < K; k++) dw[slice + m * K + k]! += dy[n * M + m]! * x[n * K + k]!;
    }
  }
  return dw;
}
