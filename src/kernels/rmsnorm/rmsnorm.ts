import backward from '../../../shaders/rmsnorm/backward.wgsl?raw';
import backwardWeight from '../../../shaders/rmsnorm/backward_weight.wgsl?raw';
import forward from '../../../shaders/rmsnorm/forward.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { Plan } from '../../gpu/plan';
import { expectShape, quadsOf, type GradSlices, type Tensor } from '../../gpu/tensor';

const FORWARD: KernelSpec = { label: 'rmsnorm_forward', body: forward, libs: ['reduce'] };
const BACKWARD: KernelSpec = { label: 'rmsnorm_backward', body: backward, libs: ['reduce'] };
const BACKWARD_WEIGHT: KernelSpec = { label: 'rmsnorm_backward_weight', body: backwardWeight };

/** N = rows, C = channels, a multiple of 4. */
export interface RmsnormForward {
  readonly x: Tensor; // [N,C]
  readonly weight: Tensor; // [C]
  readonly y: Tensor; // out [N,C]
  readonly rstd: Tensor; // out [N], kept for the backward pass
}

export interface RmsnormBackward {
  readonly dy: Tensor; // [N,C]
  readonly x: Tensor; // [N,C]
  readonly weight: Tensor; // [C]
  readonly rstd: Tensor; // [N]
  readonly dx: Tensor; // in-out [N,C], accumulates
}

export interface RmsnormBackwardWeight {
  readonly dy: Tensor; // [N,C]
  readonly x: Tensor; // [N,C]
  readonly rstd: Tensor; // [N]
  readonly dweight: Tensor; // in-out [C] of slice 0, accumulates
  readonly slices: GradSlices;
}

/** Records y = x · rstd · weight, rstd = 1/√(mean x² + 1e-5). */
export function rmsnormForward(plan: Plan, t: RmsnormForward): void {
  const [N = 0, C = 0] = t.x.shape;
  quadsOf('rmsnormForward', C);
  expectShape('rmsnormForward: weight', t.weight, [C]);
  expectShape('rmsnormForward: y', t.y, [N, C]);
  expectShape('rmsnormForward: rstd', t.rstd, [N]);
  plan.record(FORWARD, { params: { N, C }, bind: { ...t }, grid: { rows: N } });
}

/** Records dx += the gradient that reaches x through rmsnormForward. */
export function rmsnormBackward(plan: Plan, t: RmsnormBackward): void {
  const [N = 0, C = 0] = t.x.shape;
  quadsOf('rmsnormBackward', C);
  expectShape('rmsnormBackward: dy', t.dy, [N, C]);
  expectShape('rmsnormBackward: weight', t.weight, [C]);
  expectShape('rmsnormBackward: rstd', t.rstd, [N]);
  expectShape('rmsnormBackward: dx', t.dx, [N, C]);
  plan.record(BACKWARD, { params: { N, C }, bind: { ...t }, grid: { rows: N } });
}

/** Records dweight[s] += the sum of dy · x · rstd over the rows of each slice s. */
export function rmsnormBackwardWeight(plan: Plan, t: RmsnormBackwardWeight): void {
  const { slices, ...bind } = t;
  const [N = 0, C = 0] = t.x.shape;
  const quads = quadsOf('rmsnormBackwardWeight', C);
  expectShape('rmsnormBackwardWeight: dy', t.dy, [N, C]);
  expectShape('rmsnormBackwardWeight: rstd', t.rstd, [N]);
  expectShape('rmsnormBackwardWeight: dweight', t.dweight, [C]);
  plan.record(BACKWARD_WEIGHT, {
    params: { N, C, S: slices.count, slice_stride: slices.stride },
    bind,
    grid: { threads: () => quads * slices.count },
  });
}
