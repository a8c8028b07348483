/**
 * Reinforced self-training: one Grow set, and Improve steps with a rising threshold; here an epoch is
 * an Improve step.
 *
 * Differs: each Improve step goes on from the policy of the one before with the same optimizer, and
 * the Grow set is not sampled again.
 */
import { AVERAGING, RETURN, type Method } from './method';

export const REST: Method = {
  name: 'rest',
  title: 'ReST',
  formula: ({ method: { threshold, thresholdRise: rise } }) =>
    `w = 1 if R > ${threshold}${rise === 0 ? '' : ` + ${rise}·(epoch − 1)`}, else 0`,
  source: 'Gulcehre et al. 2023, arXiv 2308.08998',
  sentence: 'Only tries above a threshold count, and every pass over them raises the threshold.',
  settings: ['method.threshold', 'method.thresholdRise', ...RETURN, ...AVERAGING],
  isByEpoch: true,
  rowWeights(_, { returns }, { method }, epoch) {
    const threshold = method.threshold + method.thresholdRise * (epoch - 1);
    return returns.map((R) => Number(R > threshold));
  },
};
