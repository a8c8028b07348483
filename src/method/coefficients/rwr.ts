/**
 * Reward-weighted regression: DRIFT's tilt with one normalizer for all prompts together, so that easy
 * prompts take the weight of hard ones.
 *
 * Differs: the published one is an EM step on immediate rewards of a continuous policy.
 */
import { driftWeights } from '../weights';
import { AVERAGING, RETURN, type Method } from './method';

export const RWR: Method = {
  name: 'rwr',
  title: 'RWR',
  formula: 'w = exp(R/β) / mean over all tries of exp(R/β)',
  source: 'Peters & Schaal 2007, ICML',
  sentence:
    'DRIFT normalized over the tries at all prompts together instead of each prompt’s: easy prompts win.',
  settings: ['drift.beta', ...RETURN, ...AVERAGING, 'method.dropFailedGroups', 'method.pruneBelow'],
  isPooled: true,
  rowWeights: (_, { returns }, { drift }) => driftWeights(returns, drift.beta),
};
