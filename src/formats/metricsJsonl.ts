/** Training metrics as JSON lines, names as TRL has them. */

/** Columns of equal length, one row per optimizer step. */
export interface MetricColumns {
  readonly stage: string;
  readonly step: ArrayLike<number>;
  readonly loss: ArrayLike<number>;
  readonly nll: ArrayLike<number>; //             nats per trained token
  readonly gradNorm: ArrayLike<number>;
  readonly learningRate: ArrayLike<number>;
  readonly tokensPerSecond: ArrayLike<number>;
  readonly stepMs: ArrayLike<number>;
}

/**
 * Text to append to metrics.jsonl. A number that JSON lacks (NaN, infinity) becomes null.
 *
 * @param tokensBefore tokens through the trunk before these steps; `num_tokens` counts on from it.
 */
export function metricLines(
  columns: MetricColumns,
  tokensBefore: number,
): { text: string; tokens: number } {
  let text = '';
  let tokens = tokensBefore;
  for (let i = 0; i < columns.step.length; i++) {
    const seconds = columns.stepMs[i]! / 1000;
    tokens += Math.round(columns.tokensPerSecond[i]! * seconds);
    text += `${JSON.stringify({
      stage: columns.stage,
      step: columns.step[i],
      loss: columns.loss[i],
      nll: columns.nll[i],
      grad_norm: columns.gradNorm[i],
      learning_rate: columns.learningRate[i],
      num_tokens: tokens,
      step_time: seconds,
    })}\n`;
  }
  return { text, tokens };
}

/** How a policy did on held-out prompts; shares by turn 1 … T. */
export interface EvaluationMetrics {
  readonly who: string;
  readonly step: number; // optimizer steps behind the policy
  readonly greedy: {
    readonly success: readonly number[];
    readonly correctionRate: readonly number[]; // NaN where nothing was attempted
    readonly uniqueAnswerRatio: number;
  };
  readonly entropy: number; // nats per answer token
  readonly kl?: number; //     nats per answer token
}

/** One line of metrics.jsonl for an evaluation. */
export function evaluationLine(evaluation: EvaluationMetrics): string {
  const { who, step, greedy, entropy, kl } = evaluation;
  const byTurn = (name: string, rates: readonly number[]): [string, number][] =>
    rates.map((rate, i) => [`eval/${name}@${i + 1}`, rate]);
  return `${JSON.stringify({
    stage: 'evaluate',
    step,
    who,
    ...Object.fromEntries(byTurn('success', greedy.success)),
    ...Object.fromEntries(byTurn('correction_rate', greedy.correctionRate)),
    'eval/unique_answer_ratio': greedy.uniqueAnswerRatio,
    entropy,
    kl,
  })}\n`;
}

/** What the rollouts of a run are like; docs/metrics.md has the formulas. */
export interface RolloutColumns {
  readonly tokens: number;
  readonly reward: number;
  readonly rewardStd: number;
  readonly fracRewardZeroStd: number;
  readonly entropy: number; // NaN where it cannot be told
  readonly essFraction: number;
  readonly weightMax: number;
  readonly weightOnWrong: number;
}

/** One line of metrics.jsonl for the rollouts of one policy, `step` optimizer steps behind it. */
export const rolloutLine = (r: RolloutColumns, step: number): string =>
  `${JSON.stringify({
    stage: 'rollout',
    step,
    reward: r.reward,
    reward_std: r.rewardStd,
    frac_reward_zero_std: r.fracRewardZeroStd,
    entropy: r.entropy,
    'drift/ess_fraction': r.essFraction,
    'drift/weight_max': r.weightMax,
    'drift/weight_on_wrong': r.weightOnWrong,
    num_tokens: r.tokens,
  })}\n`;
