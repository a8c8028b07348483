/**
 * What DRIFT's weights converge to, in closed form, for returns in {0,1}.
 *
 * With p the reference's success probability, everything depends on f = e^(−1/β), the weight of a
 * failure relative to a success. Source: the optimum of a KL-regularized return (Levine 2018, arXiv
 * 1805.00909) with R in {0,1}; p_K follows from weights that are normalized over K samples.
 */
import type { Rng } from '../shared/rng';
import { driftWeights } from './weights';

/** Closed-form values at reference success p and tilt β. */
export interface ExactTarget {
  /** p* = p/(p + (1−p)f): success of π* ∝ π_ref·exp(R/β). */
  readonly success: number;
  /** p_K = Σ_m Bin(m;K,p)·m/(m + (K−m)f): where training on groups of K ends; at most 1 − (1−p)^K. */
  readonly successOfK: number;
  /** ESS/K as K → ∞. */
  readonly essFraction: number;
  /** KL(π* ‖ π_ref), nats. */
  readonly kl: number;
  /** J* = β·log E exp(R/β), return. */
  readonly objective: number;
}

/** The optimum for 0 < p < 1, β > 0 and groups of K. */
export function exactTarget(p: number, beta: number, K: number): ExactTarget {
  const f = Math.exp(-1 / beta);
  const mean = p + (1 - p) * f; // E exp((R−1)/β); never 0, whatever β
  const success = p / mean;
  const logMean = Math.log(mean);
  return {
    success,
    successOfK: successOfK(p, f, K),
    essFraction: mean ** 2 / (p + (1 - p) * f ** 2),
    kl: success * -logMean + (1 - success) * (-1 / beta - logMean),
    objective: 1 + beta * logMean,
  };
}

function successOfK(p: number, f: number, K: number): number {
  let chance = (1 - p) ** K; // Bin(m;K,p), starting at m = 0
  let total = 0;
  for (let m = 1; m <= K; m++) {
    chance *= ((K - m + 1) / m) * (p / (1 - p));
    total += (chance * m) / (m + (K - m) * f);
  }
  return total;
}

/**
 * Share of all weight that falls on each of n outcomes when groups of K tries are drawn from their
 * probabilities: what one step of training is drawn to. With returns in {0,1} the solved ones have p_K
 * on average. Sums to 1.
 *
 * @param reference [n] probabilities of the outcomes; they need not add up to one
 * @param returns [n]
 */
export function weightedShares(
  reference: readonly number[],
  returns: readonly number[],
  { beta, K, groups }: { readonly beta: number; readonly K: number; readonly groups: number },
  random: Rng,
): Float64Array {
  const total = reference.reduce((sum, q) => sum + q, 0);
  const draw = (): number => {
    let u = random.uniform() * total;
    const at = reference.findIndex((q) => (u -= q) < 0);
    return at < 0 ? reference.length - 1 : at; // rounding
  };
  const shares = new Float64Array(reference.length);
  for (let g = 0; g < groups; g++) {
    const tries = Array.from({ length: K }, draw);
    const weights = driftWeights(
      tries.map((i) => returns[i]!),
      beta,
    );
    tries.forEach((i, k) => (shares[i]! += weights[k]! / (groups * K)));
  }
  return shares;
}
