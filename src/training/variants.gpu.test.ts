/** Forms of kernels round differently; what is learned through them must not differ by more than that. */
import { expect, it } from 'vitest';
import { RunConfig } from '../config/runConfig';
import { TASKS } from '../data/tasks/registry';
import { openTestGpu } from '../kernels/testing/testGpu';
import { initialParams, paramLayout } from '../model/params';
import type { Variants } from '../shared/kernelForms';
import { capacitiesOf } from './memory';
import { pretrain, PRETRAIN_RULES } from './pretrain';
import { Trainer } from './trainer';

const STEPS = 200;
const SEEDS = [0, 1, 2];
const LAST = 10; // steps whose mean loss is compared
const SHARE = 0.02;

const CONFIG = RunConfig.parse({
  task: 'facts',
  model: { layers: 1, channels: 16, heads: 2, kvHeads: 1, mlp: 32 },
  reference: { source: 'pretrain', steps: STEPS, batch: 2, warmupSteps: 10 },
});
const TASK = TASKS.get(CONFIG.task)!;
const { shape } = capacitiesOf(CONFIG, TASK, true);

/** Mean loss of the last steps of a pretraining from each seed. */
async function losses(variants: Variants): Promise<number[]> {
  const gpu = await openTestGpu(variants);
  const capacity = { tokens: 1024, scored: 1024 };
  const trainer = await Trainer.create(gpu, shape, capacity, {
    ...PRETRAIN_RULES,
    weightDecay: CONFIG.reference.weightDecay,
  });
  await trainer.gradient.refine(); // else the first steps run in other tiles
  const start = await trainer.checkpoint();
  const means: number[] = [];
  for (const seed of SEEDS) {
    trainer.resume({ ...start, params: initialParams(paramLayout(shape), seed) });
    let sum = 0;
    await pretrain(trainer, TASK, { seed, reference: CONFIG.reference }, ({ step, loss }) => {
      if (step > STEPS - LAST) sum += loss;
      return true;
    });
    means.push(sum / LAST);
  }
  gpu.destroy();
  return means;
}

// Tiles and reductions by workgroup take minutes of barriers on a software adapter; they round alike.
it('every form has the loss of plain kernels after 200 steps within 2 %, three seeds', async () => {
  const plain = await losses({ reduce: 'serial', tile: 'invocation', store: 'f32' });
  expect(Math.max(...plain)).toBeLessThan(Math.log(TASK.vocabulary.length) - 0.5); // it has learned

  for (const others of [
    await losses({ reduce: 'subgroups', tile: 'quad', store: 'f32' }),
    await losses({ reduce: 'serial', tile: 'wide', store: 'f16' }),
  ]) {
    expect(others).not.toEqual(plain); // two forms, not one twice
    for (const [i, loss] of others.entries()) {
      expect(Math.abs(loss / plain[i]! - 1)).toBeLessThan(SHARE);
    }
  }
});
