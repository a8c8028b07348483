/** What a run's rollouts are like, as one row of its metrics; names and formulas in docs/metrics.md. */
import type { RunConfig } from '../config/runConfig';
import { methodOf } from './coefficients/methods';
import { groupRows, scoreEpisodes, summarizeScores, type Episodes } from './episodes';
import { rowWeights } from './loss';
import { mean, standardDeviation } from './mean';

/** Episodes with their packed tokens. */
export interface PlayedEpisodes extends Episodes {
  readonly turnOf: ArrayLike<number>; // [N] 0 = context, t = token of answer t
  readonly logp: ArrayLike<number>; //   [N] nats at temperature 1; NaN where unknown
}

export interface RolloutMetrics {
  readonly tokens: number; //             of all trajectories, context included
  readonly reward: number; //             mean return
  readonly rewardStd: number; //          of a group's returns, mean over groups
  readonly fracRewardZeroStd: number; //  share of groups whose returns are all alike
  readonly entropy: number; //            nats per answer token; NaN where it cannot be told
  readonly essFraction: number;
  readonly weightMax: number;
  readonly weightOnWrong: number;
}

const ZERO_STD = 1e-8; // what torch.isclose takes for 0

/**
 * Sums up all rollouts of a run under its weight settings.
 *
 * @param isDrawnPlainly whether they were sampled at temperature 1 without truncation: only then is
 *   −log-prob an unbiased estimate of the entropy
 */
export function rolloutMetrics(
  played: PlayedEpisodes,
  config: RunConfig,
  isDrawnPlainly: boolean,
): RolloutMetrics {
  const scores = scoreEpisodes(played, config.drift);
  const { returns } = scores;
  const weights = rowWeights(scores, played, config);
  const { essFraction, weightMax, weightOnWrong } = summarizeScores(played, { weights });
  const { isSigned } = methodOf(config); // then weights do not add up to anything
  const deviations = groupRows(played).map((rows) =>
    standardDeviation(rows.map((i) => returns[i]!)),
  );
  return {
    tokens: played.turnOf.length,
    reward: mean(returns),
    rewardStd: mean(deviations),
    fracRewardZeroStd: mean(deviations.map((std) => Number(std <= ZERO_STD))),
    entropy: isDrawnPlainly ? answerEntropy(played) : NaN,
    essFraction: isSigned ? NaN : essFraction,
    weightMax,
    weightOnWrong: isSigned ? NaN : weightOnWrong,
  };
}

/** Whether tokens are drawn from the policy's own distribution. */
export const isDrawnPlainly = ({ rollout: r }: Pick<RunConfig, 'rollout'>): boolean =>
  r.temperature === 1 && r.topK === 0 && r.topP === 1;

/** Mean of −log-prob over answer tokens: for tokens drawn plainly, the policy's entropy. Nats. */
export function answerEntropy({ turnOf, logp }: Pick<PlayedEpisodes, 'turnOf' | 'logp'>): number {
  let sum = 0;
  let count = 0;
  for (let n = 0; n < turnOf.length; n++) {
    if (turnOf[n] === 0) continue;
    sum -= logp[n]!;
    count += 1;
  }
  return sum / count;
}
