import { RunConfig } from '../../config/runConfig';
import type { Task } from '../../data/task';
import { TASKS } from '../../data/tasks/registry';
import type { Gpu } from '../../gpu/gpu';
import { initialParams, paramLayout } from '../../model/params';
import { rng } from '../../shared/rng';
import type { PackedRows } from '../batches';
import { capacitiesOf, type Capacities } from '../memory';
import { PRETRAIN_RULES } from '../pretrain';
import { Trainer } from '../trainer';

/** A model and a run small enough for a software adapter: seconds, not minutes. */
export const TINY = RunConfig.parse({
  task: 'boxes',
  seed: 7,
  model: { layers: 1, channels: 16, heads: 2, kvHeads: 1, mlp: 32 },
  reference: { source: 'pretrain', steps: 12, batch: 16, warmupSteps: 4 },
  rollout: { prompts: 6, trajectories: 4 },
  optimizer: { batch: 8, learningRate: 1e-3, epochs: 1 },
  eval: { prompts: 12, every: 1 },
});

export const TINY_TASK: Task = TASKS.get(TINY.task)!;
export const TINY_CAPACITIES: Capacities = capacitiesOf(TINY, TINY_TASK, true);

/** A trainer with fresh parameters of the tiny model. */
export async function tinyTrainer(gpu: Gpu, mostTokens = 4096): Promise<Trainer> {
  const { shape } = TINY_CAPACITIES;
  const capacity = { tokens: mostTokens, scored: mostTokens };
  const rules = { ...PRETRAIN_RULES, weightDecay: 0.1 };
  const trainer = await Trainer.create(gpu, shape, capacity, rules);
  trainer.load(initialParams(paramLayout(shape), 1));
  return trainer;
}

/** Scripted dialogues as training rows. */
export function tinyRows(count: number): PackedRows {
  const dialogues = Array.from({ length: count }, (_, i) => TINY_TASK.dialogue(rng(3, 0, i)));
  const offsets = new Int32Array(count + 1);
  dialogues.forEach((d, i) => (offsets[i + 1] = offsets[i]! + d.tokens.length));
  return {
    offsets,
    tokens: Int32Array.from(dialogues.flatMap((d) => d.tokens)),
    trained: Uint8Array.from(dialogues.flatMap((d) => d.trained.map(Number))),
  };
}
