import { longestTurns, type RunConfig } from '../config/runConfig';
import type { MemoryPlan } from '../data/results';
import type { Task } from '../data/task';
import { capacityOfTensor, type Tensor } from '../gpu/tensor';
import { gradientTensors } from '../model/backward';
import { decodingTensors, type DecodeCapacity } from '../model/generate';
import type { Allocate } from '../model/layer';
import { paramLayout, type ModelShape } from '../model/params';
import { scoringTensors, type BatchCapacity } from '../model/transformer';
import { PlaygroundError } from '../shared/errors';
import { modelShape } from './modelTensors';
import { optimizerTensors } from './optimizer';

/** What the buffers of both devices are made for. */
export interface Capacities {
  readonly isSoftware: boolean; // the adapter computes on the processor
  readonly shape: ModelShape;
  readonly train: BatchCapacity;
  readonly decode: DecodeCapacity;
  readonly chat: DecodeCapacity;
}

const MOST_BYTES = 4 * 2 ** 30; // both devices together; browsers grant little more

/**
 * Capacities of a configuration: work per dispatch and per turn is bounded by the kind of adapter. Where
 * dispatches would be long, or memory is short, fewer trajectories are decoded at a time, which changes
 * none of them.
 */
export function capacitiesOf(
  config: RunConfig,
  task: Task,
  isSoftware: boolean,
  mostBytes = MOST_BYTES,
): Capacities {
  const { model, rollout, optimizer, reference } = config;
  const shape = modelShape(task, model, longestTurns(config));
  const widestMatmul = 2 * model.channels * Math.max(2 * model.mlp, 3 * model.channels);
  const perDispatch = (isSoftware ? 2e8 : 1e10) / widestMatmul; // tokens in about 100 ms
  const batchTokens = Math.max(optimizer.batch, reference.batch) * shape.context;
  const tokens = Math.max(
    shape.context,
    Math.floor(Math.min(batchTokens, perDispatch, isSoftware ? 4096 : 16384)),
  );
  const K = rollout.trajectories;
  const groups = Math.max(1, Math.floor((isSoftware ? 256 : 2048) / K));
  const longestFeed = Math.max(1 + task.feedbackTokens, task.promptTokens);
  const answers = { answerTokens: task.answerTokens, endToken: task.endToken };
  const decoding = (rows: number): Capacities => ({
    isSoftware,
    shape,
    train: { tokens, scored: tokens },
    decode: { rows, feedTokens: rows * longestFeed, ...answers },
    chat: { rows: 1, feedTokens: shape.context, ...answers },
  });
  const together = (rows: number): number => K * Math.max(1, Math.floor(rows / K)); // a prompt's tries
  let rows = Math.max(K * Math.min(groups, rollout.prompts), isSoftware ? 256 : 1024);
  if (rows * longestFeed > perDispatch) rows = together(perDispatch / longestFeed);
  while (rows > K && countMemory(decoding(rows)).totalBytes > mostBytes) rows = together(rows / 2);
  return decoding(rows);
}

/** Counts every buffer that a run will make, without making any. */
function countMemory({ isSoftware, shape, train, decode, chat }: Capacities): MemoryPlan {
  const layout = paramLayout(shape);
  let bytes = 0;
  let largestBufferBytes = 0;
  const count: Allocate = (label, dims, dtype = 'f32') => {
    const counted = { label, shape: dims, dtype, offsetBytes: 0 } as unknown as Tensor; // no buffer behind it
    const size = Math.max(16, 4 * capacityOfTensor(counted));
    bytes += size;
    largestBufferBytes = Math.max(largestBufferBytes, size);
    return counted;
  };
  const parts: { label: string; bytes: number }[] = [];
  const part = (label: string, allocate: () => void): void => {
    bytes = 0;
    allocate();
    parts.push({ label, bytes });
  };
  const readback = (floats: number, slots: number): void => {
    for (let i = 0; i < slots; i++) count('readback', [Math.max(4, floats)]);
  };
  part('weights, four copies', () => {
    for (let i = 0; i < 3; i++) count('parameters', [layout.total]);
    count('reference', [layout.total]);
  });
  part('gradients and moments', () => {
    optimizerTensors(count, layout);
    readback(4, 3);
  });
  part('activations', () => {
    const t = scoringTensors(count, shape, train);
    gradientTensors(count, shape, layout, t, isSoftware);
    readback(train.scored, 8);
    scoringTensors(count, shape, train); // the rollout device scores under the reference
    readback(train.scored, 1);
  });
  part('KV cache and decoding', () => {
    for (const capacity of [decode, chat]) {
      decodingTensors(count, shape, capacity);
      readback(2 * capacity.rows * capacity.answerTokens, 1);
    }
  });
  const totalBytes = parts.reduce((n, p) => n + p.bytes, 0);
  return { parts, totalBytes, largestBufferBytes, parameters: layout.parameters };
}

/**
 * The bytes of every buffer that a run will make.
 *
 * @throws PlaygroundError 'over-limit' naming the setting to change.
 */
export function planMemory(capacities: Capacities): MemoryPlan {
  const plan = countMemory(capacities);
  const { parts, totalBytes } = plan;
  if (totalBytes > MOST_BYTES) {
    const worst = parts.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    const setting = /weights|moments/.test(worst.label)
      ? 'model.channels or model.layers'
      : /KV/.test(worst.label)
        ? 'rollout.trajectories or model.channels'
        : 'model.mlp or optimizer.batch';
    throw new PlaygroundError(
      'over-limit',
      `The configuration needs ${(totalBytes / 2 ** 30).toFixed(1)} GiB of GPU memory, more than ${MOST_BYTES / 2 ** 30} GiB; make ${setting} smaller.`,
      { totalBytes, allowed: MOST_BYTES, setting },
    );
  }
  return plan;
}
