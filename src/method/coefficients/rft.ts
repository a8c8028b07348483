/**
 * Rejection sampling fine-tuning: only solved trajectories, all alike.
 *
 * Differs: the published one removes duplicate solutions of a prompt; here every sample is kept.
 */
import { AVERAGING, type Method } from './method';
import { demonstrations } from './sft';

export const RFT: Method = {
  name: 'rft',
  title: 'RFT',
  formula: 'w = 1 if solved, else 0',
  source: 'Yuan et al. 2023, arXiv 2308.01825',
  sentence: 'Only tries that ended in a right answer count, and they count the same.',
  settings: AVERAGING,
  rowWeights: (episodes) => demonstrations(episodes, 'solved'),
};
