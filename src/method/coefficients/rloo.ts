/**
 * REINFORCE leave-one-out: each try is compared with the mean of the others at its prompt.
 *
 * The KL penalty is in the reward (src/method/klPenalty.ts). When a round takes several steps, a
 * sequence whose probability ratio has left 1 ± ε in the direction of its advantage has no gradient.
 */
import { groupRows } from '../episodes';
import { mean } from '../mean';
import { costOf } from '../klPenalty';
import { logRatios, RETURN, type Method } from './method';
import { clippedRatio, clippedText } from './ratio';

export const RLOO: Method = {
  name: 'rloo',
  title: 'RLOO',
  formula: ({ online }) =>
    `A = R − mean R of the other tries at the prompt; ${clippedText(online)}; ρ = π_θ/π_old of the try${costOf(online.kl)}`,
  source: 'Ahmadian et al. 2024, arXiv 2402.14740',
  sentence: 'Fresh tries better than the others at the same prompt are made likelier.',
  settings: [
    'online.prompts',
    'online.passes',
    'online.clipLow',
    'online.clipHigh',
    'online.kl',
    ...RETURN,
  ],
  isSigned: true,
  isKlInReturn: true,
  trainsAllTurns: true,
  promptsPerRound: ({ online }) => online.prompts,
  needsReference: ({ online }) => online.kl > 0,
  averaging: () => ({ sequence: 'sum', batchRule: 'rows' }),
  rowWeights(episodes, { returns }) {
    const advantages = new Float64Array(returns.length);
    for (const rows of groupRows(episodes)) {
      const center = mean(rows.map((i) => returns[i]!));
      const K = rows.length;
      for (const i of rows) advantages[i] = K > 1 ? (K / (K - 1)) * (returns[i]! - center) : 0;
    }
    return advantages;
  },
  tokenWeights(step, { online }) {
    const ratios = logRatios(step, step.sampled).map(Math.exp);
    return (row) => clippedRatio(ratios[row]!, step.weights[row]!, online);
  },
};
