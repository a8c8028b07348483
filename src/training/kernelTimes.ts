import type { KernelTime } from '../data/results';
import type { DispatchCost } from '../gpu/plan';

/**
 * Dispatches summed by kernel, the dearest first. The step is profiled twice, and of each dispatch the
 * quicker time taken: the first one wakes the adapter.
 */
export async function kernelTimes(
  profile: () => Promise<readonly DispatchCost[]>,
): Promise<KernelTime[]> {
  const [once, again] = [await profile(), await profile()];
  const dispatches = once.map((cost, i) => ({ ...cost, ms: Math.min(cost.ms, again[i]!.ms) }));
  const kernels = new Map<string, KernelTime>();
  for (const { label, ms, flops = 0, bytes } of dispatches) {
    const sum = kernels.get(label) ?? { label, dispatches: 0, ms: 0, flops: 0, bytes: 0 };
    kernels.set(label, {
      label,
      dispatches: sum.dispatches + 1,
      ms: sum.ms + ms,
      flops: sum.flops + flops,
      bytes: sum.bytes + bytes,
    });
  }
  return [...kernels.values()].sort((a, b) => b.ms - a.ms);
}
