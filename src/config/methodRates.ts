/** Where a method's learning rate may start from: what each does best with differs by up to ten. */
import { METHODS } from '../method/coefficients/registry';

export interface UsualRate {
  readonly rate: number; // of AdamW, after the warm-up
  readonly source: string; // one sentence
}

interface TaskRates {
  readonly offline: number; // DRIFT, SFT, and RFT but where it has its own
  readonly online: number; //  GRPO with 4 prompts a round
  readonly own?: Readonly<Record<string, number>>; // methods that were tuned by themselves
}

const alike = (names: readonly string[], rate: number): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, rate]));
const WEIGHTED = ['rwr', 'awr', 'dft', 'iw-sft'];
const FRESH = ['reinforce', 'rloo', 'reinforce++'];

/** The best of those tried on prompts kept for tuning, or as good as it: docs/results.md. */
const TUNED: ReadonlyMap<string, TaskRates> = new Map([
  [
    'facts',
    {
      offline: 3e-4,
      online: 2e-4,
      own: {
        ...alike(['rft', 'rest'], 1e-3),
        ...alike(WEIGHTED, 3e-4),
        ...alike(FRESH, 2e-4),
        ...{ dpo: 3e-4, kto: 1e-4 },
      },
    },
  ],
  [
    'boxes',
    {
      offline: 1e-3,
      online: 6e-4,
      own: { ...alike(['rest', ...WEIGHTED], 1e-3), ...alike(FRESH, 6e-4), dpo: 3e-4, kto: 1e-3 },
    },
  ],
  ['stain', { offline: 6e-4, online: 4e-4 }],
  ['hilo', { offline: 1e-3, online: 3.3e-4 }],
  ['sums', { offline: 6e-4, online: 2e-4 }],
]);
/** Tasks that were not tuned, and the one they are likest. */
const LIKE: ReadonlyMap<string, string> = new Map([['maze', 'boxes']]);
const PAIRED_RATE = 1e-4; // the upper end of what is usual for models of this size

/** Tuned on every task of the evidence. */
const TUNED_METHODS: ReadonlySet<string> = new Set([
  'drift',
  'iterated-drift',
  'sft',
  'rft',
  'grpo',
]);

/** The learning rate that a method starts from on a task; a task that is not listed is taken for facts. */
export function usualRate(task: string, method: string): UsualRate {
  const { settings = [], isSigned, promptsPerRound } = METHODS.get(method) ?? {};
  const like = TUNED.has(task) ? task : (LIKE.get(task) ?? 'facts');
  const { offline, online, own = {} } = TUNED.get(like)!;
  const isTuned = TUNED_METHODS.has(method) || Object.hasOwn(own, method);
  if (settings.includes('preference.beta') && !(isTuned && like === task)) {
    return { rate: PAIRED_RATE, source: 'Usual for DPO and KTO at this size; not tuned here.' };
  }
  const isOnline = isSigned && promptsPerRound; // advantages of fresh tries
  const rate = own[method] ?? (isOnline ? online : offline);
  const source = !isTuned
    ? `As ${isOnline ? 'GRPO' : 'DRIFT'} on ${like}; not tuned for this method.`
    : like !== task
      ? `As on ${like}; not tuned on this task.`
      : 'Among the best of those tried for this method on this task.';
  return { rate, source };
}
