/** What is measured: models, batches and the arithmetic they need. The same for every engine. */
import type { ModelConfig } from '../src/config/runConfig';
import { initialParams, paramLayout, type ModelShape, type ParamLayout } from '../src/model/params';
import { rng } from '../src/shared/rng';

export interface BenchConfig {
  readonly name: string;
  readonly model: ModelConfig;
  readonly vocabulary: number; // V
  readonly context: number; // T, tokens of every training sequence
  readonly batch: number; // B, sequences per training step
}

export const DECODE_ROWS = 64; // sequences decoded together
export const NEW_TOKENS = 48; // each, from a prompt of one token

/** Settings of AdamW in every engine. */
export const ADAMW = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 } as const;
export const LEARNING_RATE = 1e-3;
export const NO_CLIP = 1e30; // the norm is computed, and nothing is clipped
export const RMSNORM_EPSILON = 1e-5;

type Width = readonly [layers: number, channels: number, heads: number, mlp: number];

function config(
  name: string,
  [layers, channels, heads, mlp]: Width,
  vocabulary: number,
  context: number,
  batch: number,
): BenchConfig {
  const model = {
    ...{ layers, channels, heads, kvHeads: heads, mlp },
    ...{ tiedHead: true, ropeBase: 10_000 },
  };
  return { name, model, vocabulary, context, batch };
}

/**
 * Llama-like models of about as many parameters as the GPT-like ones that peers were first measured
 * with: 108 k, 826 k and 5.07 M. `large` fills a GPU and takes hours on a software adapter.
 */
export const CONFIGS: ReadonlyMap<string, BenchConfig> = new Map(
  [
    config('tiny', [2, 64, 4, 192], 32, 64, 32),
    config('small', [4, 128, 4, 360], 64, 128, 16),
    config('base', [6, 256, 8, 728], 512, 256, 4),
    config('large', [12, 768, 12, 2048], 4096, 512, 8),
  ].map((c) => [c.name, c]),
);

/** A configuration with its weights and tokens. */
export interface Workload {
  readonly config: BenchConfig;
  readonly layout: ParamLayout;
  readonly params: Float32Array<ArrayBuffer>; // [P], as `layout` has them
  readonly rows: readonly Int32Array<ArrayBuffer>[]; // B of T+1 tokens; all but the first are targets
  readonly prompts: readonly number[]; // [DECODE_ROWS] one token each
}

export const shapeOf = ({ model, vocabulary, context }: BenchConfig): ModelShape => ({
  model,
  vocabulary,
  context,
});

const INITIAL_DEVIATION = 0.02; // of initialParams

/**
 * Fresh weights with the layers' matrices scaled to a deviation of 1/√C: at their usual size a tied
 * head would repeat every prompt, and engines would agree on tokens whatever their layers do.
 */
function lively({ model }: BenchConfig, layout: ParamLayout): Float32Array<ArrayBuffer> {
  const params = initialParams(layout, 1);
  const scale = 1 / (Math.sqrt(model.channels) * INITIAL_DEVIATION);
  for (let i = layout.layers[0]!.qkv.offset; i < layout.decayed; i++) params[i]! *= scale;
  return params;
}

/** Weights, and sequences that count up in steps of 1, 2 or 3, so that there is something to learn. */
export function createWorkload(c: BenchConfig): Workload {
  const layout = paramLayout(shapeOf(c));
  const random = rng(1);
  const row = (): Int32Array<ArrayBuffer> => {
    const [first, step] = [random.int(c.vocabulary), 1 + random.int(3)];
    return Int32Array.from({ length: c.context + 1 }, (_, t) => (first + t * step) % c.vocabulary);
  };
  return {
    config: c,
    layout,
    params: lively(c, layout),
    rows: Array.from({ length: c.batch }, row),
    prompts: Array.from({ length: DECODE_ROWS }, (_, r) => r % c.vocabulary),
  };
}

export type Phase = 'train' | 'decode';
export const PHASES: readonly Phase[] = ['train', 'decode'];

/** What one step of a phase needs at least, whoever computes it: an optimizer step, or one new token for every row. */
export interface StepWork {
  readonly tokens: number;
  readonly flops: number; // of the matrix products and of attention, causal half only
  readonly bytes: number; // of weights, gradients, moments and cache, each moved once per use
}

/**
 * Work per step. Training: forward, and twice that backward; 6 FLOPs per weight and token. Weights
 * are read twice, gradients written and read, weights and both moments read and written by AdamW.
 * Decoding, averaged over the new tokens: weights read once, the cache read up to the new token.
 */
export function workOf({ model, vocabulary, context, batch }: BenchConfig, phase: Phase): StepWork {
  const { layers: L, channels: C, mlp: F } = model;
  const weights = L * (4 * C * C + 3 * C * F) + vocabulary * C;
  const perKey = 4 * L * C; // FLOPs of one query against one key and value
  if (phase === 'train') {
    const tokens = batch * context;
    const keys = (context + 1) / 2; // a query's, on average
    const flops = 3 * tokens * (2 * weights + perKey * keys);
    return { tokens, flops, bytes: 4 * weights * (2 + 2 + 6) };
  }
  const keys = (NEW_TOKENS + 1) / 2;
  return {
    tokens: DECODE_ROWS,
    flops: DECODE_ROWS * (2 * weights + perKey * keys),
    bytes: 4 * weights + DECODE_ROWS * 4 * 2 * L * C * keys,
  };
}
