/**
 * partials [S,P] -> their sum grad [P], its norm, and the factor that clips it.
 *
 * Source: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks", Alg. 1.
 * Differs: 1e-6 is added to the norm, as torch.nn.utils.clip_grad_norm_ does.
 */
export function gradNormRef(
  partials: ArrayLike<number>,
  S: number,
  P: number,
  clip: number,
): { grad: Float64Array; norm: number; factor: number } {
  const grad = new Float64Array(P);
  for (let i = 0; i < P; i++) {
    for (let s = 0; s < S; s++) grad[i]! += partials[s * P + i]!;
  }
  let square = 0;
  for (let i = 0; i < P; i++) square += grad[i]! ** 2;
  const norm = Math.sqrt(square);
  return { grad, norm, factor: Math.min(1, clip / (norm + 1e-6)) };
}
