/** The benchmark itself, the same in a browser and under Node. */
import { Gpu } from '../src/gpu/gpu';
import { driftEngine } from './engines/drift';
import type { Engine } from './engine';
import { kernelRows } from './kernels';
import { compare } from './measure';
import type { Calls } from './meter';
import { measurePacking } from './packing';
import { PEERS } from './peers';
import { rowOf, type ConfigRow, type Report } from './report';
import { measureRoof, type Roof } from './roof';
import { measureScaling } from './scaling';
import { createWorkload, PHASES, workOf, type BenchConfig } from './workload';

export interface BenchOptions {
  readonly configs: readonly BenchConfig[];
  readonly peers: readonly string[]; // names of PEERS
  readonly seconds: number; // aimed at per engine, configuration and phase
  /** How time and memory grow with the sizes of a run, instead of comparing engines. */
  readonly scaling: boolean;
  /** Says what is being measured, for whoever waits. */
  readonly say: (line: string) => void;
}

export interface Surroundings {
  readonly webgpu: GPU;
  readonly runtime: string;
  readonly callsSoFar: () => Calls;
  readonly bytesSoFar: () => number;
}

type Finding = Pick<Report, 'rows' | 'packing' | 'kernels'>;

/** Measures the roof, then every configuration on every engine. */
export async function runBenchmark(options: BenchOptions, around: Surroundings): Promise<Report> {
  const { webgpu, runtime, bytesSoFar } = around;
  const { say, seconds, configs } = options;
  const peers = await Promise.all(options.peers.map((name) => PEERS.get(name)!()));
  const engines = [driftEngine(), ...peers];
  for (const engine of engines) await engine.prepare(webgpu);

  const gpu = await Gpu.open(webgpu);
  const { adapterName: adapter, isSoftware } = gpu;
  say(`Adapter: ${adapter} (${runtime})`);
  say('Roof …');
  const roof = await measureRoof(gpu, seconds / 10);
  gpu.destroy();

  const scaling = options.scaling && (await measureScaling(webgpu, bytesSoFar, say));
  const found: Finding[] = [];
  for (const config of options.scaling ? [] : configs) {
    found.push(await measureConfig(config, engines, roof, options, around));
  }
  return {
    version: 1,
    date: new Date().toISOString(),
    runtime,
    adapter,
    software_adapter: isSoftware,
    roof,
    configs: Object.fromEntries(configs.map((config) => [config.name, configRow(config)])),
    rows: found.flatMap(({ rows }) => rows),
    packing: found.flatMap(({ packing }) => packing),
    kernels: found.flatMap(({ kernels }) => kernels),
    ...(scaling && { scaling }),
  };
}

async function measureConfig(
  config: BenchConfig,
  engines: readonly Engine[],
  roof: Roof,
  { seconds, say }: BenchOptions,
  { webgpu, callsSoFar }: Surroundings,
): Promise<Finding> {
  const work = createWorkload(config);
  const rows: Report['rows'][number][] = [];
  const kernels: Report['kernels'][number][] = [];
  for (const phase of PHASES) {
    say(`${config.name}, ${phase} …`);
    const timings = await compare(engines, phase, work, seconds, callsSoFar);
    rows.push(...timings.map((timing) => rowOf(config, phase, timing, roof)));
    kernels.push(...timings.flatMap((t) => kernelRows(config, phase, t.profiles, roof)));
  }
  say(`${config.name}, packing …`);
  return { rows, kernels, packing: [await measurePacking(webgpu, work, seconds)] };
}

function configRow(config: BenchConfig): ConfigRow {
  const { name: _, ...rest } = config;
  const { parameters } = createWorkload(config).layout;
  return {
    ...rest,
    parameters,
    train_gflop_per_step: workOf(config, 'train').flops / 1e9,
    decode_gflop_per_step: workOf(config, 'decode').flops / 1e9,
  };
}
