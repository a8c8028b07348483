import { expect, it } from 'vitest';
import { swigluForward } from '../kernels/swiglu/swiglu';
import { openTestGpu } from '../kernels/testing/testGpu';
import type { KernelSpec } from './compose';
import { Plan } from './plan';

const BODY = `
struct Params {
  N: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(local_invocation_index) lane: u32) {
  y[lane] = missing(p.N);
}`;
const BROKEN: KernelSpec = { label: 'broken_forward', body: BODY };

it('names the kernel that does not compile, whatever was encoded before it', async () => {
  const gpu = await openTestGpu();
  const [N, K, F] = [8, 4, 4];
  const plan = new Plan(gpu, 'broken');
  swigluForward(plan, {
    x: gpu.alloc('x', [N, K]),
    w: gpu.alloc('w', [2 * F, K]),
    slopes: gpu.alloc('slopes', [N, 2 * F]),
    y: gpu.alloc('y', [N, F]),
  });
  const y = gpu.alloc('y', [64]);
  plan.record(BROKEN, { params: { N }, bind: { y }, grid: { groups: () => 1 } });

  for (const replay of [() => plan.run(), () => plan.profile()]) {
    await expect(replay()).rejects.toMatchObject({
      code: 'shader-invalid',
      message: expect.stringMatching(/broken_forward does not compile: line \d+: .*missing/s),
    });
  }
  gpu.destroy();
});

const COUNT: KernelSpec = {
  label: 'count_step',
  body: `
struct Params {
  by: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(1)
fn main() {
  y[0] += p.by;
}`,
};

it.each([1, 2, 5])(
  'replays %i times in one submit, or in more where that is much work',
  async (times) => {
    const gpu = await openTestGpu();
    for (const flops of [0, 1e12]) {
      const y = gpu.alloc('y', [1]);
      const by = { value: 3 };
      const plan = new Plan(gpu, 'counting');
      plan.record(COUNT, {
        ...{ params: { by }, bind: { y }, grid: { groups: () => 1 } },
        flops: () => flops,
      });
      await plan.compiled();
      await plan.run(times);
      expect(plan.submits).toBe(flops === 0 ? 1 : times);
      by.value = 100;
      await plan.run();

      expect(Array.from(await gpu.download(y))).toEqual([3 * times + 100]);
    }
    gpu.destroy();
  },
);

const IDLE: KernelSpec = {
  label: 'idle',
  body: BODY.replace('missing(p.N)', 'f32(p.N)'),
};

it.each([
  { share: [0.4, 0.4, 0.4, 0.4, 0.4], submits: 3, why: 'two fit, five take three' },
  { share: [0.2, 0.2, 0.2, 0.2], submits: 1, why: 'all fit' },
  { share: [0.1, 2.5, 0.1], submits: 3, why: 'one that is too large goes alone' },
  { share: [2.5], submits: 1, why: 'nothing comes before or after it' },
  { share: [0.9, 0, 0, 0], submits: 1, why: 'kernels that state no FLOPs go along' },
])('cuts dispatches of $share of 100 ms into $submits submits: $why', async (row) => {
  const gpu = await openTestGpu();
  const y = gpu.alloc('y', [64]);
  const plan = new Plan(gpu, 'budget');
  const budget = 100 * gpu.flopsPerMs;
  for (const part of row.share) {
    const flops = (): number => part * budget;
    plan.record(IDLE, { params: { N: 1 }, bind: { y }, grid: { groups: () => 1 }, flops });
  }
  await plan.compiled(); // what is still compiled is waited for in a submit of its own
  await plan.run();
  await gpu.settle();
  expect(plan.submits).toBe(row.submits);
  gpu.destroy();
});
