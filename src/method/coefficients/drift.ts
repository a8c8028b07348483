/**
 * DRIFT, as published, but for these points:
 * - a trajectory whose weight underflows to exactly 0 (β below about 0.0025) is left out of the
 *   batches, where the published code carries it along with a gradient of 0;
 * - training all answers, not only the last, and summing tokens are options (method.turns, .sequence);
 * - failed groups and small weights can be dropped (method.dropFailedGroups, .pruneBelow); off by default.
 */
import { AVERAGING, RETURN, type Method } from './method';

export const DRIFT: Method = {
  name: 'drift',
  title: 'DRIFT',
  formula: 'w = exp(R/β) / mean over the group of exp(R/β)',
  source: 'Mu et al. 2026, arXiv 2605.31455',
  sentence:
    'Every try counts, but the better ones among the tries at the same prompt count exponentially more.',
  settings: ['drift.beta', ...RETURN, ...AVERAGING, 'method.dropFailedGroups', 'method.pruneBelow'],
  rowWeights: (_, scores) => scores.weights,
};
