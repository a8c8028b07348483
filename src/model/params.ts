import type { ModelConfig } from '../config/runConfig';
import type { Tensor } from '../gpu/tensor';
import { rng, STREAM } from '../shared/rng';

/** What fixes every tensor of a model. */
export interface ModelShape {
  readonly model: ModelConfig;
  readonly vocabulary: number; // V, real token ids
  readonly context: number; // T, longest sequence in tokens
}

/** One parameter tensor under its Hugging Face name, as a range of the flat buffer. */
export interface ParamView {
  readonly name: string;
  readonly shape: readonly number[]; // [rows, columns] or [C]
  readonly offset: number; // floats
}

/** A range that kernels bind: neighbors such as q, k and v are one matrix to them. */
export interface ParamBlock {
  readonly shape: readonly number[];
  readonly offset: number; // floats, a multiple of 64
}

export interface LayerBlocks {
  readonly qkv: ParamBlock; // [(H+2·Hkv)·D, C]
  readonly o: ParamBlock; // [C, H·D]
  readonly gu: ParamBlock; // [2F, C]: gate | up
  readonly down: ParamBlock; // [C, F]
  readonly norm1: ParamBlock; // [C]
  readonly norm2: ParamBlock; // [C]
}

/** Where every parameter lies in one flat buffer: matrices first, so that decay is a prefix. */
export interface ParamLayout {
  readonly views: readonly ParamView[];
  readonly embed: ParamBlock; // [V padded, C]
  readonly head: ParamBlock; // the same block as embed when tied
  readonly layers: readonly LayerBlocks[];
  readonly norm: ParamBlock; // [C]
  readonly decayed: number; // floats that weight decay applies to
  readonly total: number; // P, floats, padding included
  readonly parameters: number; // trainable numbers, padding excluded
}

const ALIGN = 64; // floats: 256 bytes, the alignment of storage bindings
const alignUp = (n: number, to: number): number => Math.ceil(n / to) * to;

/** Rows of the embedding and columns of the logits: V rounded up so that rows are whole vec4s. */
export const paddedVocabulary = (V: number): number => alignUp(V, 4);

/** Lays out the parameters of a model. Names: Hugging Face `LlamaForCausalLM`. */
export function paramLayout({ model, vocabulary }: ModelShape): ParamLayout {
  const { layers: L, channels: C, heads: H, kvHeads, mlp: F, tiedHead } = model;
  const D = C / H;
  const views: ParamView[] = [];
  let end = 0;

  /** One bound block made of neighboring named tensors. */
  const block = (
    shape: readonly number[],
    parts: readonly (readonly [name: string, rows: number])[],
  ): ParamBlock => {
    const offset = alignUp(end, ALIGN);
    const columns = shape.length === 2 ? shape[1]! : 1;
    let at = offset;
    for (const [name, rows] of parts) {
      views.push({ name, shape: shape.length === 2 ? [rows, columns] : [rows], offset: at });
      at += rows * columns;
    }
    end = offset + shape.reduce((n, d) => n * d, 1);
    return { shape, offset };
  };

  const Vp = paddedVocabulary(vocabulary);
  const embed = block([Vp, C], [['model.embed_tokens.weight', vocabulary]]);
  const matrices = Array.from({ length: L }, (_, l) => {
    const name = (rest: string): string => `model.layers.${l}.${rest}.weight`;
    return {
      qkv: block(
        [(H + 2 * kvHeads) * D, C],
        [
          [name('self_attn.q_proj'), H * D],
          [name('self_attn.k_proj'), kvHeads * D],
          [name('self_attn.v_proj'), kvHeads * D],
        ],
      ),
      o: block([C, H * D], [[name('self_attn.o_proj'), C]]),
      gu: block(
        [2 * F, C],
        [
          [name('mlp.gate_proj'), F],
          [name('mlp.up_proj'), F],
        ],
      ),
      down: block([C, F], [[name('mlp.down_proj'), C]]),
    };
  });
  const head = tiedHead ? embed : block([Vp, C], [['lm_head.weight', vocabulary]]);
  const decayed = alignUp(end, ALIGN);
  const layers = matrices.map((m, l) => ({
    ...m,
    norm1: block([C], [[`model.layers.${l}.input_layernorm.weight`, C]]),
    norm2: block([C], [[`model.layers.${l}.post_attention_layernorm.weight`, C]]),
  }));
  const norm = block([C], [['model.norm.weight', C]]);
  const parameters = views.reduce((n, v) => n + v.shape.reduce((m, d) => m * d, 1), 0);
  return { views, embed, head, layers, norm, decayed, total: alignUp(end, ALIGN), parameters };
}

/**
 * Fresh parameters [P]: norms 1, matrices normal with standard deviation 0.02, those that write to the
 * residual stream divided by √(2L).
 *
 * Source: Radford et al. 2019 (GPT-2), section 2.3.
 */
export function initialParams(layout: ParamLayout, seed: number): Float32Array<ArrayBuffer> {
  const params = new Float32Array(layout.total);
  layout.views.forEach(({ name, shape, offset }, i) => {
    const count = shape.reduce((n, d) => n * d, 1);
    if (shape.length === 1) {
      params.fill(1, offset, offset + count);
      return;
    }
    const writesResidual = /o_proj|down_proj/.test(name);
    const deviation = 0.02 / (writesResidual ? Math.sqrt(2 * layout.layers.length) : 1);
    const random = rng(seed, STREAM.init, i);
    for (let j = 0; j < count; j++) params[offset + j] = deviation * random.normal();
  });
  return params;
}

/** A block of the flat tensor as kernels bind it. */
export const blockOf = (flat: Tensor, block: ParamBlock, label: string): Tensor => ({
  label,
  shape: block.shape,
  dtype: 'f32',
  buffer: flat.buffer,
  offsetBytes: flat.offsetBytes + 4 * block.offset,
});

/** Named tensors of a flat parameter (or moment) array, as views, without padding. */
export function namedParams(
  layout: ParamLayout,
  flat: Float32Array<ArrayBuffer>,
): { name: string; shape: readonly number[]; data: Float32Array<ArrayBuffer> }[] {
  return layout.views.map(({ name, shape, offset }) => ({
    name,
    shape,
    data: flat.subarray(offset, offset + shape.reduce((n, d) => n * d, 1)),
  }));
}

/** The flat array [P] made of named tensors. Shapes were checked by whoever read them. */
export function flatParams(
  layout: ParamLayout,
  named: ReadonlyMap<string, ArrayLike<number>>,
): Float32Array<ArrayBuffer> {
  const flat = new Float32Array(layout.total);
  for (const { name, offset } of layout.views) {
    const data = named.get(name);
    if (data) flat.set(data, offset);
  }
  return flat;
}
