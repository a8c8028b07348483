/**
 * Source: Zhang & Sennrich 2019, "Root Mean Square Layer Normalization", eq. 4, without the bias.
 * Differs: ε = 1e-5 inside the root, as in Llama.
 */
const EPSILON = 1e-5;

/** N = rows, C = channels. */
export interface RmsnormShape {
  readonly N: number;
  readonly C: number;
}

/** x [N,C], weight [C] -> y [N,C], rstd [N] */
export function rmsnormForwardRef(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  { N, C }: RmsnormShape,
): { y: Float64Array; rstd: Float64Array } {
  const y = new Float64Array(N * C);
  const rstd = new Float64Array(N);
  for (let n = 0; n < N; n++) {
    let squares = 0;
    for (let c = 0; c < C; c++) squares += x[n * C + c]! ** 2;
    rstd[n] = 1 / Math.sqrt(squares / C + EPSILON);
    for (let c = 0; c < C; c++) y[n * C + c] = x[n * C + c]! * rstd[n]! * weight[c]!;
  }
  return { y, rstd };
}

/** dy [N,C], x [N,C], weight [C] -> dx [N,C] */
export function rmsnormBackwardRef(
  dy: ArrayLike<number>,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  shape: RmsnormShape,
): Float64Array {
  const { N, C } = shape;
  const { rstd } = rmsnormForwardRef(x, weight, shape);
  const dx = new Float64Array(N * C);
  for (let n = 0; n < N; n++) {
    const r = rstd[n]!;
    let overlap = 0;
    for (let c = 0; c < C; c++) overlap += dy[n * C + c]! * weight[c]! * x[n * C + c]!;
    for (let c = 0; c < C; c++) {
      dx[n * C + c] = r * dy[n * C + c]! * weight[c]! - (r ** 3 * x[n * C + c]! * overlap) / C;
    }
  }
  return dx;
}

/** dy [N,C], x [N,C] -> dweight [slices,C]; slice s sums over its ceil(N/slices) rows. */
export function rmsnormBackwardWeightRef(
  dy: ArrayLike<number>,
  x: ArrayLike<number>,
  shape: RmsnormShape,
  slices = 1,
): Float64Array {
  const { N, C } = shape;
  const { rstd } = rmsnormForwardRef(x, new Float64Array(C), shape);
  const dweight = new Float64Array(slices * C);
  const share = Math.ceil(N / slices);
  for (let n = 0; n < N; n++) {
    const slice = Math.floor(n / share) * C;
    for (let c = 0; c < C; c++) dweight[slice + c]! += dy[n * C + c]! * x[n * C + c]! * rstd[n]!;
  }
  return dweight;
}
