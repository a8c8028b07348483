import { expect, it } from 'vitest';
import { swigluForward } from '../kernels/swiglu/swiglu';
import { openTestGpu } from '../kernels/testing/testGpu';
import { Plan } from './plan';
import { quickest } from './timing';

const ROWS = 512;
const [N, K, F] = [4096, 4, 64];
const bytes = (rows: number): number => 4 * (rows * (K + 3 * F) + 2 * F * K);

it.each([{ timestamps: false }, { timestamps: true }])(
  'times each dispatch of a plan and counts its bytes: %o',
  async (options) => {
    const gpu = await openTestGpu(options);
    const plan = new Plan(gpu, 'timed');
    for (const rows of [ROWS, N]) {
      swigluForward(plan, {
        x: gpu.alloc('x', [rows, K]),
        w: gpu.alloc('w', [2 * F, K]),
        slopes: gpu.alloc('slopes', [rows, 2 * F]),
        y: gpu.alloc('y', [rows, F]),
      });
    }
    plan.compile();
    const created = gpu.liveBytes;

    const runs = [await plan.profile(2), await plan.profile(2), await plan.profile(2)];

    const best = (i: number): number => Math.min(...runs.map((costs) => costs[i]!.ms));
    expect(runs[0]!.map((cost) => [cost.label, cost.bytes])).toEqual([
      ['swiglu_forward', bytes(ROWS)],
      ['swiglu_forward', bytes(N)],
    ]);
    expect(best(0)).toBeGreaterThan(0);
    expect(best(1)).toBeGreaterThan(best(0));
    expect(gpu.liveBytes).toBe(created);
    gpu.destroy();
  },
);

it('times replays in groups that grow until they are long enough, and tells of one', async () => {
  const gpu = await openTestGpu();
  const [MS, GROUP_MS] = [1, 100];
  const groups: number[] = [];

  const seconds = await quickest(
    gpu,
    0.4,
    async (times) => {
      groups.push(times);
      const end = performance.now() + MS * times;
      while (performance.now() < end);
    },
    GROUP_MS,
  );

  const [untimed, first, ...rest] = groups;
  expect([untimed, first]).toEqual([1, 1]);
  rest.forEach((times, i) => expect([1, 2]).toContain(times / (rest[i - 1] ?? 1)));
  expect(rest.at(-1)).toBeGreaterThanOrEqual(8);
  expect(rest.at(-1)).toBeLessThanOrEqual(128);
  expect(1000 * seconds).toBeGreaterThanOrEqual(MS);
  expect(1000 * seconds).toBeLessThan(2 * MS);
  gpu.destroy();
});
