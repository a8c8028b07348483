import { expect, it } from 'vitest';
import { swigluForward } from '../kernels/swiglu/swiglu';
import { openTestGpu } from '../kernels/testing/testGpu';
import { Plan } from './plan';

const ROWS = 512;
const [N, F] = [4096, 64];

it.each([{ timestamps: false }, { timestamps: true }])(
  'times each dispatch of a plan and counts its bytes: %o',
  async (options) => {
    const gpu = await openTestGpu(options);
    const plan = new Plan(gpu, 'timed');
    for (const rows of [ROWS, N]) {
      swigluForward(plan, {
        gu: gpu.alloc('gu', [rows, 2 * F]),
        y: gpu.alloc('y', [rows, F]),
      });
    }
    await plan.compile();
    const created = gpu.liveBytes;

    const runs = [await plan.profile(), await plan.profile(), await plan.profile()];

    const quickest = (i: number): number => Math.min(...runs.map((costs) => costs[i]!.ms));
    expect(runs[0]!.map(({ label, bytes }) => [label, bytes])).toEqual([
      ['swiglu_forward', 4 * ROWS * 3 * F],
      ['swiglu_forward', 4 * N * 3 * F],
    ]);
    expect(quickest(0)).toBeGreaterThanOrEqual(0); // browsers round the GPU's clock to 0.1 ms
    expect(quickest(1)).toBeGreaterThan(quickest(0));
    expect(gpu.liveBytes).toBe(created);
    gpu.destroy();
  },
);
