/**
 * webgpu-llm: hand-written kernels, float32 unless told otherwise. It trains on windows of tokens that
 * hold several sequences, and accumulates gradients over windows; it decodes one sequence at a time and
 * reads the logits of every token back.
 */
import { LLMEngine, Model, type Shape } from 'webgpu-llm';
import { PlaygroundError } from '../../src/shared/errors';
import type { Job, Peer } from '../engine';
import {
  ADAMW,
  DECODE_ROWS,
  LEARNING_RATE,
  NEW_TOKENS,
  NO_CLIP,
  RMSNORM_EPSILON,
  type BenchConfig,
  type Workload,
} from '../workload';

const MOST_WINDOW = 1024; // tokens; above it attention's gradients are added by atomics

const MATRICES = {
  q_proj: 'wq',
  k_proj: 'wk',
  v_proj: 'wv',
  o_proj: 'wo',
  gate_proj: 'w_gate',
  up_proj: 'w_up',
  down_proj: 'w_down',
  input_layernorm: 'attn_norm_w',
  post_attention_layernorm: 'ffn_norm_w',
} as const;
type Part = keyof typeof MATRICES;

/** Its name of a tensor that goes by `name` at Hugging Face. */
function labelOf(name: string): string {
  if (name === 'model.embed_tokens.weight') return 'tok_emb';
  const [, layer, part] = /^model\.layers\.(\d+)\..*?(\w+)\.weight$/.exec(name) ?? [];
  return layer === undefined ? 'final_norm_w' : `L${layer}.${MATRICES[part as Part]}`;
}

/**
 * Matrices [rows,columns] as it has them: transposed, and the rows of queries and keys so that the
 * channels which are rotated together, i and i + D/2 of a head, are neighbors.
 */
function matrixOf(
  w: Float32Array,
  [rows, columns]: readonly [number, number],
  D: number | undefined,
): Float32Array {
  const half = (D ?? 0) / 2;
  const rowTo = (row: number): number => {
    if (D === undefined) return row;
    const i = row % D;
    return row - i + 2 * (i % half) + (i < half ? 0 : 1);
  };
  const turned = new Float32Array(w.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) turned[c * rows + rowTo(r)] = w[r * columns + c]!;
  }
  return turned;
}

/** The workload's weights under its names. */
function tensorsOf({ config, layout, params }: Workload): { name: string; data: Float32Array }[] {
  const D = config.model.channels / config.model.heads;
  return layout.views.map(({ name, shape, offset }) => {
    const [rows = 0, columns] = shape;
    const data = params.slice(offset, offset + rows * (columns ?? 1));
    const label = labelOf(name);
    if (columns === undefined || label === 'tok_emb') return { name: label, data };
    const isRotated = /[qk]_proj/.test(name);
    return { name: label, data: matrixOf(data, [rows, columns], isRotated ? D : undefined) };
  });
}

function shapeOf({ model, vocabulary }: BenchConfig, window: number): Shape {
  const head = model.channels / model.heads;
  return {
    ...{ d_model: model.channels, n_layers: model.layers, d_ff: model.mlp, activation: 'swiglu' },
    ...{ n_heads: model.heads, n_kv_heads: model.kvHeads, head_dim: head },
    ...{ kv_dim: model.kvHeads * head, vocab_size: vocabulary, seq_len: window },
    rms_eps: RMSNORM_EPSILON,
  };
}

function openModel(engine: LLMEngine, work: Workload, window: number): Model {
  const model = new Model(engine, shapeOf(work.config, window));
  model.allocate();
  model.allocActivations();
  model.allocBackward(); // without it weights cannot be imported
  model.importWeights(tensorsOf(work));
  return model;
}

interface Window {
  readonly tokens: Uint32Array;
  readonly targets: Uint32Array;
  readonly starts: Uint32Array;
}

/** Rows of T targets in windows of equally many, as long as may be. */
function windowsOf({ config: { context: T }, rows }: Workload): Window[] {
  let each = Math.max(1, Math.floor(MOST_WINDOW / T));
  while (rows.length % each > 0) each -= 1;
  return Array.from({ length: rows.length / each }, (_, w) => {
    const own = rows.slice(w * each, (w + 1) * each);
    const column = (from: number): Uint32Array =>
      Uint32Array.from(own.flatMap((row) => Array.from(row.subarray(from, from + T))));
    const starts = Uint32Array.from({ length: each * T }, (_, i) => i - (i % T));
    return { tokens: column(0), targets: column(1), starts };
  });
}

function openTraining(engine: LLMEngine, work: Workload): Job {
  const { beta1, beta2, epsilon, weightDecay } = ADAMW;
  const rules = {
    ...{ lr: LEARNING_RATE, beta1, beta2, weight_decay: weightDecay, adam_eps: epsilon },
    grad_clip: NO_CLIP,
  };
  const windows = windowsOf(work);
  const model = openModel(engine, work, windows[0]!.tokens.length);
  return {
    async run(times) {
      const losses: number[] = [];
      for (let i = 0; i < times; i++) {
        let loss = 0;
        for (const [w, { tokens, targets, starts }] of windows.entries()) {
          loss += (await model.forwardLoss(tokens, targets, starts)) / windows.length;
          await model.backward(tokens, w > 0);
        }
        await model.step(rules, windows.length);
        losses.push(loss);
      }
      await engine.device.queue.onSubmittedWorkDone(); // the last update, which no loss waits for
      return losses;
    },
    close: () => model.destroy(),
  };
}

const largest = (logits: Float32Array): number =>
  logits.reduce((best, logit, i) => (logit > logits[best]! ? i : best), 0);

function openDecoding(engine: LLMEngine, work: Workload): Job {
  const model = openModel(engine, work, NEW_TOKENS);
  model.allocKVCache();
  return {
    async run(times) {
      const tokens = new Int32Array(DECODE_ROWS * NEW_TOKENS);
      for (let i = 0; i < times; i++) {
        for (const [row, prompt] of work.prompts.entries()) {
          let token = prompt;
          for (let at = 0; at < NEW_TOKENS; at++) {
            token = largest(await model.decodeOne(token, at));
            tokens[row * NEW_TOKENS + at] = token;
          }
        }
      }
      return tokens;
    },
    close: () => model.destroy(),
  };
}

/** webgpu-llm on the device that it opens by itself. */
export function webgpuLlmEngine(): Peer {
  const engine = new LLMEngine();
  return {
    name: 'webgpu-llm',
    async prepare() {
      try {
        await engine.init();
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new PlaygroundError('webgpu-unavailable', `It refuses this adapter: ${why}.`);
      }
    },
    async open(phase, work) {
      return phase === 'train' ? openTraining(engine, work) : openDecoding(engine, work);
    },
  };
}
