/** Sequences laid end to end: where each of the N tokens' own sequence begins and ends. */
export interface Packed {
  readonly N: number;
  readonly start: Int32Array<ArrayBuffer>; //    [N] packed index of the sequence's first token
  readonly end: Int32Array<ArrayBuffer>; //      [N] one past its last token
  readonly position: Int32Array<ArrayBuffer>; // [N] within the sequence
}

/** Packs sequences of the given lengths. */
export function packed(lengths: readonly number[]): Packed {
  const N = lengths.reduce((total, length) => total + length, 0);
  const start = new Int32Array(N);
  const end = new Int32Array(N);
  const position = new Int32Array(N);
  let from = 0;
  for (const length of lengths) {
    start.fill(from, from, from + length);
    end.fill(from + length, from, from + length);
    for (let t = 0; t < length; t++) position[from + t] = t;
    from += length;
  }
  return { N, start, end, position };
}
