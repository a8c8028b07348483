import { rowsPerSlice } from '../testing/slices';

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

/** dy [N,C], x [N,C], weight [C] -> dx [N,C], dweight [slices,C] */
export function rmsnormBackwardRef(
  dy: ArrayLike<number>,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  shape: RmsnormShape,
  slices = 1,
): { dx: Float64Array; dweight: Float64Array } {
  const { N, C } = shape;
  const { rstd } = rmsnormForwardRef(x, weight, shape);
  const dx = new Float64Array(N * C);
  const dweight = new Float64Array(slices * C);
  for (let n = 0; n < N; n++) {
    const r = rstd[n]!;
    const slice = Math.floor(n / rowsPerSlice(N, slices)) * C;
    let overlap = 0;
    for (let c = 0; c < C; c++) overlap += dy[n * C + c]! * weight[c]! * x[n * C + c]!;
    for (let c = 0; c < C; c++) {
      dx[n * C + c] = r * dy[n * C + c]! * weight[c]! - (r ** 3 * x[n * C + c]! * overlap) / C;
      dweight[slice + c]! += dy[n * C + c]! * x[n * C + c]! * r;
    }
  }
  return { dx, dweight };
}

/** Rows index[n] of x [any,C] -> [N,C] */
export function chosenRef(x: ArrayLike<number>, index: ArrayLike<number>, C: number): Float64Array {
  const rows = new Float64Array(index.length * C);
  for (let i = 0; i < rows.length; i++) rows[i] = x[index[Math.floor(i / C)]! * C + (i % C)]!;
  return rows;
}
