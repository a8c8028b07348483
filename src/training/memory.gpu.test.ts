import { describe, expect, it } from 'vitest';
import { RunConfig } from '../config/runConfig';
import { TASKS } from '../data/tasks/registry';
import { Gpu } from '../gpu/gpu';
import { testGpu } from '../kernels/testing/testGpu';
import { paramLayout } from '../model/params';
import { capacitiesOf, planMemory } from './memory';
import { PRETRAIN_RULES } from './pretrain';
import { RolloutService } from './rolloutService';
import { TINY } from './testing/tiny';
import { Trainer } from './trainer';

const CONFIGURATIONS = [
  TINY,
  RunConfig.parse({}),
  RunConfig.parse({
    task: 'boxes',
    model: { layers: 3, channels: 96, heads: 6, kvHeads: 2, mlp: 256, tiedHead: false },
    rollout: { trajectories: 5 },
    optimizer: { batch: 16 },
  }),
];

const NO_INFO = { vendor: '', architecture: '', device: '', isFallbackAdapter: false };
/** Forms that compile soon on the software adapter of the tests. */
const SOON = { tile: 'invocation', reduce: 'serial', store: 'f32' } as const;

/** WebGPU that reports the size of every buffer it makes, on an adapter that may pass for a GPU. */
async function counting(isSoftware: boolean, report: (bytes: number) => void): Promise<GPU> {
  const api = await testGpu();
  const requestAdapter = async (options?: GPURequestAdapterOptions): Promise<GPUAdapter> => {
    const adapter = (await api.requestAdapter(options))!;
    const info = { ...NO_INFO, description: 'passes for a GPU' };
    if (!isSoftware) Object.defineProperty(adapter, 'info', { value: info });
    const requestDevice = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = async (descriptor) => {
      const device = await requestDevice(descriptor);
      const createBuffer = device.createBuffer.bind(device);
      device.createBuffer = (wanted) => {
        report(wanted.size);
        return createBuffer(wanted);
      };
      return device;
    };
    return adapter;
  };
  return { requestAdapter } as unknown as GPU; // all that Gpu.open asks of it
}

describe('memory plan', () => {
  it.each([
    { config: TINY, isSoftware: false },
    ...CONFIGURATIONS.map((config) => ({ config, isSoftware: true })),
  ])(
    'plans the bytes allocated within one percent: configuration %#, software adapter: $isSoftware',
    async ({ config, isSoftware }) => {
      const task = TASKS.get(config.task)!;
      const capacities = capacitiesOf(config, task, isSoftware);
      const plan = planMemory(capacities);

      let allocated = 0;
      const api = await counting(isSoftware, (bytes) => (allocated += bytes));
      const rollouts = new RolloutService(api);
      const reference = new Float32Array(paramLayout(capacities.shape).total);
      await rollouts.open({ task: config.task, capacities, reference, variants: SOON });
      const once = { seed: 0, split: 'test', prompts: 1, turns: 1, step: 1 } as const;
      await rollouts.evaluate({ ...once, policy: reference }); // makes what scores
      const gpu = await Gpu.open(api, SOON);
      expect(gpu.isSoftware).toBe(isSoftware);
      const rules = { ...PRETRAIN_RULES, weightDecay: 0 };
      const trainer = await Trainer.create(gpu, capacities.shape, capacities.train, rules);
      await trainer.gradient.plan.compiled(); // else the next adapter would be waited for
      expect(Math.abs(plan.totalBytes / allocated - 1)).toBeLessThan(0.01);
      gpu.destroy();
      await rollouts.close();
    },
  );

  it('decodes fewer tries at a time where memory is short, down to those of one prompt', () => {
    const model = { ...TINY.model, layers: 8, channels: 256, heads: 4, kvHeads: 4, mlp: 512 };
    const rollout = { ...TINY.rollout, prompts: 1024, trajectories: 8 };
    const config = { ...TINY, model, rollout };
    const rowsIn = (mebibytes: number): number =>
      capacitiesOf(config, TASKS.get('boxes')!, false, mebibytes * 2 ** 20).decode.rows;
    const capacities = capacitiesOf(config, TASKS.get('boxes')!, false, 512 * 2 ** 20);
    expect(capacities.decode.rows).toBeLessThan(rowsIn(4096));
    expect(capacities.decode.rows).toBeGreaterThan(8);
    expect(planMemory(capacities).totalBytes).toBeLessThanOrEqual(512 * 2 ** 20);
    expect(capacities.decode.rows % 8).toBe(0);
    expect(rowsIn(1)).toBe(8); // nothing would fit
  });

  it('refuses a configuration above the limit and names the setting to change', () => {
    const model = { ...TINY.model, layers: 24, channels: 1024, heads: 16, mlp: 4096 };
    const capacities = capacitiesOf({ ...TINY, model }, TASKS.get('boxes')!, true);
    expect(() => planMemory(capacities)).toThrow(/GiB of GPU memory.*make model\./);
  });
});
