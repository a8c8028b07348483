import { expect, it } from 'vitest';
import { swigluForward } from '../kernels/swiglu/swiglu';
import { openTestGpu } from '../kernels/testing/testGpu';
import { Plan } from './plan';

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
        gu: gpu.alloc('gu', [rows, 2 * F]),
        y: gpu.alloc('y', [rows, F]),
      });
    }
    plan.compile();
    const created = gpu.liveBytes;

    const runs = [await plan.profile(2), await plan.profile(2), await plan.profile(2)];

    const quickest = (i: number): number => Math.min(...runs.map((costs) => costs[i]!.ms));
    expect(runs[0]!.map((cost) => [cost.label, cost.bytes])).toEqual([
      ['swiglu_forward', bytes(ROWS)],
      ['swiglu_forward', bytes(N)],
    ]);
    expect(quickest(0)).toBeGreaterThan(0);
    expect(quickest(1)).toBeGreaterThan(quickest(0));
    expect(gpu.liveBytes).toBe(created);
    gpu.destroy();
  },
);
