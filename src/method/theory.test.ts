import { describe, expect, it } from 'vitest';
import { rng } from '../shared/rng';
import { exactTarget, weightedShares } from './theory';
import { driftWeights } from './weights';

describe('exactTarget', () => {
  // p, β, p*, p_16, ESS/K, KL, J*: worked out beforehand to six places.
  it.each([
    [0.02, 0.1, 0.99778, 0.276029, 0.020089, 3.887604, 0.60902],
    [0.1, 0.1, 0.999592, 0.81435, 0.100082, 2.298092, 0.769782],
    [0.1, 0.5, 0.450853, 0.389249, 0.422341, 0.407677, 0.247014],
    [0.3, 0.5, 0.760004, 0.731161, 0.498098, 0.44955, 0.535229],
    [0.6, 1.0, 0.80305, 0.794315, 0.853397, 0.094537, 0.708513],
  ])('p = %f, β = %f', (p, beta, success, successOfK, essFraction, kl, objective) => {
    const exact = exactTarget(p, beta, 16);
    expect(exact.success).toBeCloseTo(success, 6);
    expect(exact.successOfK).toBeCloseTo(successOfK, 6);
    expect(exact.essFraction).toBeCloseTo(essFraction, 6);
    expect(exact.kl).toBeCloseTo(kl, 6);
    expect(exact.objective).toBeCloseTo(objective, 6);
  });

  it('tends to best-of-K as β → 0, and ESS to p', () => {
    const exact = exactTarget(0.1, 1e-3, 16);
    expect(exact.successOfK).toBeCloseTo(1 - 0.9 ** 16, 12);
    expect(exact.essFraction).toBeCloseTo(0.1, 12);
  });

  it('tends to the reference as β → ∞', () => {
    const exact = exactTarget(0.3, 1e6, 16);
    expect(exact.success).toBeCloseTo(0.3, 5);
    expect(exact.successOfK).toBeCloseTo(0.3, 5);
    expect(exact.kl).toBeCloseTo(0, 9);
  });

  it('has p_K rise from the reference at K = 1 to p* as K → ∞', () => {
    const at = (K: number): number => exactTarget(0.2, 0.3, K).successOfK;
    const { success } = exactTarget(0.2, 0.3, 1);
    expect(at(1)).toBeCloseTo(0.2, 12);
    const rising = [1, 2, 4, 16, 64, 2000].map(at);
    expect(rising).toEqual(rising.toSorted((a, b) => a - b));
    expect(Math.abs(at(2000) - success)).toBeLessThan(1e-3); // bias of order 1/K
    expect(at(2000)).toBeLessThan(success);
  });

  it('J* = E_π* R − β·KL(π* ‖ π_ref)', () => {
    const exact = exactTarget(0.2, 0.4, 16);
    expect(exact.objective).toBeCloseTo(exact.success - 0.4 * exact.kl, 12);
  });
});

/** Weighted maximum likelihood of one success probability: the weighted share of successes. */
function fit(groups: number, weigh: (returns: readonly number[]) => ArrayLike<number>): number {
  const random = rng(8);
  let onSuccess = 0;
  let total = 0;
  for (let g = 0; g < groups; g++) {
    const returns = Array.from({ length: 16 }, () => Number(random.uniform() < 0.1));
    const weights = weigh(returns);
    for (let k = 0; k < 16; k++) {
      onSuccess += weights[k]! * returns[k]!;
      total += weights[k]!;
    }
  }
  return onSuccess / total;
}

describe('a bandit with p = .1, β = .5 and 50,000 groups of 16 (seed 8)', () => {
  const [p, beta, groups] = [0.1, 0.5, 50_000];
  const exact = exactTarget(p, beta, 16);

  it('lands on p_K with weights normalized within each group', () => {
    expect(Math.abs(fit(groups, (R) => driftWeights(R, beta)) - exact.successOfK)).toBeLessThan(
      0.01,
    );
  });

  it('lands on p* with weights normalized by the exact Z', () => {
    const Z = 1 - p + p * Math.exp(1 / beta);
    const weigh = (R: readonly number[]): number[] => R.map((r) => Math.exp(r / beta) / Z);
    expect(Math.abs(fit(groups, weigh) - exact.success)).toBeLessThan(0.01);
  });
});

describe('weightedShares', () => {
  const reference = [0.1, 0.04, 0.06, 0.5, 0.2]; // sums to .9: what cannot be read is left out
  const returns = [1, 0, 1, 0, 0];
  const p = 0.16 / 0.9;

  it.each([
    [1, 0.3],
    [4, 0.3],
    [16, 0.1],
    [16, 50],
  ])('has p_K on what is solved, and keeps ratios within (K = %i, β = %f, seed 5)', (K, beta) => {
    const groups = Math.round(200_000 / K);
    const shares = weightedShares(reference, returns, { beta, K, groups }, rng(5));
    const solved = shares[0]! + shares[2]!;
    expect(Math.abs(solved - exactTarget(p, beta, K).successOfK)).toBeLessThan(0.01);
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    expect(Math.abs(shares[0]! / solved - 0.1 / 0.16)).toBeLessThan(0.02);
    expect(Math.abs(shares[3]! / (1 - solved) - 0.5 / 0.74)).toBeLessThan(0.02);
  });
});
