import { expect, it } from 'vitest';
import { FIRST_VISIT } from '../config/presets';
import { TASKS } from '../data/tasks/registry';
import type { Gpu } from '../gpu/gpu';
import { openTestGpu } from '../kernels/testing/testGpu';
import { Decoder } from '../model/generate';
import { initialParams, paramLayout } from '../model/params';
import { quantile } from '../shared/quantile';
import { allRows } from './batches';
import { answerRows } from './evaluate';
import { capacitiesOf } from './memory';
import { PRETRAIN_RULES } from './pretrain';
import { play } from './rollout';
import { Trainer } from './trainer';

const MOST_MS = 500;
const STEPS = 8;
const IN_PEACE = { retry: 2 }; // the machine may be doing something else

/** Collects how long each later submit takes until it is done, ms. */
function watchSubmits({ device: { queue } }: Gpu): Promise<number>[] {
  const times: Promise<number>[] = [];
  const submit = queue.submit.bind(queue);
  queue.submit = (buffers) => {
    const begun = performance.now();
    submit(buffers);
    times.push(queue.onSubmittedWorkDone().then(() => performance.now() - begun));
  };
  return times;
}

it('plays and trains the default preset in submits that end soon', IN_PEACE, async () => {
  const { config } = FIRST_VISIT;
  const task = TASKS.get(config.task)!;
  const { shape, train, decode } = capacitiesOf(config, task, true);
  const layout = paramLayout(shape);
  const gpu = await openTestGpu();
  const values = initialParams(layout, 1);
  const params = gpu.upload('params', [layout.total], values);
  const decoder = await Decoder.create(gpu, shape, layout, params, decode);
  const trainer = await Trainer.create(gpu, shape, train, { ...PRETRAIN_RULES, weightDecay: 0.1 });
  trainer.load(values);
  const sampling = { temperature: 1, topK: 0, topP: 1, seed: 1, stream: 1 };
  const { trajectories, turns } = config.rollout;
  const prompts = task.prompts('train', 4, 1); // 64 tries: a batch
  const settings = { trajectories, turns, sampling, firstPrompt: 0 };

  const times = watchSubmits(gpu);
  const { trajectories: tries } = await play(decoder, task, prompts, settings, async () => {});
  const from = answerRows(tries);
  const coefficient = new Float64Array(from.tokens.length).fill(1 / allRows(from).length);
  for (let i = 0; i < STEPS; i++) {
    await (
      await trainer.submit({ from, coefficient }, 1e-3)
    ).report;
  }
  const ms = await Promise.all(times);

  expect(ms.length).toBeGreaterThan(STEPS);
  expect(quantile(ms, 0.95)).toBeLessThanOrEqual(MOST_MS);
  gpu.destroy();
});
