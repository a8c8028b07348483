/** Where a method's learning rate may start from: what each does best with differs by up to ten. */
import { METHODS } from '../method/coefficients/registry';

export interface UsualRate {
  readonly rate: number; // of AdamW, after the warm-up
  readonly source: string; // one sentence
}

interface TaskRates {
  readonly offline: number; // weighted SFT: the best of two or three for DRIFT, SFT and RFT
  readonly online: number; //  the same for GRPO with 4 prompts a round, which collapses at the other
}

/** Tuned with another model of this size, 0.1 M parameters, on prompts kept for tuning. */
const TUNED: ReadonlyMap<string, TaskRates> = new Map([
  ['facts', { offline: 3e-4, online: 2e-4 }],
  ['boxes', { offline: 1e-3, online: 3e-4 }],
  ['stain', { offline: 6e-4, online: 2e-4 }],
  ['hilo', { offline: 1e-3, online: 3.3e-4 }],
]);
/** Tasks that were not tuned, and the one they are likest. */
const LIKE: ReadonlyMap<string, string> = new Map([
  ['maze', 'boxes'],
  ['sums', 'stain'],
]);
const PAIRED_RATE = 1e-4; // the upper end of what is usual for models of this size

const TUNED_METHODS: ReadonlySet<string> = new Set(['drift', 'sft', 'rft', 'grpo']);

/** The learning rate that a method starts from on a task; a task that is not listed is taken for facts. */
export function usualRate(task: string, method: string): UsualRate {
  const { settings = [], isSigned, promptsPerRound } = METHODS.get(method) ?? {};
  if (settings.includes('preference.beta')) {
    return { rate: PAIRED_RATE, source: 'Usual for DPO and KTO at this size; not tuned here.' };
  }
  const like = TUNED.has(task) ? task : (LIKE.get(task) ?? 'facts');
  const kind = isSigned && promptsPerRound ? 'online' : 'offline'; // advantages of fresh tries
  const { [kind]: rate } = TUNED.get(like)!;
  const model = kind === 'online' ? 'GRPO' : 'DRIFT';
  const source = !TUNED_METHODS.has(method)
    ? `As ${model} on ${like}; not tuned for this method.`
    : like !== task
      ? `As on ${like}; not tuned on this task.`
      : `Tuned for ${method === 'grpo' ? 'GRPO' : 'weighted fine-tuning'} on this task.`;
  return { rate, source };
}
