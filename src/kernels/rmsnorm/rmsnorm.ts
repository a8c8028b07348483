import backward from '../../../shaders/rmsnorm/backward.wgsl?raw';
import backwardQuad from '../../../shaders/rmsnorm/backward_quad.wgsl?raw';
import forward from '../../../shaders/rmsnorm/forward.wgsl?raw';
import { columnWorkgroups, rowsPerWorkgroup, type KernelSpec } from '../../gpu/compose';
import { computed, type Plan } from '../../gpu/plan';
import { isByQuads, type Forms } from '../../shared/kernelForms';
import { expectShape, quadsOf, sizeOf, type GradSlices, type Tensor } from '../../gpu/tensor';

const FORWARD: KernelSpec = { label: 'rmsnorm_forward', body: forward, libs: ['reduce'] };
const BACKWARD: KernelSpec = {
  label: 'rmsnorm_backward',
  body: backward,
  libs: ['reduce', 'columns'],
};
const BACKWARD_QUAD: KernelSpec = {
  label: 'rmsnorm_backward_quad',
  body: backwardQuad,
  libs: ['quad'],
};
const MOST_IN_REGISTERS = 128; // channels of a row that four invocations hold

/** N = rows, C = channels, a multiple of 4. */
export interface RmsnormForward {
  readonly x: Tensor; // [N,C], or [any,C] with an index
  readonly index?: Tensor; // [N] i32 row of x that row n normalizes; without it n itself
  readonly weight: Tensor; // [C]
  readonly y: Tensor; // out [N,C]
  readonly rstd: Tensor; // out [N], kept for the backward pass
}

export interface RmsnormBackward {
  readonly dy: Tensor; // [N,C]
  readonly x: Tensor; // [N,C], or [any,C] with an index
  readonly index?: Tensor; // [N] i32, no row twice
  readonly weight: Tensor; // [C]
  readonly rstd: Tensor; // [N]
  readonly dx: Tensor; // in-out, of the shape of x, accumulates
  readonly dweight: Tensor; // in-out [C] of slice 0, accumulates
  readonly slices: GradSlices;
}

/** Records y = x · rstd · weight, rstd = 1/√(mean x² + 1e-5). */
export function rmsnormForward(plan: Plan, t: RmsnormForward): void {
  const { index, ...tensors } = t;
  const [N = 0, C = 0] = t.y.shape;
  quadsOf('rmsnormForward', C);
  expectShape('rmsnormForward: x', t.x, [index ? t.x.shape[0]! : N, C]);
  if (index) expectShape('rmsnormForward: index', index, [N]);
  expectShape('rmsnormForward: weight', t.weight, [C]);
  expectShape('rmsnormForward: rstd', t.rstd, [N]);
  plan.record(FORWARD, {
    params: { N, C, has_index: index ? 1 : 0 },
    bind: { ...tensors, index: index ?? t.weight },
    grid: { rows: N },
  });
}

/** Whether rows are short enough to be held in registers by those who take a row without barriers. */
const isByQuad = ({ isSoftware, reduce, tile }: Forms, channels: number): boolean =>
  isSoftware &&
  reduce === 'serial' &&
  isByQuads(tile) &&
  channels % 16 === 0 &&
  channels <= MOST_IN_REGISTERS;

/**
 * Records dx += the gradient that reaches x through rmsnormForward, and dweight[s] += the sum of
 * dy · x · rstd over the rows of each slice s.
 */
export function rmsnormBackward(plan: Plan, t: RmsnormBackward): void {
  const { slices, index, ...tensors } = t;
  const [N = 0, C = 0] = t.dy.shape;
  const quads = quadsOf('rmsnormBackward', C);
  expectShape('rmsnormBackward: x', t.x, [index ? t.x.shape[0]! : N, C]);
  if (index) expectShape('rmsnormBackward: index', index, [N]);
  expectShape('rmsnormBackward: weight', t.weight, [C]);
  expectShape('rmsnormBackward: rstd', t.rstd, [N]);
  expectShape('rmsnormBackward: dx', t.dx, t.x.shape);
  expectShape('rmsnormBackward: dweight', t.dweight, [C]);
  const bind = { ...tensors, index: index ?? t.rstd };
  const ofSlices = { S: slices.count, slice_stride: slices.stride };
  const has_index = index ? 1 : 0;
  if (isByQuad(plan.variants, 4 * quads)) {
    plan.record(BACKWARD_QUAD, {
      params: { N, has_index, ...ofSlices },
      bind,
      consts: { MINE: quads / 4 },
      grid: { threads: () => 4 * slices.count },
    });
    return;
  }
  const perGroup = rowsPerWorkgroup(BACKWARD, plan.variants);
  const rowGroups = (): number => Math.ceil(sizeOf(N) / perGroup);
  const weightGroups = columnWorkgroups(BACKWARD, plan.variants, slices.count, quads);
  plan.record(BACKWARD, {
    params: {
      ...{ N, C, has_index, ...ofSlices },
      row_groups: computed(rowGroups),
    },
    bind,
    grid: { groups: () => rowGroups() + weightGroups },
  });
}
