/** eval.json: how well the reference and the policy do on held-out prompts, and what it cost. */

const VERSION = 1;

/** Shares by turn 1 … T. */
interface Scores {
  readonly success: readonly number[];
  readonly correctionRate: readonly number[]; // NaN where nothing was attempted
  readonly uniqueAnswerRatio: number;
  readonly solvedAt?: readonly number[]; // by prompt, 0 = never
}

interface Evaluated {
  readonly step: number;
  readonly prompts: number;
  readonly greedy: Scores;
  readonly sampled: Scores; // temperature 1
  readonly kl?: number; // nats per answer token
}

interface Spent {
  readonly sampledTokens: number;
  readonly trainedTokens: number;
  readonly sequentialPasses: number;
  readonly roundTrips: number;
  readonly seconds: Readonly<Record<'pretrain' | 'rollout' | 'train' | 'evaluate', number>>;
}

export interface EvalReport {
  readonly task: string;
  readonly preset: string | undefined; // undefined where the configuration is a checkpoint's
  readonly seed: number;
  readonly split: string;
  readonly adapter: string;
  readonly reference: Evaluated;
  readonly policy: Evaluated;
  readonly costs: Spent;
}

/** Text of eval.json; a rate of nothing is null. */
export function encodeEval(report: EvalReport): string {
  const { task, preset, seed, split, adapter, reference, policy, costs } = report;
  const fields = {
    version: VERSION,
    task,
    preset: preset ?? null,
    seed,
    split,
    adapter,
    reference: scoreFields(reference),
    policy: { step: policy.step, ...scoreFields(policy), kl: policy.kl },
    sampled_tokens: costs.sampledTokens,
    trained_tokens: costs.trainedTokens,
    sequential_passes: costs.sequentialPasses,
    round_trips: costs.roundTrips,
    seconds: costs.seconds,
  };
  const text = JSON.stringify(fields, null, 2); // makes NaN null
  return `${onOneLine(text)}\n`;
}

/** The same JSON with every list of numbers on a line. */
const onOneLine = (json: string): string =>
  json.replaceAll(/\[[\s\d.,enul+-]*\]/g, (list) => list.replaceAll(/\s+/g, ' '));

const scoreFields = ({ prompts, greedy, sampled }: Evaluated) => ({
  prompts,
  success: greedy.success,
  success_sampled: sampled.success,
  correction_rate: greedy.correctionRate,
  unique_answer_ratio: greedy.uniqueAnswerRatio,
  solved_at: greedy.solvedAt,
  solved_at_sampled: sampled.solvedAt,
});
