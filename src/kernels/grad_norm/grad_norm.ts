import finish from '../../../shaders/grad_norm/finish.wgsl?raw';
import sum from '../../../shaders/grad_norm/sum.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { ParamValue, Plan } from '../../gpu/plan';
import { capacityOf, expectShape, type Tensor } from '../../gpu/tensor';
import { invariant } from '../../shared/invariant';

const SUM: KernelSpec = { label: 'grad_norm_sum', body: sum, libs: ['reduce'] };
const FINISH: KernelSpec = { label: 'grad_norm_finish', body: finish, libs: ['reduce'] };

const BLOCK = 1024; // parameters; four vec4 for each lane of a workgroup

/** Blocks that the squares of P parameters are added in. */
export const squareBlocks = (P: number): number => Math.ceil(P / BLOCK);

/** S = slices, P = parameters (a multiple of 4), G = squareBlocks(P). */
interface GradNormSum {
  readonly partials: Tensor; //    [S,P]
  readonly grad: Tensor; //    out [P]
  readonly squares: Tensor; // out [G]   Σ grad² of each block
}

/** Records the sum of the partial gradients in slice order, and the squares of its blocks. */
export function gradNormSum(plan: Plan, t: GradNormSum): void {
  const [S = 0, P = 0] = t.partials.shape;
  const G = squareBlocks(capacityOf(P));
  expectShape('gradNormSum: grad', t.grad, [P]);
  expectShape('gradNormSum: squares', t.squares, [G]);
  invariant(capacityOf(P) % 4 === 0, 'The number of parameters is not a multiple of 4.');
  plan.record(SUM, {
    params: { S, P4: capacityOf(P) / 4, G, span: BLOCK / 4 },
    bind: { ...t },
    grid: { rows: G },
  });
}

/** G = blocks. */
interface GradNormFinish {
  readonly squares: Tensor; //  [G]
  /** [4]  in-out: ‖grad‖₂, min(1, clip/(‖grad‖₂ + 1e-6)), 1 once the norm was not finite, 0. */
  readonly norm: Tensor;
}

/** Records the global norm and the factor that brings it down to `clip`. */
export function gradNormFinish(
  plan: Plan,
  t: GradNormFinish,
  { clip }: { readonly clip: ParamValue },
): void {
  const [G = 0] = t.squares.shape;
  expectShape('gradNormFinish: squares', t.squares, [G]);
  expectShape('gradNormFinish: norm', t.norm, [4]);
  plan.record(FINISH, { params: { G, clip }, bind: { ...t }, grid: { rows: 1 } });
}
