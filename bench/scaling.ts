/** How time and memory grow with each size of a run, beside what arithmetic expects. */
import { RunConfig } from '../src/config/runConfig';
import { taskNamed } from '../src/data/tasks/registry';
import { findAdapter } from '../src/gpu/adapter';
import { Gpu } from '../src/gpu/gpu';
import { Decoder } from '../src/model/generate';
import { capacitiesOf, planMemory, type Capacities } from '../src/training/memory';
import { RolloutService } from '../src/training/rolloutService';
import { Trainer } from '../src/training/trainer';
import { runSteps } from './engines/drift';
import { answerFlops, runBytes } from './expected';
import { formsFor, type FormsWanted } from './forms';
import { packedRows } from './rows';
import { ADAMW, createWorkload, shapeOf, workOf, type BenchConfig } from './workload';

export const AXES = ['batch', 'context', 'width', 'depth', 'K'] as const;
export type Axis = (typeof AXES)[number];
type Sizes = Readonly<Record<Axis, number>>;

/** One size changed, the others as in BASE. */
export interface ScalingPoint {
  readonly axis: Axis;
  readonly value: number;
  readonly parameters: number;
  readonly train_ms: number; // an optimizer step
  readonly decode_ms: number; // ANSWER tokens for each of K tries of one prompt
  readonly train_gflop: number; // of the matrix products and attention of a step
  readonly decode_gflop: number; // of the same of the answers
  readonly expected_bytes: number; // both devices together, by the formula of expected.ts
  readonly planned_bytes: number; // by the planner
  readonly allocated_bytes: number; // sum of the buffers made
}

/** The largest model that the planner lets train in so much memory. */
export interface LargestModel {
  readonly gigabytes: number; // 2^30
  readonly batch: number; // trajectories of a step
  readonly layers: number;
  readonly channels: number;
  readonly parameters: number;
  readonly rows: number; // trajectories decoded at a time
  readonly planned_bytes: number;
}

export interface Scaling {
  readonly base: Sizes;
  readonly points: readonly ScalingPoint[];
  readonly largest: readonly LargestModel[];
}

const BASE: Sizes = { batch: 16, context: 64, width: 64, depth: 2, K: 64 };
const VALUES: Readonly<Record<Axis, readonly number[]>> = {
  batch: [4, 8, 16, 32, 64],
  context: [32, 64, 128, 256, 512],
  width: [32, 64, 128, 256],
  depth: [1, 2, 4, 8],
  K: [16, 32, 64, 128, 256],
};
const PROMPT = 16; // tokens, shared by K tries
const ANSWER = 16; // tokens of each
const ROUNDS = 4;
const HEAD = 16; // channels of a head, whatever the width

function configOf({ batch, context, width, depth }: Sizes): BenchConfig {
  const heads = width / HEAD;
  const model = {
    ...{ layers: depth, channels: width, heads, kvHeads: heads, mlp: 3 * width },
    ...{ tiedHead: true, ropeBase: 10_000 },
  };
  return { name: 'scaling', model, vocabulary: 32, context, batch };
}

function capacitiesFor(config: BenchConfig, K: number, isSoftware: boolean): Capacities {
  const tokens = config.batch * config.context;
  return {
    isSoftware,
    shape: shapeOf(config),
    train: { tokens, scored: tokens },
    decode: { rows: K, feedTokens: PROMPT, answerTokens: ANSWER },
    chat: { rows: 1, feedTokens: config.context, answerTokens: ANSWER },
  };
}

