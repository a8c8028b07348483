/** Learning rate at optimizer step 1 … steps: a linear rise over `warmup` steps, then constant. */
export const constantWithWarmup = (step: number, peak: number, warmup: number): number =>
  peak * Math.min(1, step / Math.max(1, warmup));

/** Learning rate at optimizer step 1 … steps: a linear rise, then half a cosine down to a tenth. */
export function cosineWithWarmup(
  step: number,
  steps: number,
  peak: number,
  warmup: number,
): number {
  if (step <= warmup) return (peak * step) / Math.max(1, warmup);
  const done = (step - warmup) / Math.max(1, steps - warmup);
  return peak * (0.1 + 0.9 * 0.5 * (1 + Math.cos(Math.PI * done)));
}
