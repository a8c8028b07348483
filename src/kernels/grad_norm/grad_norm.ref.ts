/** Partial sums [slices,length] of a stretch of the gradient. */
export interface Sliced {
  readonly partials: ArrayLike<number>;
  readonly slices: number;
}

/**
 * Sums of the slices of each stretch, one after the other -> grad [P], its norm, and the factor that clips it.
 *
 * Source: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks", Alg. 1.
 * Differs: 1e-6 is added to the norm, as torch.nn.utils.clip_grad_norm_ does.
 */
export function gradNormRef(
  stretches: readonly Sliced[],
  clip: number,
): { grad: Float64Array; norm: number; factor: number } {
  const grad = Float64Array.from(
    stretches.flatMap(({ partials, slices }) => {
      const sums = Array.from({ length: partials.length / slices }, () => 0);
      for (let i = 0; i < partials.length; i++) sums[i % sums.length]! += partials[i]!;
      return sums;
    }),
  );
  const norm = Math.sqrt(grad.reduce((sum, g) => sum + g ** 2, 0));
  return { grad, norm, factor: Math.min(1, clip / (norm + 1e-6)) };
}