/** Milliseconds of the quickest of some rounds, after one to warm up: sizes are compared, not noise. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  await work();
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    await work();
    best = Math.min(best, performance.now() - begun);
  }
  return best;
}

async function measurePoint(
  webgpu: GPU,
  axis: Axis,
  value: number,
  bytesSoFar: () => number,
  wanted: FormsWanted,
): Promise<ScalingPoint> {
  const sizes = { ...BASE, [axis]: value };
  const config = configOf(sizes);
  const { isSoftware } = (await findAdapter(webgpu)).traits;
  const { forms } = await formsFor(webgpu, config, wanted);
  const capacities = capacitiesFor(config, sizes.K, isSoftware);
  const plan = planMemory(capacities);
  const { shape, train, decode } = capacities;
  const { largestBufferBytes } = plan;
  const work = createWorkload(config);
  const before = bytesSoFar();
  const rollouts = new RolloutService(webgpu);
  await rollouts.open({ task: 'facts', capacities, reference: work.params });
  await rollouts.score(packedRows(work.rows.slice(0, 1)).from); // makes what scores
  const gpu = await Gpu.open(webgpu, { ...forms, largestBufferBytes });
  try {
    const trainer = await Trainer.create(gpu, shape, train, { ...ADAMW, clip: 1 });
    const allocated = bytesSoFar() - before;
    await rollouts.close();
    trainer.load(work.params);
    const rows = packedRows(work.rows.map((row) => row.subarray(1))); // as many tokens as planned
    await trainer.gradient.refine();
    const trainMs = await timed(() => runSteps(trainer, rows, 1));
    const decoder = await Decoder.create(gpu, shape, work.layout, trainer.params, decode);
    decoder.setSampling({ temperature: 0, topK: 0, topP: 1, seed: 1, stream: 1 });
    const tokens = Array.from({ length: PROMPT }, (_, i) => i % config.vocabulary);
    const keys = Array.from({ length: sizes.K }, (_, k) => k);
    const tries = { tokens, position: 0, row: 0, keys };
    return {
      ...{ axis, value, parameters: work.layout.parameters, train_ms: trainMs },
      decode_ms: await timed(() => decoder.turn([tries])),
      train_gflop: workOf(config, 'train').flops / 1e9,
      decode_gflop: answerFlops(config, { K: sizes.K, prompt: PROMPT, answer: ANSWER }) / 1e9,
      expected_bytes: runBytes(config, sizes.K, isSoftware),
      planned_bytes: plan.totalBytes,
      allocated_bytes: allocated,
    };
  } finally {
    gpu.destroy();
  }
}

/**
 * Of up to 24 layers and 16 heads of 64 channels, with an MLP 2.5 times as wide, the one with the most
 * parameters; all else is as a run usually has it.
 *
 * @param batch trajectories, and dialogues, of a step
 */
function largestModel(gigabytes: number, batch: number): LargestModel {
  const found: LargestModel[] = [];
  for (let heads = 1; heads <= 16; heads++) {
    const own: LargestModel[] = [];
    for (let layers = 1; layers <= 24; layers++) {
      const model = modelThatFits({ layers, heads }, gigabytes, batch);
      if (!model) break; // more layers do not fit either
      own.push(model);
    }
    found.push(...own.slice(-1));
  }
  const [first, ...others] = found;
  if (!first) throw new Error(`No model fits ${gigabytes} GiB.`);
  return others.reduce((most, one) => (one.parameters > most.parameters ? one : most), first);
}

function modelThatFits(
  { layers, heads }: { readonly layers: number; readonly heads: number },
  gigabytes: number,
  batch: number,
): LargestModel | undefined {
  const channels = 64 * heads;
  const model = { layers, channels, heads, kvHeads: heads, mlp: 160 * heads };
  const config = RunConfig.parse({ model, optimizer: { batch }, reference: { batch } });
  const most = gigabytes * 2 ** 30;
  try {
    const capacities = capacitiesOf(config, taskNamed(config.task), false, most);
    const { parameters, totalBytes: planned_bytes } = planMemory(capacities);
    const { rows } = capacities.decode;
    const fits = planned_bytes <= most;
    return fits
      ? { gigabytes, batch, layers, channels, parameters, rows, planned_bytes }
      : undefined;
  } catch {
    return undefined; // over the planner's own limit
  }
}

/** For 1, 2 and 4 GiB, at the usual batch and at a small one. */
export const largestModels = (): LargestModel[] =>
  [64, 4].flatMap((batch) => [1, 2, 4].map((gigabytes) => largestModel(gigabytes, batch)));

/** @param bytesSoFar sum of all buffers ever made */
export async function measureScaling(
  webgpu: GPU,
  bytesSoFar: () => number,
  { say, ...wanted }: FormsWanted & { readonly say: (line: string) => void },
  values = VALUES,
): Promise<Scaling> {
  const points: ScalingPoint[] = [];
  for (const axis of AXES) {
    for (const value of values[axis]) {
      say(`${axis} ${value} …`);
      points.push(await measurePoint(webgpu, axis, value, bytesSoFar, wanted));
    }
  }
  return { base: BASE, points, largest: largestModels() };
}

/** Exponent of growth, fitted by least squares: 1 is in proportion, 2 with the square. */
export function slope(points: readonly ScalingPoint[], of: (p: ScalingPoint) => number): number {
  const mean = (logs: readonly number[]): number => logs.reduce((a, b) => a + b, 0) / logs.length;
  const x = points.map(({ value }) => Math.log(value));
  const y = points.map((p) => Math.log(of(p)));
  const [mx, my] = [mean(x), mean(y)];
  return mean(x.map((v, i) => (v - mx) * (y[i]! - my))) / mean(x.map((v) => (v - mx) ** 2));
}

/** Points of one axis, ascending. */
export const along = ({ points }: Scaling, axis: Axis): ScalingPoint[] =>
  points.filter((point) => point.axis === axis);
