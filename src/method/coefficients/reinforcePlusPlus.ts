/**
 * REINFORCE++: returns whitened over all answers of the round, PPO's clip, no critic.
 *
 * Differs: the KL penalty (src/method/klPenalty.ts) enters the return of the whole trajectory, not that
 * of each token; the round takes the place of the published global batch; answers count alike where the
 * publication counts tokens, which is the same but for task files with answers of several lengths.
 */
import { groupRows } from '../episodes';
import { mean } from '../mean';
import { costOf } from '../klPenalty';
import { RETURN, type Method } from './method';
import { clippedText, clippedTokens } from './ratio';

export const REINFORCE_PLUS_PLUS: Method = {
  name: 'reinforce++',
  title: 'REINFORCE++',
  formula({ online }) {
    const centered =
      online.baseline === 'group'
        ? 'R₀ = R − mean R of the group; A = (R₀ − mean R₀'
        : 'A = (R − mean R';
    return `${centered} of the round) / std; ${clippedText(online)}; ρ = π_θ/π_old${costOf(online.kl)}`;
  },
  source: 'Hu et al. 2025, arXiv 2501.03262',
  sentence: 'REINFORCE with returns scaled to one size over the round, and steps kept small.',
  settings: [
    'online.prompts',
    'online.passes',
    'online.baseline',
    'online.clipLow',
    'online.clipHigh',
    'online.kl',
    ...RETURN,
  ],
  isPooled: true,
  isSigned: true,
  isKlInReturn: true,
  trainsAllTurns: true,
  promptsPerRound: ({ online }) => online.prompts,
  needsReference: ({ online }) => online.kl > 0,
  averaging: () => ({ sequence: 'sum', batchRule: 'tokens' }),
  rowWeights(episodes, { returns }, { online }) {
    const raw = Float64Array.from(returns);
    if (online.baseline === 'group') {
      for (const rows of groupRows(episodes)) {
        const center = mean(rows.map((i) => returns[i]!));
        for (const i of rows) raw[i]! -= center;
      }
    }
    return whitened(raw, episodes.turns);
  },
  tokenWeights: (step, { online }) => clippedTokens(step, online),
};

const SMALLEST_VARIANCE = 1e-8; // as published

/** (x − mean)/std over tokens, of which a row has as many as `sizes` says in proportion. */
function whitened(values: Float64Array, sizes: ArrayLike<number>): Float64Array {
  const total = Array.from(sizes).reduce((a, b) => a + b, 0);
  const over = (f: (x: number) => number): number =>
    values.reduce((sum, x, i) => sum + sizes[i]! * f(x), 0) / total;
  const center = over((x) => x);
  const deviation = Math.sqrt(
    Math.max(
      over((x) => (x - center) ** 2),
      SMALLEST_VARIANCE,
    ),
  );
  return values.map((x) => (x - center) / deviation);
}
