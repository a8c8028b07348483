import { trainedMask } from '../method/mask';
import { answerEntropy } from '../method/rolloutMetrics';
import { scoreSuccess } from '../data/metrics';
import type { Evaluation } from '../data/results';
import type { Prompt, Task } from '../data/task';
import { concatTrajectories, type Trajectories } from '../data/trajectories';
import type { Decoder, Sampling } from '../model/generate';
import { STREAM } from '../shared/rng';
import type { PackedRows } from './batches';
import { play } from './rollout';

export interface EvaluationSettings {
  readonly turns: number;
  readonly seed: number;
  readonly prompts: readonly Prompt[];
}

/** Scores the trained tokens of packed rows: log-probabilities in nats. [M] */
export type Score = (from: PackedRows) => Promise<Float32Array>;

/** Every answer token of trajectories, as rows that a scorer takes. */
export const answerRows = (t: Trajectories): PackedRows => ({
  offsets: t.offsets,
  tokens: t.tokens,
  trained: trainedMask(t, 'all'),
});

/** Plays held-out prompts greedily and at temperature 1 with the decoder's present parameters. */
export async function evaluatePolicy(
  decoder: Decoder,
  task: Task,
  { turns, seed, prompts }: EvaluationSettings,
  breathe: () => Promise<void>,
): Promise<{ scores: Omit<Evaluation, 'who' | 'step' | 'kl'>; sampled: Trajectories }> {
  const playAll = async (temperature: number): Promise<Trajectories> => {
    const sampling: Sampling = { temperature, topK: 0, topP: 1, seed, stream: STREAM.evalSample };
    const chunk = decoder.capacity.rows;
    const parts: Trajectories[] = [];
    for (let first = 0; first < prompts.length; first += chunk) {
      const some = prompts.slice(first, first + chunk);
      const settings = { trajectories: 1, turns, sampling, firstPrompt: first };
      parts.push((await play(decoder, task, some, settings, breathe)).trajectories);
    }
    return concatTrajectories(parts);
  };
  const greedy = await playAll(0);
  const sampled = await playAll(1);
  return {
    scores: {
      prompts: prompts.length,
      greedy: scoreSuccess(greedy, turns),
      sampled: scoreSuccess(sampled, turns),
      entropy: answerEntropy(sampled),
    },
    sampled,
  };
}

/**
 * KL(policy ‖ reference) in nats per answer token, estimated on trajectories that the policy sampled:
 * the mean of log π_θ − log π_ref.
 */
export async function klFromReference(sampled: Trajectories, score: Score): Promise<number> {
  const reference = await score(answerRows(sampled));
  let sum = 0;
  let count = 0;
  sampled.turnOf.forEach((turn, n) => {
    if (turn > 0) sum += sampled.logp[n]! - reference[count++]!;
  });
  return sum / count;
}
