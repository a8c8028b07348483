/** How far a value may be from what is expected: |got − want| ≤ atol + rtol·|want|. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** The worst element outside the tolerance, as text; undefined when all are inside. NaN is always outside. */
export function worstMismatch(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { rtol, atol }: Tolerance,
): string | undefined {
  if (got.length !== want.length) return `length ${got.length}, expected ${want.length}`;
  let worst = -1;
  let excess = 0;
  for (let i = 0; i < want.length; i++) {
    const error = Math.abs(got[i]! - want[i]!);
    const over = Number.isNaN(error) ? Infinity : error / (atol + rtol * Math.abs(want[i]!));
    if (over > 1 && over > excess) {
      worst = i;
      excess = over;
    }
  }
  if (worst < 0) return undefined;
  return `element ${worst}: got ${got[worst]}, expected ${want[worst]} (${excess.toPrecision(3)} × tolerance)`;
}

/** ‖got − want‖ / ‖want‖, 0 for two zero vectors. */
export function relativeDistance(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < want.length; i++) {
    difference += (got[i]! - want[i]!) ** 2;
    norm += want[i]! ** 2;
  }
  if (norm === 0) return difference === 0 ? 0 : Infinity;
  return Math.sqrt(difference / norm);
}

/** Central differences of `f` at `x`, one coordinate at a time. */
export function numericGradient(
  f: (x: Float64Array) => number,
  x: Float64Array,
  h = 1e-5,
): Float64Array {
  return x.map((_, i) => {
    const up = x.slice();
    up[i]! += h;
    const down = x.slice();
    down[i]! -= h;
    return (f(up) - f(down)) / (2 * h);
  });
}

/**
 * As `worstMismatch`, with a bound of its own for each element: what f32 may lose there.
 * A bound of 0 demands equality.
 */
export function worstBeyond(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  bound: (i: number) => number,
): string | undefined {
  if (got.length !== want.length) return `length ${got.length}, expected ${want.length}`;
  let message: string | undefined;
  let worst = 1;
  for (let i = 0; i < want.length; i++) {
    const error = Math.abs(got[i]! - want[i]!);
    const share = error === 0 ? 0 : error / bound(i);
    if (share <= worst) continue; // NaN is not
    worst = Number.isNaN(share) ? Infinity : share;
    message = `element ${i}: got ${got[i]}, expected ${want[i]} (${worst.toPrecision(3)} × bound)`;
  }
  return message;
}
