/** What an adapter can do at best: the roof under which kernels work. */
import copy from '../../shaders/roof/copy.wgsl?raw';
import multiplyAdd from '../../shaders/roof/multiply_add.wgsl?raw';
import type { KernelSpec } from './compose';
import type { Gpu } from './gpu';
import { Plan } from './plan';
import type { Tensor } from './tensor';
import { quickest } from './timing';

export interface Roof {
  readonly gflops: number; // independent multiply-adds, two FLOPs each
  readonly gigabytesPerSecond: number; // copied: read and written, the better of shader and command
}

const MULTIPLY_ADD: KernelSpec = { label: 'roof_multiply_add', body: multiplyAdd };
const COPY: KernelSpec = { label: 'roof_copy', body: copy };
const FLOPS = 128; // of one round of roof_multiply_add

/** Sizes for a software adapter and for a GPU. */
const SMALL = { threads: 2 ** 14, rounds: 192, copyBytes: 2 ** 25 };
const LARGE = { threads: 2 ** 20, rounds: 3072, copyBytes: 2 ** 27 };

type Alloc = (label: string, shape: number[]) => Tensor;

/** Seconds of what `record` records, with every tensor it makes freed afterwards. */
export async function timed(
  gpu: Gpu,
  seconds: number,
  record: (plan: Plan, alloc: Alloc) => void,
): Promise<number> {
  const made: Tensor[] = [];
  const plan = new Plan(gpu, 'roof');
  record(plan, (label, shape) => {
    made.push(gpu.alloc(label, shape));
    return made.at(-1)!;
  });
  try {
    return await quickest(gpu, seconds, (times) => plan.run(times));
  } finally {
    plan.destroy();
    gpu.free(...made);
  }
}

/** @param seconds for each of its three measurements, at least */
export async function measureRoof(gpu: Gpu, seconds: number): Promise<Roof> {
  const { threads, rounds, copyBytes } = gpu.isSoftware ? SMALL : LARGE;
  const multiplyAdds = await timed(gpu, seconds, (plan, alloc) =>
    plan.record(MULTIPLY_ADD, {
      params: { threads, rounds },
      bind: { y: alloc('y', [threads]) },
      grid: { threads: () => threads },
    }),
  );
  const quads = copyBytes / 16;
  const byShader = await timed(gpu, seconds, (plan, alloc) =>
    plan.record(COPY, {
      params: { quads },
      bind: { x: alloc('x', [4 * quads]), y: alloc('y', [4 * quads]) },
      grid: { threads: () => quads },
    }),
  );
  const [x, y] = [gpu.alloc('x', [4 * quads]), gpu.alloc('y', [4 * quads])];
  const byCommand = await quickest(gpu, seconds, async (times) => {
    const encoder = gpu.device.createCommandEncoder();
    for (let i = 0; i < times; i++) {
      encoder.copyBufferToBuffer(x.buffer, 0, y.buffer, 0, copyBytes);
    }
    gpu.device.queue.submit([encoder.finish()]);
  });
  gpu.free(x, y);
  return {
    gflops: (threads * rounds * FLOPS) / multiplyAdds / 1e9,
    gigabytesPerSecond: (2 * copyBytes) / Math.min(byShader, byCommand) / 1e9,
  };
}
