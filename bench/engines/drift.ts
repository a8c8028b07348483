/** This project's engine, used as its trainer and its rollouts use it. */
import type { StepReport } from '../../src/data/results';
import { Gpu } from '../../src/gpu/gpu';
import { Decoder, type Sampled } from '../../src/model/generate';
import type { Variants } from '../../src/shared/kernelForms';
import { Trainer, type StepRows } from '../../src/training/trainer';
import { packedRows } from '../rows';
import type { Engine, Job } from '../engine';
import {
  ADAMW,
  DECODE_ROWS,
  LEARNING_RATE,
  NEW_TOKENS,
  NO_CLIP,
  shapeOf,
  type Workload,
} from '../workload';

/** Opens a device whose limits the workload's buffers need, for kernels of those forms. */
export function openGpu(webgpu: GPU, { config, layout }: Workload, forms: Variants): Promise<Gpu> {
  const { model, vocabulary, batch, context } = config;
  const widest = Math.max(2 * model.mlp, 3 * model.channels, vocabulary);
  const cache = DECODE_ROWS * NEW_TOKENS * model.channels;
  const largestBufferBytes = 4 * Math.max(layout.total, batch * context * widest, cache);
  return Gpu.open(webgpu, { ...forms, timestamps: true, largestBufferBytes });
}

/** A trainer for the workload's batch, with its weights. */
export async function openTrainer(gpu: Gpu, work: Workload): Promise<Trainer> {
  const { config, params } = work;
  const tokens = config.batch * config.context;
  const rules = { ...ADAMW, clip: NO_CLIP };
  const trainer = await Trainer.create(gpu, shapeOf(config), { tokens, scored: tokens }, rules);
  trainer.load(params);
  return trainer;
}

/** Runs optimizer steps; each one's numbers are awaited while the next runs. */
export async function runSteps(
  trainer: Trainer,
  rows: StepRows,
  times: number,
): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  let before: Promise<StepReport> | undefined;
  for (let i = 0; i < times; i++) {
    const { report } = await trainer.submit(rows, LEARNING_RATE);
    if (before) reports.push(await before);
    before = report;
  }
  if (before) reports.push(await before);
  return reports;
}

async function openTraining(gpu: Gpu, work: Workload): Promise<Job> {
  const trainer = await openTrainer(gpu, work);
  const rows = packedRows(work.rows);
  return {
    run: async (times) => (await runSteps(trainer, rows, times)).map(({ loss }) => loss),
    warm: () => trainer.gradient.refine(),
    profile: () => trainer.profile(),
    close: () => gpu.destroy(),
  };
}

async function openDecoding(gpu: Gpu, { config, layout, params, prompts }: Workload): Promise<Job> {
  const weights = gpu.upload('parameters', [layout.total], params);
  const shape = { ...shapeOf(config), context: NEW_TOKENS };
  const capacity = { rows: DECODE_ROWS, feedTokens: DECODE_ROWS, answerTokens: NEW_TOKENS };
  const decoder = await Decoder.create(gpu, shape, layout, weights, capacity);
  decoder.setSampling({ temperature: 0, topK: 0, topP: 1, seed: 1, stream: 1 });
  const feeds = prompts.map((token, row) => ({ tokens: [token], position: 0, row, keys: [row] }));
  return {
    async run(times) {
      let rows: Sampled[] = [];
      for (let i = 0; i < times; i++) rows = await decoder.turn(feeds);
      return Int32Array.from(rows.flatMap(({ tokens }) => tokens));
    },
    profile: () => decoder.profile(),
    close: () => gpu.destroy(),
  };
}

/** The engine of this project, with kernels of those forms. */
export function driftEngine(webgpu: GPU, forms: Variants): Engine {
  return {
    name: 'drift',
    async open(phase, work) {
      const gpu = await openGpu(webgpu, work, forms);
      return phase === 'train' ? openTraining(gpu, work) : openDecoding(gpu, work);
    },
  };
}
