/**
 * Dynamic fine-tuning: SFT whose tokens count as much as the policy already believes in them, which
 * takes back the 1/π that SFT's gradient has as a policy gradient.
 *
 * Differs: demonstrations are the policy's own tries (method.rows).
 */
import { AVERAGING, type Method } from './method';
import { demonstrations, WHICH } from './sft';

export const DFT: Method = {
  name: 'dft',
  title: 'DFT',
  formula: ({ method }) => `c = w·π_θ(token), held constant; w = ${WHICH[method.rows]}`,
  source: 'Wu et al. 2025, arXiv 2508.05629',
  sentence: 'Like SFT, but tokens that the policy finds unlikely are not forced upon it.',
  settings: ['method.rows', ...AVERAGING, 'method.dropFailedGroups'],
  rowWeights: (episodes, _, { method }) => demonstrations(episodes, method.rows),
  tokenWeights:
    ({ weights, policy }) =>
    (row, m) =>
      weights[row]! * Math.exp(policy[m]!),
};
