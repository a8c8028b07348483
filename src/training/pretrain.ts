import type { RunConfig } from '../config/runConfig';
import type { StepReport } from '../data/results';
import type { Dialogue, Task } from '../data/task';
import { rng, STREAM } from '../shared/rng';
import type { PackedRows } from './batches';
import { cosineWithWarmup } from './schedule';
import type { StepRows, Trainer } from './trainer';

/** AdamW of pretraining; the rest comes from the configuration's `reference` section. */
export const PRETRAIN_RULES = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1 } as const;

function packDialogues(dialogues: readonly Dialogue[]): PackedRows {
  const offsets = new Int32Array(dialogues.length + 1);
  dialogues.forEach((d, i) => (offsets[i + 1] = offsets[i]! + d.tokens.length));
  return {
    offsets,
    tokens: Int32Array.from(dialogues.flatMap((d) => d.tokens)),
    trained: Uint8Array.from(dialogues.flatMap((d) => d.trained.map(Number))),
  };
}

/** The dialogues of one pretraining step; the loss is their mean over answer tokens. */
function corpusBatch(task: Task, seed: number, step: number, batch: number): StepRows {
  const from = packDialogues(
    Array.from({ length: batch }, (_, i) =>
      task.dialogue(rng(seed, STREAM.corpus, step * batch + i)),
    ),
  );
  const trained = from.trained.reduce((n, t) => n + t, 0);
  return { from, coefficient: new Float64Array(from.tokens.length).fill(1 / trained) };
}

/**
 * Pretrains on scripted dialogues from the step that the trainer has reached.
 *
 * @param onStep awaited with every step's numbers, one step late; false stops after that step
 */
export async function pretrain(
  trainer: Trainer,
  task: Task,
  { seed, reference }: Pick<RunConfig, 'seed' | 'reference'>,
  onStep: (report: StepReport) => boolean | Promise<boolean>,
): Promise<void> {
  const { steps, batch, learningRate, warmupSteps } = reference;
  let pending: Promise<StepReport> | undefined;
  let goOn = true;
  while (goOn && trainer.step < steps) {
    const step = trainer.step + 1;
    const rate = cosineWithWarmup(step, steps, learningRate, warmupSteps);
    const { report } = await trainer.submit(corpusBatch(task, seed, step - 1, batch), rate);
    if (pending) goOn = await onStep(await pending);
    pending = report;
  }
  if (pending) await onStep(await pending);
}
