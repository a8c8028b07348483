import type { ModelConfig } from '../config/runConfig';
import type { Gpu } from '../gpu/gpu';
import { Plan } from '../gpu/plan';
import type { GradSlices, Tensor } from '../gpu/tensor';
import { attentionBackwardKeyValue, attentionBackwardQuery } from '../kernels/attention/attention';
import { qkvWidth } from '../kernels/attention/heads';
import { crossEntropyBackward } from '../kernels/cross_entropy/cross_entropy';
import { embeddingBackward } from '../kernels/embedding/embedding';
import { gatherRowsBackward } from '../kernels/gather_rows/gather_rows';
import { matmulBackwardInput, matmulBackwardWeight } from '../kernels/matmul/matmul';
import { rmsnormBackward, rmsnormBackwardWeight } from '../kernels/rmsnorm/rmsnorm';
import { ropeApply } from '../kernels/rope/rope';
import { swigluBackward } from '../kernels/swiglu/swiglu';
import {
  bindParams,
  headsOf,
  type Allocate,
  type LayerActivations,
  type LayerParams,
  type ModelParams,
} from './layer';
import type { ModelShape, ParamLayout } from './params';
import {
  recordForward,
  type PackedBatch,
  type ScoringTensors,
  type Transformer,
} from './transformer';

/** Slices over which a weight's gradient is summed in parallel; more than one while memory allows. */
function gradSlices(layout: ParamLayout): GradSlices {
  let count = 16;
  while (count > 1 && 4 * layout.total * count > 64 * 2 ** 20) count /= 2;
  return { count, stride: layout.total };
}

/** The buffers that training needs besides those of scoring. */
export function gradientTensors(
  alloc: Allocate,
  { model }: ModelShape,
  layout: ParamLayout,
  { N, M }: Pick<ScoringTensors, 'N' | 'M'>,
) {
  const { channels: C, heads: H, mlp: F } = model;
  return {
    scored: {
      dxn: alloc('scored dxn', [M, C]),
      dx: alloc('scored dx', [M, C]),
    },
    trunk: {
      dx: alloc('dx', [N, C]),
      dxn: alloc('dxn', [N, C]),
      dh: alloc('dh', [N, F]),
      dgu: alloc('dgu', [N, 2 * F]),
      datt: alloc('datt', [N, C]),
      dqkv: alloc('dqkv', [N, qkvWidth(headsOf(model))]),
      delta: alloc('delta', [N, H]),
    },
    /** [S,P] gradient partial sums, one slice after the other. */
    partials: alloc('gradient partials', [gradSlices(layout).count, layout.total]),
  };
}
type GradientTensors = ReturnType<typeof gradientTensors>;

/** Forward and backward pass of a transformer recorded as one plan. */
export class GradientPass {
  readonly #zero: Plan;

  private constructor(
    readonly transformer: Transformer,
    readonly tensors: GradientTensors,
    readonly plan: Plan,
    zero: Plan,
  ) {
    this.#zero = zero;
  }

  /** Allocates gradients, records and compiles, on the buffers of an existing transformer. */
  static async create(transformer: Transformer, layout: ParamLayout): Promise<GradientPass> {
    const { gpu, shape, params, tensors: t } = transformer;
    const g = await gpu.allocating('the gradients', () =>
      gradientTensors((...args) => gpu.alloc(...args), shape, layout, t),
    );
    const plan = new Plan(gpu, 'gradient');
    recordForward(plan, shape, params, t);
    recordBackward(plan, shape, layout, params, t, g);
    const zero = new Plan(gpu, 'zero gradient');
    zero.clear(g.partials);
    await Promise.all([plan.compile(), zero.compile()]);
    return new GradientPass(transformer, g, plan, zero);
  }

  /** Zeroes the partial sums: once per optimizer step. */
  async zero(): Promise<void> {
    await this.#zero.run();
  }

  /** Adds the gradient of Σ c·nll over a batch to the partial sums. */
  async accumulate(batch: PackedBatch): Promise<void> {
    this.transformer.load(batch);
    await this.plan.run();
  }

  destroy(): void {
    const { scored, trunk, partials } = this.tensors;
    const gpu: Gpu = this.transformer.gpu;
    gpu.free(...Object.values<Tensor>(scored), ...Object.values<Tensor>(trunk), partials);
    this.plan.destroy();
    this.#zero.destroy();
  }
}

