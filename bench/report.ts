/** What a run of the benchmark says: the JSON file, from which the table and the picture are made. */
import type { Variants } from '../src/shared/kernelForms';
import type { KernelRow } from './kernels';
import type { Skipped, Timing } from './measure';
import type { AdapterFacts } from './meter';
import type { PackingRow } from './packing';
import type { Roof } from './roof';
import type { Scaling } from './scaling';
import { workOf, type BenchConfig, type Phase } from './workload';

/** One engine in one phase of one configuration. */
export interface Row {
  readonly engine: string;
  readonly config: string;
  readonly phase: Phase;
  readonly tokens_per_second: number;
  readonly ms_per_step: number; // median of the rounds
  readonly ms_per_step_quartiles: readonly [number, number];
  readonly rounds: number;
  readonly steps_per_round: number;
  readonly dispatches_per_step: number;
  readonly submits_per_step: number;
  readonly objects_created_per_step: number;
  readonly first_step_ms: number;
  readonly pipelines: number;
  readonly gflops: number;
  readonly share_of_peak: number;
  readonly best_matmul_gflops: number; // of the best product in the same rounds, median
  readonly share_of_best_matmul: number; // over that, median of the rounds
  readonly bytes_per_step: number; // at least
  readonly gigabytes_per_second: number; // of those bytes
  readonly bound: 'compute' | 'memory'; // what limits this step on this adapter at best
  readonly share_of_roof: number; // of whichever that is
  /** Other engine -> times faster this one is; median of rounds run one after the other. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly difference: number; // of losses (relative) or tokens (share) from the first engine's
}

/** A configuration as JSON has it, with what its size comes to. */
export interface ConfigRow extends Omit<BenchConfig, 'name'> {
  readonly parameters: number;
  readonly train_gflop_per_step: number;
  readonly decode_gflop_per_step: number;
  readonly forms: Variants; // of our kernels
  readonly calibrated: boolean; // whether forms that were not given were found by measuring
}

export interface Report {
  readonly version: 2;
  readonly date: string;
  readonly runtime: string; // browser or Node, and version
  readonly adapter: string;
  readonly adapter_info: AdapterFacts; // the same for every engine that took part
  readonly software_adapter: boolean;
  readonly roof: Roof;
  readonly configs: Readonly<Record<string, ConfigRow>>;
  readonly rows: readonly Row[];
  readonly skipped: readonly Skipped[]; // engines, where they could not take part
  readonly packing: readonly PackingRow[];
  readonly kernels: readonly KernelRow[];
  readonly scaling?: Scaling; // where it was asked for, instead of the rest
}

/** A timing against the roof. */
export function rowOf(config: BenchConfig, phase: Phase, timing: Timing, roof: Roof): Row {
  const { tokens, flops, bytes } = workOf(config, phase);
  const { msPerStep: ms, calls } = timing;
  const flopsMs = flops / roof.peak_gflops / 1e6;
  const bytesMs = bytes / roof.copy_gigabytes_per_second / 1e6;
  const gflops = flops / ms / 1e6;
  return {
    ...{ engine: timing.engine, config: config.name, phase },
    tokens_per_second: (1000 * tokens) / ms,
    ms_per_step: ms,
    ms_per_step_quartiles: timing.quartiles,
    rounds: timing.rounds,
    steps_per_round: timing.stepsPerRound,
    dispatches_per_step: calls.dispatches,
    submits_per_step: calls.submits,
    objects_created_per_step: calls.objects,
    first_step_ms: timing.firstStepMs,
    pipelines: timing.pipelines,
    gflops,
    share_of_peak: gflops / roof.peak_gflops,
    best_matmul_gflops: timing.matmulGflops,
    share_of_best_matmul: timing.shareOfMatmul,
    bytes_per_step: bytes,
    gigabytes_per_second: bytes / ms / 1e6,
    bound: bytesMs > flopsMs ? 'memory' : 'compute',
    share_of_roof: Math.max(flopsMs, bytesMs) / ms,
    ratios: timing.ratios,
    difference: timing.difference,
  };
}
