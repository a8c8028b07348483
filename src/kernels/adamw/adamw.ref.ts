/** What one step updates in place: parameters and both moments, [P] each. */
export interface AdamwState {
  readonly param: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
}

export interface AdamwRefSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly decayed: number; // parameters before this index are decayed
}

/**
 * Step t = 1, 2, … of AdamW, in place, with the gradient scaled by `factor` (of the clip).
 *
 * Source: Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization", Alg. 2.
 * Differs: the decay is multiplied by the learning rate, as in PyTorch, and skips parameters from
 * `decayed` on.
 */
export function adamwStepRef(
  { param, m, v }: AdamwState,
  grad: ArrayLike<number>,
  factor: number,
  t: number,
  { learningRate, beta1, beta2, epsilon, weightDecay, decayed }: AdamwRefSettings,
): void {
  for (let i = 0; i < param.length; i++) {
    const g = factor * grad[i]!;
    m[i] = beta1 * m[i]! + (1 - beta1) * g;
    v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
    const mHat = m[i]! / (1 - beta1 ** t);
    const vHat = v[i]! / (1 - beta2 ** t);
    const decay = i < decayed ? weightDecay * param[i]! : 0;
    param[i]! -= learningRate * (mHat / (Math.sqrt(vHat) + epsilon) + decay);
  }
}
