/**
 * Importance-weighted SFT: the solved tries, each weighted by how much likelier the policy has made it
 * since the reference sampled it; the bound on the reward that SFT ascends stays tight.
 *
 * Differs: the ratio is that of the mean token, as in the published code, not of the whole sequence.
 */
import { AVERAGING, logRatios, type Method } from './method';
import { demonstrations } from './sft';

export const IW_SFT: Method = {
  name: 'iw-sft',
  title: 'iw-SFT',
  formula: ({ method }) =>
    `c = min(exp(mean over its tokens of log π_θ − log π_ref), ${method.ratioCap}), held constant, if solved`,
  source: 'Qin & Springenberg 2025, arXiv 2507.12856',
  sentence: 'Only solved tries count, and more so the more the policy already takes to them.',
  settings: ['method.ratioCap', ...AVERAGING],
  needsReference: () => true,
  rowWeights: (episodes) => demonstrations(episodes, 'solved'),
  tokenWeights(step, { method }) {
    const ratios = logRatios(step, step.reference).map((sum, row) =>
      Math.min(Math.exp(sum / Math.max(1, step.counts[row]!)), method.ratioCap),
    );
    return (row) => step.weights[row]! * ratios[row]!;
  },
};
