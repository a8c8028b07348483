import type { ModelConfig } from '../config/runConfig';
import { stagesOf, type Forms, type TileVariant } from '../shared/kernelForms';
import type { Gpu } from '../gpu/gpu';
import { Plan, submit, type Command, type DispatchCost } from '../gpu/plan';
import type { GradSlices, Tensor } from '../gpu/tensor';
import { attentionBackwardKeyValue, attentionBackwardQuery } from '../kernels/attention/attention';
import { qkvWidth } from '../kernels/attention/heads';
import { embeddingBackward } from '../kernels/embedding/embedding';
import { matmulBackward } from '../kernels/matmul/matmul';
import { rmsnormBackward } from '../kernels/rmsnorm/rmsnorm';
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

/** Slices of the gradients of all parameters but vectors, and of the vectors' (norm weights). */
interface Slices {
  readonly matrices: GradSlices;
  readonly vectors: GradSlices;
}

/**
 * Slices over which a weight's gradient is summed in parallel: as many as a GPU can use while memory
 * allows, few where the tiles of a product already keep all cores busy. Vectors are small and have no
 * tiles, so every adapter needs more slices of them and has the memory.
 */
export function gradSlices(layout: ParamLayout, isSoftware: boolean): Slices {
  let count = isSoftware ? 4 : 16;
  const most = (isSoftware ? 64 : 128) * 2 ** 20; // bytes; every GPU binds 128 MiB
  while (count > 1 && 4 * layout.total * count > most) count /= 2;
  return {
    matrices: { count, stride: layout.decayed },
    vectors: { count: 64, stride: layout.total - layout.decayed },
  };
}

/** The buffers that training needs besides those of scoring. */
export function gradientTensors(
  alloc: Allocate,
  { model }: ModelShape,
  layout: ParamLayout,
  { N, M }: Pick<ScoringTensors, 'N' | 'M'>,
  isSoftware: boolean,
) {
  const { channels: C, heads: H, mlp: F } = model;
  const { matrices, vectors } = gradSlices(layout, isSoftware);
  return {
    scored: { dxn: alloc('scored dxn', [M, C]) },
    trunk: {
      dx: alloc('dx', [N, C]),
      dxn: alloc('dxn', [N, C]),
      dgu: alloc('dgu', [N, 2 * F]),
      datt: alloc('datt', [N, C]),
      dqkv: alloc('dqkv', [N, qkvWidth(headsOf(model))]),
      delta: alloc('delta', [N, H]),
    },
    /** Gradient partial sums, one slice after the other. */
    partials: {
      matrices: alloc('gradient partials', [matrices.count, matrices.stride]),
      vectors: alloc('gradient partials of vectors', [vectors.count, vectors.stride]),
    },
  };
}
type GradientTensors = ReturnType<typeof gradientTensors>;

/** Work after which the tiles that run quicker repay their compilation: a second of a software adapter, and ten. */
const WORTH_FLOPS = { quad: 6e9, wide: 6e10 };

/** Forward and backward pass of a transformer recorded as one plan. */
export class GradientPass {
  readonly #zero: Plan;
  readonly #record: (variants: Forms) => Plan;
  readonly #stages: readonly Forms[];
  #stage = 0; // compiled, or being compiled
  #plan: Plan;
  #work = 0; // FLOPs of all calls
  #refining: Promise<void> | undefined; // by itself; stays where that has failed
  #refined: Plan | undefined; // compiled, to be taken from the next batch on
  #isDestroyed = false;
  /** FLOPs of a run after which tiles are worth their compilation. */
  worthFlops: Partial<Record<TileVariant, number>> = WORTH_FLOPS;
  /** FLOPs and command buffers of the last call. */
  flops = 0;
  submits = 0;

  private constructor(
    readonly transformer: Transformer,
    readonly tensors: GradientTensors,
    record: (variants: Forms) => Plan,
  ) {
    const { gpu } = transformer;
    this.#record = record;
    this.#stages = stagesOf(gpu.variants);
    this.#plan = record(this.#stages[0]!).compile();
    this.#zero = new Plan(gpu, 'zero gradient');
    for (const tensor of Object.values(tensors.partials)) this.#zero.clear(tensor);
  }

  get plan(): Plan {
    return this.#plan;
  }

  /** Allocates gradients, records and starts to compile, on the buffers of an existing transformer. */
  static async create(transformer: Transformer, layout: ParamLayout): Promise<GradientPass> {
    const { gpu, shape, params, tensors: t } = transformer;
    const g = await gpu.allocating('the gradients', () =>
      gradientTensors((...args) => gpu.alloc(...args), shape, layout, t, gpu.isSoftware),
    );
    return new GradientPass(transformer, g, (variants) => {
      const plan = new Plan(gpu, 'gradient', variants);
      recordForward(plan, shape, params, t, true);
      recordBackward(plan, shape, layout, params, t, g);
      return plan;
    });
  }

  /**
   * Compiles the device's own kernels where the first ones were those compiled soonest; they take over,
   * with the same results, from the next batch on. Happens by itself, in stages, as a run repays it.
   */
  async refine(): Promise<void> {
    await this.#refining;
    await this.#compile(this.#stages.length - 1);
  }

