/** Source: the definition, y[m] = x[index[m]]; torch.index_select over rows. */

/** x [N,C], index [M] -> y [M,C] */
export function gatherRowsForwardRef(
  x: ArrayLike<number>,
  index: ArrayLike<number>,
  C: number,
): Float64Array {
  const y = new Float64Array(index.length * C);
  for (let m = 0; m < index.length; m++) {
    for (let c = 0; c < C; c++) y[m * C + c] = x[index[m]! * C + c]!;
  }
  return y;
}

/** dy [M,C], index [M] -> dx [N,C] */
export function gatherRowsBackwardRef(
  dy: ArrayLike<number>,
  index: ArrayLike<number>,
  { N, C }: { readonly N: number; readonly C: number },
): Float64Array {
  const dx = new Float64Array(N * C);
  for (let m = 0; m < index.length; m++) {
    for (let c = 0; c < C; c++) dx[index[m]! * C + c]! += dy[m * C + c]!;
  }
  return dx;
}
