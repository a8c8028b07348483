/** The adapter's roof with what only a comparison of engines asks: matrix products, dispatches, submits. */
import type { KernelSpec } from '../src/gpu/compose';
import type { Gpu } from '../src/gpu/gpu';
import { Plan } from '../src/gpu/plan';
import { measureRoof as measurePeaks, timed } from '../src/gpu/roof';
import type { Tensor } from '../src/gpu/tensor';
import { quickest } from '../src/gpu/timing';
import { matmulForward } from '../src/kernels/matmul/matmul';
import matmulRegisters from './roof/matmul_registers.wgsl?raw';
import matmulShared from './roof/matmul_shared.wgsl?raw';
import touch from './roof/touch.wgsl?raw';

export interface Roof {
  readonly peak_gflops: number; // independent multiply-adds, two FLOPs each
  readonly matmul_gflops: number; // the best of several kernels and sizes
  readonly matmul: string; // which one that was
  readonly copy_gigabytes_per_second: number; // read and written, the better of shader and command
  readonly dispatch_microseconds: number; // one of many in a pass
  readonly submit_microseconds: number; // submit one dispatch and wait for it
}

const TOUCH: KernelSpec = { label: 'roof_touch', body: touch };
const REGISTERS: KernelSpec = { label: 'roof_matmul_registers', body: matmulRegisters };
const SHARED: KernelSpec = {
  label: 'roof_matmul_shared',
  body: matmulShared,
  workgroupSize: 256,
};

export interface MatmulShape {
  readonly N: number;
  readonly K: number;
  readonly M: number;
}
const SMALL_MATMULS: readonly MatmulShape[] = [{ N: 2048, K: 128, M: 512 }];
const LARGE_MATMULS: readonly MatmulShape[] = [
  { N: 2048, K: 1024, M: 2048 },
  { N: 4096, K: 2048, M: 4096 },
];

type Alloc = (label: string, shape: number[]) => Tensor;

/** Records y [N,M] = aᵀ b of a [K,N] and b [K,M]; N and M are multiples of 128, K of 16. */
export function recordRoofMatmul(
  plan: Plan,
  kind: 'registers' | 'shared',
  bind: Readonly<Record<'a' | 'b' | 'y', Tensor>>,
  { N, K, M }: MatmulShape,
): void {
  plan.record(kind === 'shared' ? SHARED : REGISTERS, {
    params: { N, K, M },
    bind,
    grid:
      kind === 'shared'
        ? { groups: () => (N / 128) * (M / 128) }
        : { threads: () => (N / 8) * (M / 8) },
  });
}

const WORKGROUP_TILES = 'workgroup tiles';

const MATMULS: Readonly<Record<string, (plan: Plan, alloc: Alloc, s: MatmulShape) => void>> = {
  'register tiles': (plan, alloc, s) =>
    recordRoofMatmul(plan, 'registers', roofTensors(alloc, s), s),
  [WORKGROUP_TILES]: (plan, alloc, s) => recordRoofMatmul(plan, 'shared', roofTensors(alloc, s), s),
  matmul_forward: (plan, alloc, { N, K, M }) =>
    matmulForward(plan, { x: alloc('x', [N, K]), w: alloc('w', [M, K]), y: alloc('y', [N, M]) }),
};

const roofTensors = (alloc: Alloc, { N, K, M }: MatmulShape): Record<'a' | 'b' | 'y', Tensor> => ({
  a: alloc('a', [K, N]),
  b: alloc('b', [K, M]),
  y: alloc('y', [N, M]),
});

type RecordMatmul = (plan: Plan, alloc: Alloc) => void;

interface Matmul {
  readonly name: string;
  readonly gflops: number;
  readonly flops: number;
  readonly record: RecordMatmul;
}

/** Workgroup tiles are left out on software adapters, which compile them for seconds and run them slowly. */
async function bestMatmul(gpu: Gpu, seconds: number): Promise<Matmul> {
  const found: Matmul[] = [];
  for (const s of gpu.isSoftware ? SMALL_MATMULS : LARGE_MATMULS) {
    for (const [kernel, recordSize] of Object.entries(MATMULS)) {
      if (gpu.isSoftware && kernel === WORKGROUP_TILES) continue;
      const record: RecordMatmul = (plan, alloc) => recordSize(plan, alloc, s);
      const flops = 2 * s.N * s.K * s.M;
      const gflops = flops / (await timed(gpu, seconds, record)) / 1e9;
      found.push({ name: `${kernel}, ${s.N}×${s.K}×${s.M}`, gflops, flops, record });
    }
  }
  return found.reduce((best, one) => (one.gflops > best.gflops ? one : best));
}

/** The best matrix product, ready to be run beside engines. */
export interface Probe {
  readonly flops: number;
  /** Resolves when that many products are done. */
  run(times: number): Promise<void>;
}

function probeOf(gpu: Gpu, { flops, record }: Matmul): Probe {
  const plan = new Plan(gpu, 'roof');
  record(plan, (label, shape) => gpu.alloc(label, shape));
  const run = async (times: number): Promise<void> => {
    await plan.run(times);
    await gpu.settle();
  };
  return { flops, run };
}

/**
 * The probe lives as long as the device.
 *
 * @param seconds for each of its measurements
 */
export async function measureRoof(
  gpu: Gpu,
  seconds: number,
): Promise<{ readonly roof: Roof; readonly probe: Probe }> {
  const { gflops, gigabytesPerSecond } = await measurePeaks(gpu, seconds);
  const matmul = await bestMatmul(gpu, seconds);
  const dispatches = gpu.isSoftware ? 500 : 2000;
  const touchOnce = (plan: Plan, number: Tensor): void =>
    plan.record(TOUCH, { params: { value: 1 }, bind: { y: number }, grid: { groups: () => 1 } });
  const many = await timed(gpu, seconds, (plan, alloc) => {
    const number = alloc('y', [1]);
    for (let i = 0; i < dispatches; i++) touchOnce(plan, number);
  });
  const single = gpu.alloc('y', [1]);
  const plan = new Plan(gpu, 'roof');
  touchOnce(plan, single);
  const submit = await quickest(gpu, seconds, async (times) => {
    for (let i = 0; i < times; i++) {
      await plan.run();
      await gpu.settle();
    }
  });
  plan.destroy();
  gpu.free(single);
  const roof = {
    peak_gflops: gflops,
    matmul_gflops: matmul.gflops,
    matmul: matmul.name,
    copy_gigabytes_per_second: gigabytesPerSecond,
    dispatch_microseconds: (many / dispatches) * 1e6,
    submit_microseconds: submit * 1e6,
  };
  return { roof, probe: probeOf(gpu, matmul) };
}
