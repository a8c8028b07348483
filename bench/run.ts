/** The benchmark itself, the same in a browser and under Node. */
import { Gpu } from '../src/gpu/gpu';
import type { Variants } from '../src/shared/kernelForms';
import { driftEngine } from './engines/drift';
import type { Engine } from './engine';
import { formsFor, type FormsWanted } from './forms';
import { kernelRows } from './kernels';
import { compare } from './measure';
import type { AdapterFacts, Calls } from './meter';
import { measurePacking } from './packing';
import { openPeers, usualPeers } from './peers';
import { rowOf, type ConfigRow, type Report } from './report';
import { measureRoof, type Probe, type Roof } from './roof';
import { measureScaling } from './scaling';
import { createWorkload, PHASES, workOf, type BenchConfig, type Workload } from './workload';

export interface BenchOptions extends FormsWanted {
  readonly configs: readonly BenchConfig[];
  readonly peers: readonly string[] | undefined; // names of PEERS; undefined: the usual ones
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
  readonly adaptersSoFar: () => readonly AdapterFacts[];
}

type Finding = Pick<Report, 'configs' | 'rows' | 'skipped' | 'packing' | 'kernels'>;

/** Measures the roof, then every configuration on every engine. */
export async function runBenchmark(options: BenchOptions, around: Surroundings): Promise<Report> {
  const { webgpu, runtime, bytesSoFar, adaptersSoFar } = around;
  const { say, seconds, configs } = options;
  const gpu = await Gpu.open(webgpu);
  const { adapterName: adapter, isSoftware } = gpu;
  const adapter_info = adaptersSoFar().at(-1)!;
  say(`Adapter: ${adapter} (${runtime})`);
  const named = options.scaling ? [] : (options.peers ?? usualPeers(isSoftware));
  const { peers, skipped } = await openPeers(named, webgpu, adaptersSoFar);
  for (const { engine, reason } of skipped) say(`Without ${engine}: ${reason}`);
  say('Roof …');
  const { roof, probe } = await measureRoof(gpu, seconds / 10);

  const scaling = options.scaling && (await measureScaling(webgpu, bytesSoFar, options));
  const found: Finding[] = [];
  for (const config of options.scaling ? [] : configs) {
    found.push(await measureConfig(config, peers, { roof, probe }, options, around));
  }
  gpu.destroy();
  return {
    version: 2,
    date: new Date().toISOString(),
    ...{ runtime, adapter, adapter_info },
    software_adapter: isSoftware,
    roof,
    configs: Object.fromEntries(found.flatMap((f) => Object.entries(f.configs))),
    rows: found.flatMap(({ rows }) => rows),
    skipped: [...skipped, ...found.flatMap((f) => f.skipped)],
    packing: found.flatMap(({ packing }) => packing),
    kernels: found.flatMap(({ kernels }) => kernels),
    ...(scaling && { scaling }),
  };
}

async function measureConfig(
  config: BenchConfig,
  peers: readonly Engine[],
  { roof, probe }: { readonly roof: Roof; readonly probe: Probe },
  options: BenchOptions,
  { webgpu, callsSoFar }: Surroundings,
): Promise<Finding> {
  const { seconds, say } = options;
  const { forms, calibrated } = await formsFor(webgpu, config, options);
  const engines = [driftEngine(webgpu, forms), ...peers];
  const work = createWorkload(config);
  const rows: Report['rows'][number][] = [];
  const skipped: Report['skipped'][number][] = [];
  const kernels: Report['kernels'][number][] = [];
  for (const phase of PHASES) {
    say(`${config.name}, ${phase} …`);
    const compared = await compare(engines, phase, work, seconds, callsSoFar, probe);
    rows.push(...compared.timings.map((timing) => rowOf(config, phase, timing, roof)));
    skipped.push(...compared.skipped);
    kernels.push(...compared.timings.flatMap((t) => kernelRows(config, phase, t.profiles, roof)));
  }
  say(`${config.name}, packing …`);
  const packing = [await measurePacking(webgpu, work, forms, seconds)];
  const configs = { [config.name]: configRow(work, forms, calibrated) };
  return { configs, rows, skipped, kernels, packing };
}

function configRow({ config, layout }: Workload, forms: Variants, calibrated: boolean): ConfigRow {
  const { name: _, ...rest } = config;
  return {
    ...rest,
    parameters: layout.parameters,
    train_gflop_per_step: workOf(config, 'train').flops / 1e9,
    decode_gflop_per_step: workOf(config, 'decode').flops / 1e9,
    ...{ forms, calibrated },
  };
}
