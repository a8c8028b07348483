/**
 * Rejection sampling fine-tuning: only solved trajectories, all alike.
 *
 * Differs: the published one removes duplicate solutions of a prompt; here every sample is kept.
 */
import type { Method } from './method';

export const RFT: Method = {
  name: 'rft',
  title: 'RFT',
  formula: 'w = 1 if solved, else 0',
  source: 'Yuan et al. 2023, arXiv 2308.01825',
  sentence: 'Only tries that ended in a right answer count, and they count the same.',
  rowWeights: (episodes) => Float64Array.from(episodes.solvedAt, (turn) => (turn > 0 ? 1 : 0)),
};
