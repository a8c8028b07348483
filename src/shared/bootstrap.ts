/** Intervals of a success rate, or of two rates' difference, over seeds and prompts, by resampling both. */
import { quantile } from './quantile';
import { rng, type Rng } from './rng';

const DRAWS = 2000;
const LEVEL = 0.95;

/** A mean and the interval that holds `level` of its resampled values. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What one seed came to: so many of its prompts were solved. */
export interface Solved {
  readonly solved: number;
  readonly prompts: number; // at least 1
}

/**
 * The mean over seeds of the share solved, with its percentile interval: seeds are drawn with
 * replacement, then prompts within each, since every seed has prompts of its own. n prompts drawn
 * from n of which a share p is solved are solved Bin(n, p) times, which is drawn at once. The same
 * counts always give the same interval.
 *
 * Source: Efron & Tibshirani 1993, ch. 13 (percentile); Davison & Hinkley 1997, § 3.8 (nested data).
 *
 * @param seeds at least one
 */
export const bootstrap = (seeds: readonly Solved[], options?: Options): Interval =>
  overSeeds(seeds.map(shareOf), options);

/**
 * The same of a difference: a seed that is drawn is drawn for both. Their prompts are drawn apart,
 * although they are the same ones, so the interval is rather too wide.
 *
 * @param pairs what both came to with each seed; at least one
 */
export const bootstrapDifference = (
  pairs: readonly (readonly [Solved, Solved])[],
  options?: Options,
): Interval =>
  overSeeds(
    pairs.map(([one, other]): Share => {
      const [a, b] = [shareOf(one), shareOf(other)];
      return { value: a.value - b.value, draw: (random) => a.draw(random) - b.draw(random) };
    }),
    options,
  );

interface Options {
  readonly draws?: number;
  readonly level?: number;
}

/** What a seed came to, and what it would have with other prompts. */
interface Share {
  readonly value: number;
  readonly draw: (random: Rng) => number;
}

function shareOf(solved: Solved): Share {
  const chances = binomial(solved);
  return {
    value: solved.solved / solved.prompts,
    draw: (random) => firstAbove(chances, random.uniform()) / solved.prompts,
  };
}

function overSeeds(
  seeds: readonly Share[],
  { draws = DRAWS, level = LEVEL }: Options = {},
): Interval {
  const random = rng(0);
  const means = Float64Array.from({ length: draws }, () => {
    let sum = 0;
    for (let s = 0; s < seeds.length; s++) sum += random.pick(seeds).draw(random);
    return sum / seeds.length;
  });
  const tail = (1 - level) / 2;
  return {
    mean: seeds.reduce((sum, { value }) => sum + value, 0) / seeds.length,
    low: quantile(means, tail),
    high: quantile(means, 1 - tail),
  };
}

/** P(X ≤ k) of X ~ Bin(n, solved/n). [n+1] */
function binomial({ solved, prompts: n }: Solved): Float64Array {
  const odds = solved / (n - solved); // of a solved prompt; the mode is at `solved`
  const mass = new Float64Array(n + 1);
  mass[solved] = 1;
  for (let k = solved; k < n; k++) mass[k + 1] = ((mass[k]! * (n - k)) / (k + 1)) * odds;
  for (let k = solved; k > 0; k--) mass[k - 1] = (mass[k]! * k) / (n - k + 1) / odds;
  const total = mass.reduce((sum, m) => sum + m, 0);
  let below = 0;
  return mass.map((m) => (below += m / total));
}

/** Index of the first value above `u` in [0,1), or the last. */
function firstAbove(ascending: Float64Array, u: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! > u) high = middle;
    else low = middle + 1;
  }
  return low;
}
