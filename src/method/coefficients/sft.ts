/**
 * Supervised fine-tuning on the policy's own tries, good and bad alike: DRIFT as β → ∞.
 *
 * Differs: the usual SFT has demonstrations by somebody else; here all methods share one set of
 * trajectories, so that only the weights differ.
 */
import type { Method } from './method';

export const SFT: Method = {
  name: 'sft',
  title: 'SFT',
  formula: 'w = 1',
  source: 'Ouyang et al. 2022, arXiv 2203.02155, step 1',
  sentence: 'Every try counts the same, whether it was right or wrong.',
  rowWeights: (episodes) => new Float64Array(episodes.promptOf.length).fill(1),
};