function recordBackward(
  plan: Plan,
  { model, vocabulary }: ModelShape,
  layout: ParamLayout,
  w: ModelParams,
  t: ScoringTensors,
  g: GradientTensors,
): void {
  const { ints, scored } = t;
  const slices = gradSlices(layout);
  const dw = bindParams(layout, g.partials);
  const { dx, dxn: dy } = g.scored;
  plan.clear(dx);
  crossEntropyBackward(
    plan,
    {
      logits: scored.logits, // becomes its own gradient
      targets: ints.targets,
      coefficient: t.coefficient,
      lse: scored.lse,
    },
    vocabulary,
  );
  matmulBackwardWeight(plan, { dy: scored.logits, x: scored.xn, dw: dw.head, slices });
  matmulBackwardInput(plan, { dy: scored.logits, w: w.head, dx: dy });
  const { x, rstd } = scored;
  rmsnormBackwardWeight(plan, { dy, x, rstd, dweight: dw.norm, slices });
  rmsnormBackward(plan, { dy, x, weight: w.norm, rstd, dx });
  gatherRowsBackward(plan, { dy: dx, inverse: ints.inverse, dx: g.trunk.dx });
  for (let l = model.layers - 1; l >= 0; l--) {
    const a = t.layers[l]!;
    recordMlpBackward(plan, w.layers[l]!, dw.layers[l]!, a, g, slices);
    recordAttentionBackward(plan, model, w.layers[l]!, dw.layers[l]!, l, t, g, slices);
  }
  embeddingBackward(plan, {
    dy: g.trunk.dx,
    order: ints.order,
    starts: ints.idStarts,
    dw: dw.embed,
  });
}

/** trunk.dx: gradient of the block's output -> gradient of xmid. */
function recordMlpBackward(
  plan: Plan,
  w: LayerParams,
  dw: LayerParams,
  a: LayerActivations,
  { trunk }: GradientTensors,
  slices: GradSlices,
): void {
  const { dx, dxn, dh, dgu } = trunk;
  matmulBackwardWeight(plan, { dy: dx, x: a.h, dw: dw.down, slices });
  matmulBackwardInput(plan, { dy: dx, w: w.down, dx: dh });
  swigluBackward(plan, { gu: a.gu, dy: dh, dgu });
  matmulBackwardWeight(plan, { dy: dgu, x: a.xn2, dw: dw.gu, slices });
  matmulBackwardInput(plan, { dy: dgu, w: w.gu, dx: dxn });
  const norm = { dy: dxn, x: a.xmid, rstd: a.rstd2 };
  rmsnormBackwardWeight(plan, { ...norm, dweight: dw.norm2, slices });
  rmsnormBackward(plan, { ...norm, weight: w.norm2, dx });
}

/** trunk.dx: gradient of xmid -> gradient of the block's input x. */
function recordAttentionBackward(
  plan: Plan,
  model: ModelConfig,
  w: LayerParams,
  dw: LayerParams,
  l: number,
  { x, layers, ints, table }: ScoringTensors,
  { trunk }: GradientTensors,
  slices: GradSlices,
): void {
  const heads = headsOf(model);
  const { dx, dxn, datt, dqkv, delta } = trunk;
  const a = layers[l]!;
  const { qkv, lse } = a;
  matmulBackwardWeight(plan, { dy: dx, x: a.att, dw: dw.o, slices });
  matmulBackwardInput(plan, { dy: dx, w: w.o, dx: datt });
  const flow = { qkv, dy: datt, lse, delta, dqkv };
  attentionBackwardQuery(plan, { ...flow, start: ints.start, y: a.att }, heads);
  attentionBackwardKeyValue(plan, { ...flow, end: ints.end }, heads);
  ropeApply(plan, { qkv: dqkv, position: ints.position, table }, heads, -1);
  matmulBackwardWeight(plan, { dy: dqkv, x: a.xn1, dw: dw.qkv, slices });
  matmulBackwardInput(plan, { dy: dqkv, w: w.qkv, dx: dxn });
  const norm = { dy: dxn, x: x[l]!, rstd: a.rstd1 };
  rmsnormBackwardWeight(plan, { ...norm, dweight: dw.norm1, slices });
  rmsnormBackward(plan, { ...norm, weight: w.norm1, dx });
}
