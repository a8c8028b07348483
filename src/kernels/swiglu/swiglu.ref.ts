/** Source: Shazeer 2020, "GLU Variants Improve Transformer", SwiGLU with β = 1. */

/** N = rows, F = width. */
export interface SwigluShape {
  readonly N: number;
  readonly F: number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** gu [N,2F], gate | up -> y [N,F] */
export function swigluForwardRef(gu: ArrayLike<number>, { N, F }: SwigluShape): Float64Array {
  const y = new Float64Array(N * F);
  for (let n = 0; n < N; n++) {
    for (let f = 0; f < F; f++) {
      const gate = gu[n * 2 * F + f]!;
      const up = gu[n * 2 * F + F + f]!;
      y[n * F + f] = gate * sigmoid(gate) * up;
    }
  }
  return y;
}

/** gu [N,2F], dy [N,F] -> dgu [N,2F] */
export function swigluBackwardRef(
  gu: ArrayLike<number>,
  dy: ArrayLike<number>,
  { N, F }: SwigluShape,
): Float64Array {
  const dgu = new Float64Array(N * 2 * F);
  for (let n = 0; n < N; n++) {
    for (let f = 0; f < F; f++) {
      const gate = gu[n * 2 * F + f]!;
      const up = gu[n * 2 * F + F + f]!;
      const s = sigmoid(gate);
      dgu[n * 2 * F + f] = dy[n * F + f]! * up * (s + gate * s * sigmoid(-gate));
      dgu[n * 2 * F + F + f] = dy[n * F + f]! * gate * s;
    }
  }
  return dgu;
}
