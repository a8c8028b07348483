import { describe, expect, it } from 'vitest';
import { bootstrap, bootstrapDifference, type Solved } from './bootstrap';
import { rng } from './rng';

const of = (solved: number, prompts: number): Solved => ({ solved, prompts });

describe('bootstrap', () => {
  it('over the prompts of one seed gives the quantiles of the binomial distribution', () => {
    // Bin(100, 0.3): P(X ≤ 20) = .0165, P(X ≤ 21) = .0288; P(X ≤ 38) = .966, P(X ≤ 39) = .979
    const { mean, low, high } = bootstrap([of(30, 100)], { draws: 20_000 });
    expect(mean).toBeCloseTo(0.3, 12);
    expect([low, high].map((x) => Math.round(100 * x))).toEqual([21, 39]);
  });

  it('agrees with drawing seeds and then prompts one by one', () => {
    const seeds = [of(12, 40), of(30, 64), of(33, 50)];
    const random = rng(3);
    const draws = Array.from({ length: 20_000 }, () => {
      let sum = 0;
      for (let s = 0; s < seeds.length; s++) {
        const { solved, prompts } = random.pick(seeds);
        let hits = 0;
        for (let i = 0; i < prompts; i++) hits += Number(random.int(prompts) < solved);
        sum += hits / prompts / seeds.length;
      }
      return sum;
    }).sort((a, b) => a - b);
    const { low, high } = bootstrap(seeds, { draws: 20_000 });
    expect(Math.abs(low - draws[500]!)).toBeLessThan(0.01); // some 3 standard errors
    expect(Math.abs(high - draws[19_500]!)).toBeLessThan(0.01);
  });

  it('over seeds without spread inside gives the quantiles of the mean of n draws', () => {
    // the mean of two draws of {0, 1} is 0, ½, 1 with probability ¼, ½, ¼
    const seeds = [of(0, 8), of(8, 8)];
    expect(bootstrap(seeds, { level: 0.6 })).toEqual({ mean: 0.5, low: 0, high: 1 });
    expect(bootstrap(seeds, { level: 0.4 })).toEqual({ mean: 0.5, low: 0.5, high: 0.5 });
  });

  it('is wider over three seeds that differ than over their prompts pooled', () => {
    const nested = bootstrap([of(10, 50), of(25, 50), of(40, 50)]);
    const pooled = bootstrap([of(75, 150)]);
    expect(nested.mean).toBeCloseTo(pooled.mean, 12);
    expect(nested.high - nested.low).toBeGreaterThan(1.5 * (pooled.high - pooled.low));
  });

  it('counts every seed alike, holds for many prompts, and is the same each time', () => {
    expect(bootstrap([of(1, 1), of(0, 99)]).mean).toBe(0.5);
    expect(bootstrap([of(1, 1)])).toEqual({ mean: 1, low: 1, high: 1 });
    const many = bootstrap([of(2048, 4096)]); // 0.5 ± 1.96 · √(¼/4096)
    expect(many.low).toBeCloseTo(0.5 - 0.0153, 2);
    expect(bootstrap([of(2048, 4096)])).toEqual(many);
  });
});

describe('bootstrapDifference', () => {
  it('over the prompts of one seed has the variances of both', () => {
    // 0.3 − 0.5 of 400 prompts each: ± 1.96 · √((.3 · .7 + .5 · .5) / 400) = ± .0665
    const { mean, low, high } = bootstrapDifference([[of(120, 400), of(200, 400)]], {
      draws: 20_000,
    });
    expect(mean).toBeCloseTo(-0.2, 12);
    expect(low).toBeCloseTo(-0.2665, 2);
    expect(high).toBeCloseTo(-0.1335, 2);
  });

  it('draws both from the same seed, so what a seed does to both is no spread', () => {
    const alike = [0, 8, 8].map((solved) => [of(solved, 8), of(solved, 8)] as const);
    expect(bootstrapDifference(alike)).toEqual({ mean: 0, low: 0, high: 0 });
  });

  it('over seeds without spread inside gives the quantiles of the mean of n draws', () => {
    // the mean of two draws of {−1, 0} is −1, −½, 0 with probability ¼, ½, ¼
    const pairs = [
      [of(0, 8), of(8, 8)],
      [of(8, 8), of(8, 8)],
    ] as const;
    expect(bootstrapDifference(pairs, { level: 0.6 })).toEqual({ mean: -0.5, low: -1, high: 0 });
    expect(bootstrapDifference(pairs, { level: 0.4 })).toEqual({
      mean: -0.5,
      low: -0.5,
      high: -0.5,
    });
  });
});
