import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '../config/presets';
import { capsOf } from '../config/caps';
import { RunConfig } from '../config/runConfig';
import { TASKS } from '../data/tasks/registry';
import type { Gpu } from '../gpu/gpu';
import { Plan } from '../gpu/plan';
import type { Tensor } from '../gpu/tensor';
import { openTestGpu } from '../kernels/testing/testGpu';
import { gradientTensors, recordBackward } from '../model/backward';
import { decodingTensors, recordPass } from '../model/generate';
import { bindParams, type Allocate } from '../model/layer';
import { paramLayout } from '../model/params';
import { recordForward, scoringTensors } from '../model/transformer';
import { capacitiesOf, type Capacities } from './memory';

const MOST_MS = 400; // of a submit, and so of a dispatch, which cannot be cut
const ASSUMED = { software: 1e6, gpu: 1e8 }; // FLOPs in a millisecond, before any was timed: see Gpu

/** The largest models that are accepted, of each shape that makes another dispatch the longest. */
const LARGEST = [
  { layers: 11, channels: 1024, heads: 8, kvHeads: 8, mlp: 4096 },
  { layers: 24, channels: 768, heads: 12, kvHeads: 12, mlp: 2048 },
  { layers: 24, channels: 1024, heads: 32, kvHeads: 32, mlp: 1024 },
  { layers: 24, channels: 64, heads: 8, kvHeads: 8, mlp: 4096 },
  { layers: 24, channels: 512, heads: 8, kvHeads: 8, mlp: 1024 },
].flatMap((model) =>
  [...TASKS.keys()].map((task) => {
    const rollout = { prompts: 1024, trajectories: 64, turns: 8 };
    return RunConfig.parse({ task, model, rollout, optimizer: { batch: 1024 } });
  }),
);

/** A tensor that nothing will read: recording asks for its shape only. */
const unmade: Allocate = (label, shape, dtype = 'f32') =>
  ({ label, shape, dtype, offsetBytes: 0 }) as unknown as Tensor;

describe('work of one dispatch', () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu();
  });
  afterAll(() => gpu.destroy());

  /** FLOPs of the longest dispatch of a training step and of a decoding pass, at full capacity. */
  function longest({ shape, train, decode }: Capacities): { train: number; decode: number } {
    const layout = paramLayout(shape);
    const w = bindParams(layout, unmade('parameters', [layout.total]));
    const t = scoringTensors(unmade, shape, train);
    t.pairs.value = (train.tokens * (shape.context + 1)) / 2;
    const gradient = new Plan(gpu, 'gradient');
    recordForward(gradient, shape, w, t, true);
    const g = gradientTensors(unmade, shape, layout, t, gpu.isSoftware);
    recordBackward(gradient, shape, layout, w, t, g);
    const decoding = decodingTensors(unmade, shape, decode);
    const feed = new Plan(gpu, 'feed');
    recordPass(feed, shape, w, decoding, decoding.N);
    return {
      train: Math.max(...gradient.dispatchFlops()),
      decode: Math.max(...feed.dispatchFlops()),
    };
  }

  it.each(PRESETS.map(({ name, config }) => ({ name, config })))(
    'ends in time with the preset $name, on either kind of adapter',
    ({ config }) => {
      for (const kind of ['software', 'gpu'] as const) {
        const capacities = capacitiesOf(config, TASKS.get(config.task)!, kind === 'software');
        const { train, decode } = longest(capacities);
        expect(train).toBeGreaterThan(0);
        expect(Math.max(train, decode) / ASSUMED[kind]).toBeLessThanOrEqual(MOST_MS);
      }
    },
  );

  it.each(LARGEST.map((config) => ({ ...config.model, task: config.task, config })))(
    'ends in time with the largest models on a GPU: $layers × $channels, $mlp, $task',
    ({ config }) => {
      expect(capsOf(config)).toEqual([]);
      const { train, decode } = longest(capacitiesOf(config, TASKS.get(config.task)!, false));
      expect(Math.max(train, decode) / ASSUMED.gpu).toBeLessThanOrEqual(MOST_MS);
    },
  );

  it.each(LARGEST.map((config) => ({ ...config.model, task: config.task, config })))(
    'is as small as it can be where a software adapter takes longer: $layers × $channels, $mlp, $task',
    ({ config }) => {
      const capacities = capacitiesOf(config, TASKS.get(config.task)!, true);
      const { train, decode } = longest(capacities);
      const most = MOST_MS * ASSUMED.software;
      if (train > most) expect(capacities.train.tokens).toBe(capacities.shape.context); // one sequence
      if (decode > most) expect(capacities.decode.rows).toBe(config.rollout.trajectories); // one prompt
    },
  );
});