  async #compile(stage: number): Promise<void> {
    if (stage <= this.#stage) return;
    const before = this.#stage;
    this.#stage = stage;
    const plan = this.#record(this.#stages[stage]!);
    try {
      await plan.compiled();
    } catch (cause) {
      plan.destroy();
      this.#stage = before;
      throw cause;
    }
    if (this.#isDestroyed) plan.destroy();
    else {
      this.#refined?.destroy();
      this.#refined = plan;
    }
  }

  /** Starts to compile the forms that the work done so far has made worth it, one stage at a time. */
  #refineWhenWorth(): void {
    if (this.#refining) return;
    const stage = this.#stages.findLastIndex(
      ({ tile }) => this.#work > (this.worthFlops[tile] ?? 0),
    );
    if (stage <= this.#stage) return;
    this.#refining = this.#compile(stage).then(
      () => (this.#refining = undefined),
      () => {}, // the run goes on with what it has, and does not try again
    );
  }

  #takeRefined(): void {
    if (!this.#refined) return;
    this.#plan.destroy();
    this.#plan = this.#refined;
    this.#refined = undefined;
  }

  /** What every dispatch of the last batch costs in the device's own kernels. */
  async profile(ms: number): Promise<DispatchCost[]> {
    await this.refine();
    this.#takeRefined();
    return this.#plan.profile(ms);
  }

  /**
   * Adds the gradient of Σ c·nll over a batch to the partial sums, or starts them with it. What comes
   * `after` goes out in the same submit.
   */
  async accumulate(
    batch: PackedBatch,
    { isFirst, after = [] }: { isFirst: boolean; after?: readonly (Plan | Command)[] },
  ): Promise<void> {
    this.#takeRefined();
    this.transformer.load(batch);
    const { gpu } = this.transformer;
    this.flops = this.#plan.flops();
    this.#work += this.flops;
    this.submits = await submit(gpu, [...(isFirst ? [this.#zero] : []), this.#plan, ...after]);
    this.#refineWhenWorth();
  }

  destroy(): void {
    this.#isDestroyed = true;
    const gpu: Gpu = this.transformer.gpu;
    gpu.free(...Object.values(this.tensors).flatMap((group) => Object.values<Tensor>(group)));
    this.#plan.destroy();
    this.#refined?.destroy();
    this.#zero.destroy();
  }
}

/** After the forward pass with gradient: logits hold their own. */
export function recordBackward(
  plan: Plan,
  { model }: ModelShape,
  layout: ParamLayout,
  w: ModelParams,
  t: ScoringTensors,
  g: GradientTensors,
): void {
  const { ints, scored } = t;
  const slices = gradSlices(layout, plan.gpu.isSoftware);
  const dw = bindParams(layout, g.partials.matrices, g.partials.vectors);
  const { dxn } = g.scored;
  const { dx } = g.trunk;
  plan.clear(dx); // rows that are not scored have no gradient
  matmulBackward(plan, {
    ...{ dy: scored.logits, w: w.head, x: scored.xn, dx: dxn, dw: dw.head },
    slices: slices.matrices,
  });
  rmsnormBackward(plan, {
    ...{ dy: dxn, x: t.x.at(-1)!, index: ints.index, weight: w.norm, rstd: scored.rstd },
    ...{ dx, dweight: dw.norm, slices: slices.vectors },
  });
  for (let l = model.layers - 1; l >= 0; l--) {
    const a = t.layers[l]!;
    recordMlpBackward(plan, w.layers[l]!, dw.layers[l]!, a, g, slices);
    recordAttentionBackward(plan, model, w.layers[l]!, dw.layers[l]!, l, t, g, slices);
  }
  embeddingBackward(plan, {
    ...{ dy: dx, order: ints.order, starts: ints.idStarts, dw: dw.embed },
    slices: { ...slices.matrices, ...(plan.gpu.isSoftware && { count: 1 }) }, // few cores: tokens suffice
  });
}

/** trunk.dx: gradient of the block's output -> gradient of xmid. */
function recordMlpBackward(
  plan: Plan,
  w: LayerParams,
  dw: LayerParams,
  a: LayerActivations,
  { trunk }: GradientTensors,
  slices: Slices,
): void {
  const { dx, dxn, dgu } = trunk;
  const { matrices, vectors } = slices;
  swigluBackward(plan, {
    ...{ dy: dx, w: w.down, x: a.h, slopes: a.slopes, dgu, dw: dw.down, slices: matrices },
  });
  matmulBackward(plan, {
    ...{ dy: dgu, w: w.gu, x: a.xn2, dx: dxn, dw: dw.gu, slices: matrices },
  });
  rmsnormBackward(plan, {
    ...{ dy: dxn, x: a.xmid, weight: w.norm2, rstd: a.rstd2, dx, dweight: dw.norm2 },
    slices: vectors,
  });
}

/** trunk.dx: gradient of xmid -> gradient of the block's input x. */
function recordAttentionBackward(
  plan: Plan,
  model: ModelConfig,
  w: LayerParams,
  dw: LayerParams,
  l: number,
  { x, layers, ints, table, pairs }: ScoringTensors,
  { trunk }: GradientTensors,
  slices: Slices,
): void {
  const heads = headsOf(model);
  const { dx, dxn, datt, dqkv, delta } = trunk;
  const { start, end } = ints;
  const a = layers[l]!;
  const { qkv, lse, xn1, rstd1 } = a;
  const { matrices, vectors } = slices;
  matmulBackward(plan, { dy: dx, w: w.o, x: a.att, dx: datt, dw: dw.o, slices: matrices });
  const flow = { qkv, dy: datt, lse, delta, table, dqkv };
  attentionBackwardQuery(plan, { ...flow, start, y: a.att }, heads, pairs);
  attentionBackwardKeyValue(plan, { ...flow, start, end }, heads, pairs);
  matmulBackward(plan, { dy: dqkv, w: w.qkv, x: xn1, dx: dxn, dw: dw.qkv, slices: matrices });
  rmsnormBackward(plan, {
    ...{ dy: dxn, x: x[l]!, weight: w.norm1, rstd: rstd1, dx, dweight: dw.norm1 },
    slices: vectors,
  });
}
