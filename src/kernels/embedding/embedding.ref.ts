/** Source: the definition, y[n] = w[tokens[n]]; torch.nn.Embedding. */

/** V = vocabulary, C = channels. */
export interface EmbeddingShape {
  readonly V: number;
  readonly C: number;
}

/** tokens [N], w [V,C] -> y [N,C] */
export function embeddingForwardRef(
  tokens: ArrayLike<number>,
  w: ArrayLike<number>,
  { C }: EmbeddingShape,
): Float64Array {
  const y = new Float64Array(tokens.length * C);
  for (let n = 0; n < tokens.length; n++) {
    for (let c = 0; c < C; c++) y[n * C + c] = w[tokens[n]! * C + c]!;
  }
  return y;
}

/**
 * tokens [N], dy [N,C] -> dw [slices,V,C]. Each slice has ⌈occurrences / slices⌉ of every token, the last
 * ones fewer.
 */
export function embeddingBackwardRef(
  tokens: ArrayLike<number>,
  dy: ArrayLike<number>,
  { V, C }: EmbeddingShape,
  slices = 1,
): Float64Array {
  const dw = new Float64Array(slices * V * C);
  const seen = new Int32Array(V);
  const share = Int32Array.from({ length: V }, (_, v) =>
    Math.ceil(Array.from(tokens).filter((t) => t === v).length / slices),
  );
  for (let n = 0; n < tokens.length; n++) {
    const v = tokens[n]!;
    const slice = Math.floor(seen[v]!++ / share[v]!);
    for (let c = 0; c < C; c++) dw[(slice * V + v) * C + c]! += dy[n * C + c]!;
  }
  return dw;
}
