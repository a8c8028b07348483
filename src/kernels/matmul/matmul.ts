import backward from '../../../shaders/matmul/backward.wgsl?raw';
import forward from '../../../shaders/matmul/forward.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { Plan } from '../../gpu/plan';
import { expectShape, quadsOf, sizeOf, type GradSlices, type Tensor } from '../../gpu/tensor';
import { linearBackwardCall } from './linearBackward';

const FORWARD: KernelSpec = {
  label: 'matmul_forward',
  body: forward,
  libs: ['linear', 'tile<forward>'],
};
const BACKWARD: KernelSpec = {
  label: 'matmul_backward',
  body: backward,
  libs: ['linear_backward', 'tile<input>', 'tile<weight>'],
};

/** N = rows, K = inputs, M = outputs. */
export interface MatmulForward {
  readonly x: Tensor; // [N,K]
  readonly w: Tensor; // [M,K], as Hugging Face stores a linear layer
  readonly residual?: Tensor; // [N,M]
  readonly y: Tensor; // out [N,M]
}

export interface MatmulBackward {
  readonly dy: Tensor; // [N,M]
  readonly w: Tensor; // [M,K]
  readonly x: Tensor; // [N,K]
  readonly dx: Tensor; // out [N,K], overwritten
  readonly dw: Tensor; // in-out [M,K] of slice 0, accumulates
  readonly slices: GradSlices;
}

/** Records y = x wᵀ (+ residual). */
export function matmulForward(plan: Plan, t: MatmulForward): void {
  const { x, w, y, residual } = t;
  const [N = 0, K = 0] = x.shape;
  const [M = 0] = w.shape;
  const columns = 4 * quadsOf('matmulForward: y', M);
  const inputs = 4 * quadsOf('matmulForward: x', K);
  expectShape('matmulForward: w', w, [M, K]);
  expectShape('matmulForward: y', y, [N, M]);
  if (residual) expectShape('matmulForward: residual', residual, [N, M]);
  plan.record(FORWARD, {
    params: { N, K, M, has_residual: residual ? 1 : 0 },
    bind: { x, w, residual: residual ?? x, y }, // a binding needs a buffer even if it is not read
    grid: { tiles: [N, columns] },
    flops: () => 2 * sizeOf(N) * inputs * columns,
  });
}

/** Records dx = dy w, and dw[s] += dyᵀ x over the rows of each slice s. */
export function matmulBackward(plan: Plan, t: MatmulBackward): void {
  const { slices, ...bind } = t;
  const [N = 0, M = 0] = t.dy.shape;
  const [, K = 0] = t.w.shape;
  expectShape('matmulBackward: w', t.w, [M, K]);
  expectShape('matmulBackward: x', t.x, [N, K]);
  expectShape('matmulBackward: dx', t.dx, [N, K]);
  expectShape('matmulBackward: dw', t.dw, [M, K]);
  plan.record(BACKWARD, { ...linearBackwardCall(plan, BACKWARD, N, K, M, slices), bind });
}
