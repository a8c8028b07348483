/** Rows of each slice of a weight's gradient: see GradSlices. */
export const rowsPerSlice = (N: number, slices: number): number => 4 * Math.ceil(N / (4 * slices));

/** What a buffer of slices holds before: an earlier micro-batch, and something else in the gaps. */
export const BEFORE = 0.5;

/** Numbers from one slice of a parameter of `length` numbers to the next: a gap follows each. */
export const strideOf = (length: number): number => 64 * Math.ceil((length + 1) / 64);

/** The buffer after slices [S,length] were added to it. */
export function addedTo(slices: ArrayLike<number>, length: number): Float64Array {
  const stride = strideOf(length);
  const all = new Float64Array((slices.length / length) * stride).fill(BEFORE);
  for (let i = 0; i < slices.length; i++) {
    all[Math.floor(i / length) * stride + (i % length)]! += slices[i]!;
  }
  return all;
}
