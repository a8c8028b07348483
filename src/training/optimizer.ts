import type { Gpu } from '../gpu/gpu';
import { Plan, type DispatchCost, type Scalar } from '../gpu/plan';
import type { Tensor } from '../gpu/tensor';
import { adamwStep } from '../kernels/adamw/adamw';
import { gradNormFinish, gradNormSum, squareBlocks } from '../kernels/grad_norm/grad_norm';
import type { Allocate } from '../model/layer';
import type { ParamLayout } from '../model/params';

export interface AdamwRules {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly clip: number; // largest global norm of the gradient
}

/** Every buffer of the optimizer: made by `gpu.alloc`, or only counted by the planner. */
export const optimizerTensors = (alloc: Allocate, { total: P }: ParamLayout) => ({
  grad: alloc('gradient', [P]),
  m: alloc('exp_avg', [P]),
  v: alloc('exp_avg_sq', [P]),
  squares: alloc('gradient squares', [squareBlocks(P)]),
  norm: alloc('gradient norm', [4]), // [‖g‖₂, clip factor, 1 once it was not finite, 0]
});

/**
 * AdamW over the whole flat buffer: one dispatch sums the gradient's slices and squares, one finishes
 * the norm, one updates. Decay is decoupled and skips norms.
 *
 * Source: Loshchilov & Hutter 2019, Alg. 2.
 */
export class Optimizer {
  readonly #step: Plan;
  readonly #scalars: Record<'learningRate' | 'correction1' | 'correction2', Scalar>;
  /** Updates made so far. */
  updates = 0;

  private constructor(
    readonly gpu: Gpu,
    readonly rules: AdamwRules,
    readonly tensors: ReturnType<typeof optimizerTensors>,
    step: Plan,
    scalars: Record<'learningRate' | 'correction1' | 'correction2', Scalar>,
  ) {
    this.#step = step;
    this.#scalars = scalars;
  }

  /** `partials` are the gradient's slices, matrices and vectors; `params` [P] is updated in place. */
  static async create(
    gpu: Gpu,
    layout: ParamLayout,
    params: Tensor,
    partials: Readonly<Record<'matrices' | 'vectors', Tensor>>,
    rules: AdamwRules,
  ): Promise<Optimizer> {
    const t = await gpu.allocating('the optimizer state', () =>
      optimizerTensors((...args) => gpu.alloc(...args), layout),
    );
    const scalars = {
      learningRate: { value: 0 },
      correction1: { value: 1 },
      correction2: { value: 1 },
    };
    const plan = new Plan(gpu, 'optimizer');
    gradNormSum(plan, { ...partials, grad: t.grad, squares: t.squares });
    gradNormFinish(plan, { squares: t.squares, norm: t.norm }, { clip: rules.clip });
    const { beta1, beta2, epsilon, weightDecay } = rules;
    adamwStep(
      plan,
      { param: params, grad: t.grad, m: t.m, v: t.v, norm: t.norm },
      { ...scalars, beta1, beta2, epsilon, weightDecay, decayed: layout.decayed },
    );
    plan.compile();
    return new Optimizer(gpu, rules, t, plan, scalars);
  }

  /**
   * The plan of the next update, from the gradient slices as they are when it runs. From the first
   * gradient on that is not finite it changes nothing.
   */
  update(learningRate: number): Plan {
    this.updates += 1;
    this.#scalars.learningRate.value = learningRate;
    this.#scalars.correction1.value = 1 / (1 - this.rules.beta1 ** this.updates);
    this.#scalars.correction2.value = 1 / (1 - this.rules.beta2 ** this.updates);
    return this.#step;
  }

  /** What every dispatch of one update costs; makes that update anew, more than once where it is short. */
  profile(leastMs: number): Promise<DispatchCost[]> {
    return this.#step.profile(leastMs);
  }

  /** Dispatches of one update. */
  get dispatches(): number {
    return this.#step.dispatches;
  }

  /** The moments and the count of updates, for a checkpoint. */
  async save(): Promise<OptimizerState> {
    const { m, v } = this.tensors;
    return {
      m: await this.gpu.download(m),
      v: await this.gpu.download(v),
      updates: this.updates,
    };
  }

  /** Goes on from saved moments. */
  restore(state: OptimizerState): void {
    this.gpu.write(this.tensors.m, state.m);
    this.gpu.write(this.tensors.v, state.v);
    this.updates = state.updates;
  }

  destroy(): void {
    this.gpu.free(...Object.values(this.tensors));
    this.#step.destroy();
  }
}

export interface OptimizerState {
  readonly m: Float32Array<ArrayBuffer>; // [P]
  readonly v: Float32Array<ArrayBuffer>; // [P]
  readonly updates: number;
}
