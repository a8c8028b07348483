/** Where the time of our own steps goes: every kernel against the roof. */
import type { DispatchCost } from '../src/gpu/plan';
import { median } from '../src/shared/quantile';
import type { Roof } from './roof';
import type { BenchConfig, Phase } from './workload';

/** One kernel in one step. */
export interface KernelRow {
  readonly config: string;
  readonly phase: Phase;
  readonly kernel: string;
  readonly dispatches: number;
  readonly ms: number; // of all of them
  readonly share_of_step: number; // of all kernels' time
  readonly flops: number; // of all of them; 0 where there are no multiply-adds to speak of
  readonly bytes: number; // of the bound tensors, each counted once
  // Rates are null where its time is below the resolution of the clock; GFLOP/s also without FLOPs.
  readonly gflops: number | null;
  readonly gigabytes_per_second: number | null;
  readonly share_of_roof: number | null; // time that its FLOPs or its bytes take at best, over its time
}

/** Kernels of one step, the slowest first; times are medians of the profiles. */
export function kernelRows(
  config: BenchConfig,
  phase: Phase,
  profiles: readonly (readonly DispatchCost[])[],
  roof: Roof,
): KernelRow[] {
  const dispatches = (profiles[0] ?? []).map((cost, i) => ({
    ...cost,
    ms: median(profiles.map((profile) => profile[i]!.ms)),
  }));
  const total = sum(dispatches, ({ ms }) => ms);
  const labels = new Set(dispatches.map(({ label }) => label));
  return Array.from(labels, (kernel) => {
    const own = dispatches.filter(({ label }) => label === kernel);
    const ms = sum(own, (cost) => cost.ms);
    const flops = sum(own, (cost) => cost.flops ?? 0);
    const bytes = sum(own, (cost) => cost.bytes);
    const atBest = Math.max(
      flops / roof.peak_gflops / 1e6,
      bytes / roof.copy_gigabytes_per_second / 1e6,
    );
    return {
      ...{ config: config.name, phase, kernel, dispatches: own.length, ms },
      share_of_step: ms / total,
      ...{ flops, bytes },
      gflops: flops > 0 && ms > 0 ? flops / ms / 1e6 : null,
      gigabytes_per_second: ms > 0 ? bytes / ms / 1e6 : null,
      share_of_roof: ms > 0 ? atBest / ms : null,
    };
  }).sort((a, b) => b.ms - a.ms);
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((n, item) => n + of(item), 0);
