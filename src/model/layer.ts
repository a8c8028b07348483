import type { ModelConfig } from '../config/runConfig';
import type { Heads } from '../kernels/attention/heads';
import { matmulForward } from '../kernels/matmul/matmul';
import { rmsnormForward } from '../kernels/rmsnorm/rmsnorm';
import { swigluForward } from '../kernels/swiglu/swiglu';
import type { Plan } from '../gpu/plan';
import type { Dim, DType, Tensor } from '../gpu/tensor';
import { blockOf, type LayerBlocks, type ParamBlock, type ParamLayout } from './params';

/** Makes a tensor: `gpu.alloc`, or the planner's counter. */
export type Allocate = (label: string, shape: readonly Dim[], dtype?: DType) => Tensor;

/** Sizes of the attention block. */
export const headsOf = ({ heads, kvHeads, channels }: ModelConfig): Heads => ({
  H: heads,
  Hkv: kvHeads,
  D: channels / heads,
});

/** The matrices and norms of one block, bound. */
export type LayerParams = Readonly<Record<keyof LayerBlocks, Tensor>>;

export interface ModelParams {
  readonly embed: Tensor; // [V padded, C]
  readonly layers: readonly LayerParams[];
  readonly norm: Tensor; // [C]
  readonly head: Tensor; // [V padded, C]
}

/**
 * Binds every block of a flat parameter (or gradient) tensor.
 *
 * @param vectors the part after `layout.decayed`, where it is a tensor of its own
 */
export function bindParams(
  layout: ParamLayout,
  flat: Tensor,
  vectors: Tensor = { ...flat, offsetBytes: flat.offsetBytes + 4 * layout.decayed },
): ModelParams {
  const vectorOf = ({ shape, offset }: ParamBlock, label: string): Tensor =>
    blockOf(vectors, { shape, offset: offset - layout.decayed }, label);
  const bind = (l: LayerBlocks, i: number): LayerParams => ({
    qkv: blockOf(flat, l.qkv, `layers.${i}.qkv`),
    o: blockOf(flat, l.o, `layers.${i}.o`),
    gu: blockOf(flat, l.gu, `layers.${i}.gu`),
    down: blockOf(flat, l.down, `layers.${i}.down`),
    norm1: vectorOf(l.norm1, `layers.${i}.norm1`),
    norm2: vectorOf(l.norm2, `layers.${i}.norm2`),
  });
  return {
    embed: blockOf(flat, layout.embed, 'embed'),
    layers: layout.layers.map(bind),
    norm: vectorOf(layout.norm, 'norm'),
    head: blockOf(flat, layout.head, 'head'),
  };
}

/** What one block computes on the way forward; all of it is kept for the way back. */
export interface LayerActivations {
  readonly xn1: Tensor; // [N,C] normed input of attention
  readonly rstd1: Tensor; // [N]
  readonly att: Tensor; // [N,H·D]
  readonly xmid: Tensor; // [N,C] residual stream after attention
  readonly xn2: Tensor; // [N,C] normed input of the MLP
  readonly rstd2: Tensor; // [N]
  readonly slopes: Tensor; // [N,2F] of h: by gate | by up
  readonly h: Tensor; // [N,F]
}

export function layerActivations(
  alloc: Allocate,
  model: ModelConfig,
  N: Dim,
  label: string,
): LayerActivations {
  const { channels: C, mlp: F } = model;
  return {
    xn1: alloc(`${label}.xn1`, [N, C]),
    rstd1: alloc(`${label}.rstd1`, [N]),
    att: alloc(`${label}.att`, [N, C]),
    xmid: alloc(`${label}.xmid`, [N, C]),
    xn2: alloc(`${label}.xn2`, [N, C]),
    rstd2: alloc(`${label}.rstd2`, [N]),
    slopes: alloc(`${label}.slopes`, [N, 2 * F]),
    h: alloc(`${label}.h`, [N, F]),
  };
}

/** Records one block: x [N,C] -> out [N,C]. `attend` turns a.xn1 into a.att its own way. */
export function recordLayerForward(
  plan: Plan,
  w: LayerParams,
  a: LayerActivations,
  x: Tensor,
  out: Tensor,
  attend: () => void,
): void {
  rmsnormForward(plan, { x, weight: w.norm1, y: a.xn1, rstd: a.rstd1 });
  attend();
  matmulForward(plan, { x: a.att, w: w.o, y: a.xmid, residual: x });
  rmsnormForward(plan, { x: a.xmid, weight: w.norm2, y: a.xn2, rstd: a.rstd2 });
  swigluForward(plan, { x: a.xn2, w: w.gu, slopes: a.slopes, y: a.h });
  matmulForward(plan, { x: a.h, w: w.down, y: out, residual: a.xmid });
}
