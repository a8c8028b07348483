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

/** tokens [N], dy [N,C] -> dw [V,C] */
export function embeddingBackwardRef(
  tokens: ArrayLike<number>,
  dy: ArrayLike<number>,
  { V, C }: EmbeddingShape,
): Float64Array {
  const dw = new Float64Array(V * C);
  for (let n = 0; n < tokens.length; n++) {
    for (let c = 0; c < C; c++) dw[tokens[n]! * C + c]! += dy[n * C + c]!;
  }
  return dw;
}
