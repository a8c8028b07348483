/** config.json of a Llama folder, and the tensors that it implies. */
import { z } from 'zod';
import { RunConfig, type ModelConfig } from '../config/runConfig';
import { readAs, type JsonFile } from './jsonFile';

const RMS_NORM_EPS = 1e-5;
const MAX_VOCABULARY = 65_536;
const ROTARY = 'default'; // plain RoPE, pairs (i, i + D/2): "rotate half"

/** config.json for a model of ours. */
export function modelConfigJson(
  model: ModelConfig,
  vocabularySize: number,
  contextTokens: number,
): Readonly<Record<string, unknown>> {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: vocabularySize,
    hidden_size: model.channels,
    intermediate_size: model.mlp,
    num_hidden_layers: model.layers,
    num_attention_heads: model.heads,
    num_key_value_heads: model.kvHeads,
    head_dim: model.channels / model.heads,
    hidden_act: 'silu',
    rms_norm_eps: RMS_NORM_EPS,
    rope_theta: model.ropeBase,
    rope_scaling: null,
    attention_bias: false,
    attention_dropout: 0,
    mlp_bias: false,
    tie_word_embeddings: model.tiedHead,
    max_position_embeddings: contextTokens,
    torch_dtype: 'float32',
  };
}

/** Every tensor of a model by its Hugging Face name, in file order; matrices are [out, in]. */
export function llamaTensorShapes(
  model: ModelConfig,
  vocabularySize: number,
): ReadonlyMap<string, readonly number[]> {
  const { channels: C, mlp: F } = model;
  const kv = (C / model.heads) * model.kvHeads;
  const shapes = new Map<string, readonly number[]>([
    ['model.embed_tokens.weight', [vocabularySize, C]],
  ]);
  for (let i = 0; i < model.layers; i++) {
    const layer = `model.layers.${i}`;
    shapes.set(`${layer}.input_layernorm.weight`, [C]);
    shapes.set(`${layer}.self_attn.q_proj.weight`, [C, C]);
    shapes.set(`${layer}.self_attn.k_proj.weight`, [kv, C]);
    shapes.set(`${layer}.self_attn.v_proj.weight`, [kv, C]);
    shapes.set(`${layer}.self_attn.o_proj.weight`, [C, C]);
    shapes.set(`${layer}.post_attention_layernorm.weight`, [C]);
    shapes.set(`${layer}.mlp.gate_proj.weight`, [F, C]);
    shapes.set(`${layer}.mlp.up_proj.weight`, [F, C]);
    shapes.set(`${layer}.mlp.down_proj.weight`, [C, F]);
  }
  shapes.set('model.norm.weight', [C]);
  if (!model.tiedHead) shapes.set('lm_head.weight', [vocabularySize, C]);
  return shapes;
}

const Rope = z.looseObject({ rope_type: z.literal(ROTARY).optional(), rope_theta: z.number() });

const LlamaConfig = z.looseObject({
  model_type: z.literal('llama'),
  vocab_size: z.int().min(1).max(MAX_VOCABULARY),
  hidden_size: z.int(),
  intermediate_size: z.int(),
  num_hidden_layers: z.int(),
  num_attention_heads: z.int(),
  num_key_value_heads: z.int().optional(), //  absent: as many as heads
  head_dim: z.int().nullish(), //              absent: hidden_size / heads
  hidden_act: z.literal('silu').default('silu'),
  rms_norm_eps: z.literal(RMS_NORM_EPS),
  rope_theta: z.number().optional(), //        older writers
  rope_parameters: Rope.optional(), //         newer writers
  rope_scaling: z.union([z.null(), Rope.partial()]).optional(),
  attention_bias: z.literal(false).default(false),
  mlp_bias: z.literal(false).default(false),
  tie_word_embeddings: z.boolean().default(false),
});

/** What config.json calls the parts of our configuration. */
const KEYS: Readonly<Record<keyof ModelConfig, string>> = {
  layers: 'num_hidden_layers',
  channels: 'hidden_size',
  heads: 'num_attention_heads',
  kvHeads: 'num_key_value_heads',
  mlp: 'intermediate_size',
  tiedHead: 'tie_word_embeddings',
  ropeBase: 'rope_theta',
};

/** @throws PlaygroundError 'file-invalid' naming file, line and the field that no model of ours can have. */
export function readModelConfig(json: JsonFile): { model: ModelConfig; vocabularySize: number } {
  const c = readAs(LlamaConfig, json);
  const model = RunConfig.shape.model.safeParse({
    layers: c.num_hidden_layers,
    channels: c.hidden_size,
    heads: c.num_attention_heads,
    kvHeads: c.num_key_value_heads ?? c.num_attention_heads,
    mlp: c.intermediate_size,
    tiedHead: c.tie_word_embeddings,
    ropeBase: c.rope_parameters?.rope_theta ?? c.rope_theta,
  });
  if (!model.success) {
    const { path, message } = model.error.issues[0]!;
    throw json.fault([KEYS[path[0] as keyof ModelConfig]], message);
  }
  if (c.head_dim != null && c.head_dim * c.num_attention_heads !== c.hidden_size) {
    throw json.fault(
      ['head_dim'],
      `${c.head_dim} × ${c.num_attention_heads} heads is not hidden_size ${c.hidden_size}`,
    );
  }
  return { model: model.data, vocabularySize: c.vocab_size };
}
