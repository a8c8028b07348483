import { Plan, type Scalar } from '../gpu/plan';
import { soon } from '../shared/kernelForms';
import { Size, type Tensor } from '../gpu/tensor';
import type { Gpu } from '../gpu/gpu';
import { attentionForward } from '../kernels/attention/attention';
import { qkvWidth } from '../kernels/attention/heads';
import { crossEntropyForward } from '../kernels/cross_entropy/cross_entropy';
import { embeddingForward } from '../kernels/embedding/embedding';
import { matmulForward } from '../kernels/matmul/matmul';
import { qkvRopeForward, ropeTable } from '../kernels/qkv_rope/qkv_rope';
import { rmsnormForward } from '../kernels/rmsnorm/rmsnorm';
import {
  bindParams,
  headsOf,
  layerActivations,
  recordLayerForward,
  type Allocate,
  type ModelParams,
} from './layer';
import { paddedVocabulary, type ModelShape, type ParamLayout } from './params';

/** A packed batch as the GPU wants it. Sequences lie end to end; no padding anywhere. */
export interface PackedBatch {
  readonly tokens: Int32Array<ArrayBuffer>; //      [N] token ids
  readonly position: Int32Array<ArrayBuffer>; //    [N] index within the own sequence
  readonly start: Int32Array<ArrayBuffer>; //       [N] packed index of the own sequence's first token
  readonly end: Int32Array<ArrayBuffer>; //         [N] one past the own sequence's last token
  readonly order: Int32Array<ArrayBuffer>; //       [N] packed indices sorted by token id
  readonly idStarts: Int32Array<ArrayBuffer>; //    [V padded+1] where each id begins in `order`
  readonly index: Int32Array<ArrayBuffer>; //       [M] packed index whose logits are scored, none twice
  readonly targets: Int32Array<ArrayBuffer>; //     [M] next token
  readonly coefficient: Float32Array<ArrayBuffer>; // [M] c of L = Σ c·nll
}

/** Capacities that a transformer's buffers are made for. */
export interface BatchCapacity {
  readonly tokens: number; // N
  readonly scored: number; // M
}

/** Every buffer of scoring but the parameters: made by `gpu.alloc`, or only counted by the planner. */
export function scoringTensors(alloc: Allocate, shape: ModelShape, capacity: BatchCapacity) {
  const { model, vocabulary, context } = shape;
  const { channels: C, heads: H, layers: L } = model;
  const N = new Size('N', capacity.tokens);
  const M = new Size('M', capacity.scored);
  const Vp = paddedVocabulary(vocabulary);
  return {
    N,
    M,
    pairs: { value: 0 } as Scalar, // of tokens that attend
    ints: {
      tokens: alloc('tokens', [N], 'i32'),
      position: alloc('position', [N], 'i32'),
      start: alloc('start', [N], 'i32'),
      end: alloc('end', [N], 'i32'),
      order: alloc('order', [N], 'i32'),
      idStarts: alloc('idStarts', [Vp + 1], 'i32'),
      index: alloc('index', [M], 'i32'),
      targets: alloc('targets', [M], 'i32'),
    },
    coefficient: alloc('coefficient', [M]),
    table: alloc('rope table', [context, C / H]),
    x: Array.from({ length: L + 1 }, (_, l) => alloc(`x${l}`, [N, C])),
    layers: Array.from({ length: L }, (_, l) => ({
      ...layerActivations(alloc, model, N, `layer${l}`),
      qkv: alloc(`layer${l}.qkv`, [N, qkvWidth(headsOf(model))]), // q and k rotated
      lse: alloc(`layer${l}.lse`, [N, H]),
    })),
    scored: {
      xn: alloc('scored xn', [M, C]),
      rstd: alloc('scored rstd', [M]),
      logits: alloc('logits', [M, Vp]),
      nll: alloc('nll', [M]),
      lse: alloc('lse', [M]),
    },
  };
}
export type ScoringTensors = ReturnType<typeof scoringTensors>;

/**
 * A decoder of the Llama family with its forward pass recorded once: scores packed batches.
 *
 * Source: Touvron et al. 2023; pre-norm RMSNorm, RoPE, grouped-query attention, SwiGLU.
 */
export class Transformer {
  private constructor(
    readonly gpu: Gpu,
    readonly shape: ModelShape,
    readonly params: ModelParams,
    readonly tensors: ScoringTensors,
    readonly plan: Plan,
  ) {}

  /** Allocates activations and records. `params` [P] is read, never written. */
  static async create(
    gpu: Gpu,
    shape: ModelShape,
    layout: ParamLayout,
    params: Tensor,
    capacity: BatchCapacity,
  ): Promise<Transformer> {
    const t = await gpu.allocating('the activations', () =>
      scoringTensors((...args) => gpu.alloc(...args), shape, capacity),
    );
    const { channels, heads, ropeBase } = shape.model;
    gpu.write(t.table, ropeTable(shape.context, channels / heads, ropeBase));
    const w = bindParams(layout, params);
    const plan = new Plan(gpu, 'score', soon(gpu.variants));
    recordForward(plan, shape, w, t);
    return new Transformer(gpu, shape, w, t, plan);
  }

  /** Uploads a batch and sets the sizes of every plan on these tensors. */
  load(batch: PackedBatch): void {
    const { gpu, tensors: t } = this;
    t.N.value = batch.tokens.length;
    t.M.value = batch.index.length;
    t.pairs.value = batch.position.reduce((pairs, position) => pairs + position + 1, 0);
    for (const name of Object.keys(t.ints) as (keyof typeof t.ints)[]) {
      gpu.write(t.ints[name], batch[name]);
    }
    gpu.write(t.coefficient, batch.coefficient);
  }

  /** Scores a batch: afterwards `tensors.scored.nll` [M] holds nats of each target. */
  async score(batch: PackedBatch): Promise<void> {
    this.load(batch);
    await this.plan.run();
  }

  destroy(): void {
    const { ints, x, layers, scored, coefficient, table } = this.tensors;
    const groups = [ints, scored, ...layers].flatMap((group) => Object.values<Tensor>(group));
    this.gpu.free(...groups, ...x, coefficient, table);
    this.plan.destroy();
  }
}

/**
 * Records tokens -> nll and lse of the scored rows; keeps what the way back needs.
 *
 * @param withGradient turns the logits into their gradient
 */
export function recordForward(
  plan: Plan,
  { model, vocabulary }: ModelShape,
  w: ModelParams,
  t: ScoringTensors,
  withGradient = false,
): void {
  const heads = headsOf(model);
  const { ints, table, scored } = t;
  embeddingForward(plan, { tokens: ints.tokens, w: w.embed, y: t.x[0]! });
  t.layers.forEach((a, l) => {
    recordLayerForward(plan, w.layers[l]!, a, t.x[l]!, t.x[l + 1]!, () => {
      const { position } = ints;
      qkvRopeForward(plan, { x: a.xn1, w: w.layers[l]!.qkv, position, table, qkv: a.qkv }, heads);
      const { start } = ints;
      attentionForward(plan, { qkv: a.qkv, start, y: a.att, lse: a.lse }, heads, t.pairs);
    });
  });
  const { xn, rstd, logits, nll, lse } = scored;
  rmsnormForward(plan, { x: t.x.at(-1)!, index: ints.index, weight: w.norm, y: xn, rstd });
  matmulForward(plan, { x: xn, w: w.head, y: logits });
  const { targets } = ints;
  const gradient = withGradient ? { coefficient: t.coefficient } : {};
  crossEntropyForward(plan, { logits, targets, nll, lse, ...gradient }, vocabulary);
}
