/**
 * Group relative policy optimization on whole episodes: one advantage for all answer tokens of all
 * turns, feedback left out. With rollout.turns 1 it is the published single-turn method.
 *
 * Normalizers (online.normalizer): 'rows' is the published mean of row means; 'tokens' is DAPO's, all
 * tokens of a step alike; 'longest' is Dr. GRPO's, a constant, which also leaves the deviation out.
 * Differs: a group of one has advantage 0, and a step of several minibatches averages over its own.
 */
import { groupRows } from '../episodes';
import { mean, standardDeviation } from '../mean';
import { RETURN, type Method } from './method';
import { clippedText, clippedTokens } from './ratio';

const SMALLEST_DEVIATION = 1e-4; // added to it, as TRL does

const AVERAGED = {
  rows: 'mean over each try, then over tries',
  tokens: 'mean over all tokens of the step',
  longest: 'sum over tokens / most a try can have',
} as const;

export const GRPO: Method = {
  name: 'grpo',
  title: 'GRPO',
  formula: ({ online, online: { normalizer, kl } }) =>
    [
      normalizer === 'longest'
        ? 'A = R − mean R of the group'
        : 'A = (R − mean R of the group) / (std + 1e-4)',
      `${clippedText(online)}${kl > 0 ? `; plus ${kl}·(π_ref/π_θ − 1)` : ''}; ρ = π_θ/π_old`,
      AVERAGED[normalizer],
    ].join('; '),
  source: 'Shao et al. 2024, arXiv 2402.03300; DAPO: 2503.14476; Dr. GRPO: 2503.20783',
  sentence:
    'Fresh tries are made likelier or less likely by how far they are above or below the others at the prompt.',
  settings: [
    'online.prompts',
    'online.passes',
    'online.normalizer',
    'online.clipLow',
    'online.clipHigh',
    'online.kl',
    ...RETURN,
  ],
  isSigned: true,
  trainsAllTurns: true,
  promptsPerRound: ({ online }) => online.prompts,
  needsReference: ({ online }) => online.kl > 0,
  averaging: ({ online: { normalizer } }) =>
    normalizer === 'rows'
      ? { sequence: 'mean', batchRule: 'rows' }
      : { sequence: 'sum', batchRule: normalizer },
  rowWeights(episodes, { returns }, { online }) {
    const advantages = new Float64Array(returns.length);
    for (const rows of groupRows(episodes)) {
      const own = rows.map((i) => returns[i]!);
      const center = mean(own);
      const scale =
        online.normalizer === 'longest' ? 1 : standardDeviation(own) + SMALLEST_DEVIATION;
      for (const i of rows) advantages[i] = (returns[i]! - center) / scale;
    }
    return advantages;
  },
  tokenWeights(step, { online }) {
    const clipped = clippedTokens(step, online);
    // d/d log π_θ of −k3, k3 = e^d − d − 1, d = log π_ref − log π_θ
    const pull = (m: number): number => Math.exp(step.reference[m]! - step.policy[m]!) - 1;
    return (row, m) => clipped(row, m) + (online.kl > 0 ? online.kl * pull(m) : 0);
  },
};
