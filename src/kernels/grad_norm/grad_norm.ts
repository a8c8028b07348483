import finish from '../../../shaders/grad_norm/finish.wgsl?raw';
import sum from '../../../shaders/grad_norm/sum.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { ParamValue, Plan } from '../../gpu/plan';
import { expectShape, quadsOf, type Tensor } from '../../gpu/tensor';

const SUM: KernelSpec = { label: 'grad_norm_sum', body: sum, libs: ['reduce'] };
const FINISH: KernelSpec = { label: 'grad_norm_finish', body: finish, libs: ['reduce'] };

/** Blocks that the squares of so many parameters are added in, at least 1024 numbers each. */
const MOST_BLOCKS = 8192;
const blockOf = (P: number): number => 1024 * Math.max(1, Math.ceil(P / 1024 / MOST_BLOCKS));

/** Blocks that the squares of P parameters are added in. */
export const squareBlocks = (P: number): number => Math.ceil(P / blockOf(P));

/** S, R = slices, M = numbers in matrices, P = parameters (both multiples of 4), G = squareBlocks(P). */
interface GradNormSum {
  readonly matrices: Tensor; //    [S,M]
  readonly vectors: Tensor; //     [R,P-M] the parameters after the matrices, in slices of their own
  readonly grad: Tensor; //    out [P]
  readonly squares: Tensor; // out [G]   Σ grad² of each block
}

/** Records the sum of the partial gradients in slice order, and the squares of its blocks. */
export function gradNormSum(plan: Plan, t: GradNormSum): void {
  const [S = 0, M = 0] = t.matrices.shape;
  const [R = 0, others = 0] = t.vectors.shape;
  const M4 = quadsOf('gradNormSum: matrices', M);
  const P4 = M4 + quadsOf('gradNormSum: vectors', others);
  const G = squareBlocks(4 * P4);
  expectShape('gradNormSum: grad', t.grad, [4 * P4]);
  expectShape('gradNormSum: squares', t.squares, [G]);
  plan.record(SUM, {
    params: { S, R, M4, P4, G, span: blockOf(4 * P4) / 4 },
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
