/** Value at share `q` in [0,1] of the sorted numbers, in proportion between neighbors. */
export function quantile(numbers: Iterable<number>, q: number): number {
  const sorted = Float64Array.from(numbers).sort();
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (at % 1) * (sorted[Math.ceil(at)]! - low);
}

export const median = (numbers: Iterable<number>): number => quantile(numbers, 0.5);
