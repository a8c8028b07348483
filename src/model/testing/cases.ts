import { DEFAULT_RUN } from '../../config/runConfig';
import { rng } from '../../shared/rng';
import type { RefBatch, RefModel } from '../transformer.ref';

/** A small model with random parameters and a packed batch, all reproducible. */
export interface ModelCase {
  readonly name: string;
  readonly model: RefModel;
  readonly params: Map<string, Float64Array<ArrayBuffer>>;
  readonly batch: RefBatch;
}

const SMALL: RefModel = {
  ...DEFAULT_RUN.model,
  layers: 1,
  channels: 16,
  heads: 2,
  kvHeads: 2,
  mlp: 20,
  tiedHead: true,
  ropeBase: 100,
  vocabulary: 7,
};

/** Names and shapes of a model's tensors, as Hugging Face `LlamaForCausalLM` has them. */
function shapesOf(model: RefModel): [name: string, rows: number, columns: number][] {
  const { layers, channels: C, heads: H, kvHeads, mlp: F, vocabulary: V } = model;
  const D = C / H;
  const shapes: [string, number, number][] = [['model.embed_tokens.weight', V, C]];
  for (let l = 0; l < layers; l++) {
    const layer = `model.layers.${l}`;
    shapes.push(
      [`${layer}.input_layernorm.weight`, 1, C],
      [`${layer}.self_attn.q_proj.weight`, H * D, C],
      [`${layer}.self_attn.k_proj.weight`, kvHeads * D, C],
      [`${layer}.self_attn.v_proj.weight`, kvHeads * D, C],
      [`${layer}.self_attn.o_proj.weight`, C, H * D],
      [`${layer}.post_attention_layernorm.weight`, 1, C],
      [`${layer}.mlp.gate_proj.weight`, F, C],
      [`${layer}.mlp.up_proj.weight`, F, C],
      [`${layer}.mlp.down_proj.weight`, C, F],
    );
  }
  shapes.push(['model.norm.weight', 1, C]);
  if (!model.tiedHead) shapes.push(['lm_head.weight', V, C]);
  return shapes;
}

/**
 * Sequences of 5, 1 and 6 tokens. Parameters are f32 numbers, large enough that attention is far from
 * uniform; coefficients have both signs, and one is 0.
 */
function modelCase(name: string, seed: number, changes: Partial<RefModel>): ModelCase {
  const model = { ...SMALL, ...changes };
  const random = rng(seed);
  const params = new Map(
    shapesOf(model).map(([tensor, rows, columns]) => {
      const [mean, deviation] = tensor.includes('norm') ? [1, 0.2] : [0, 0.4];
      const data = Float32Array.from(
        { length: rows * columns },
        () => mean + deviation * random.normal(),
      );
      return [tensor, Float64Array.from(data)];
    }),
  );
  const token = (): number => random.int(model.vocabulary);
  const positions = [1, 2, 4, 5, 6, 9, 11];
  const batch = {
    tokens: Int32Array.from({ length: 12 }, token),
    starts: [0, 5, 6],
    positions,
    targets: Int32Array.from(positions, token),
    coefficients: [0.5, 1, -0.25, 2, 0, 0.125, 1.5],
  };
  return { name, model, params, batch };
}

export const MODEL_CASES: readonly ModelCase[] = [
  modelCase('one layer, tied head', 1, {}),
  modelCase('two layers, grouped queries', 2, {
    layers: 2,
    channels: 32,
    heads: 4,
    kvHeads: 2,
    mlp: 16,
  }),
  modelCase('two layers, one KV head, untied head', 3, {
    layers: 2,
    kvHeads: 1,
    mlp: 12,
    tiedHead: false,
    vocabulary: 9,
  }),
];
