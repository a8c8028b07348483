/** Extents of the logits: M rows, V columns that count, stride columns in memory. */
interface LogitsShape {
  readonly M: number;
  readonly V: number;
  readonly stride: number;
}

/**
 * logits [M,stride], targets [M] (< 0 ignored) -> nll [M], lse [M], both in nats.
 *
 * Source: nll = −log softmax(logits)[target], by the definition of the softmax.
 */
export function crossEntropyForwardRef(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  { M, V, stride }: LogitsShape,
): { nll: Float64Array; lse: Float64Array } {
  const nll = new Float64Array(M);
  const lse = new Float64Array(M);
  for (let m = 0; m < M; m++) {
    let top = -Infinity;
    for (let v = 0; v < V; v++) top = Math.max(top, logits[m * stride + v]!);
    let sum = 0;
    for (let v = 0; v < V; v++) sum += Math.exp(logits[m * stride + v]! - top);
    lse[m] = top + Math.log(sum);
    const target = targets[m]!;
    if (target >= 0) nll[m] = Math.log(sum) + (top - logits[m * stride + target]!);
  }
  return { nll, lse };
}

/** Gradient of Σ coefficient·nll -> dlogits [M,stride]; 0 in padding columns and ignored rows. */
export function crossEntropyBackwardRef(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  coefficient: ArrayLike<number>,
  shape: LogitsShape,
): Float64Array {
  const { M, V, stride } = shape;
  const { lse } = crossEntropyForwardRef(logits, targets, shape);
  const dlogits = new Float64Array(M * stride);
  for (let m = 0; m < M; m++) {
    const target = targets[m]!;
    if (target < 0) continue;
    for (let v = 0; v < V; v++) {
      const probability = Math.exp(logits[m * stride + v]! - lse[m]!);
      dlogits[m * stride + v] = coefficient[m]! * (probability - (v === target ? 1 : 0));
    }
  }
  return dlogits;
}
