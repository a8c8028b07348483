import type { KernelTime } from '../data/results';
import type { DispatchCost } from '../gpu/plan';

/** Dispatches summed by kernel, the dearest first. */
export function kernelTimes(dispatches: readonly DispatchCost[]): KernelTime[] {
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
