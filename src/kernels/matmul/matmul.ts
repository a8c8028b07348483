import backwardInput from '../../../shaders/matmul/backward_input.wgsl?raw';
import backwardInputWide from '../../../shaders/matmul/backward_input_wide.wgsl?raw';
import backwardWeight from '../../../shaders/matmul/backward_weight.wgsl?raw';
import forward from '../../../shaders/matmul/forward.wgsl?raw';
import forwardWide from '../../../shaders/matmul/forward_wide.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { Plan } from '../../gpu/plan';
import {
  expectShape,
  quadsOf,
  sizeOf,
  type Dim,
  type GradSlices,
  type Tensor,
} from '../../gpu/tensor';

const FORWARD: KernelSpec = { label: 'matmul_forward', body: forward };
const FORWARD_WIDE: KernelSpec = { label: 'matmul_forward_wide', body: forwardWide };
const BACKWARD_INPUT: KernelSpec = { label: 'matmul_backward_input', body: backwardInput };
const BACKWARD_INPUT_WIDE: KernelSpec = {
  label: 'matmul_backward_input_wide',
  body: backwardInputWide,
};
const BACKWARD_WEIGHT: KernelSpec = { label: 'matmul_backward_weight', body: backwardWeight };

/** N = rows, K = inputs, M = outputs. */
export interface MatmulForward {
  readonly x: Tensor; // [N,K]
  readonly w: Tensor; // [M,K], as Hugging Face stores a linear layer
  readonly residual?: Tensor; // [N,M]
  readonly y: Tensor; // out [N,M]
}

export interface MatmulBackwardInput {
  readonly dy: Tensor; // [N,M]
  readonly w: Tensor; // [M,K]
  readonly dx: Tensor; // out [N,K], overwritten
}

export interface MatmulBackwardWeight {
  readonly dy: Tensor; // [N,M]
  readonly x: Tensor; // [N,K]
  readonly dw: Tensor; // in-out [M,K] of slice 0
  readonly slices: GradSlices;
}

/** Records y = x wᵀ (+ residual). */
export function matmulForward(plan: Plan, t: MatmulForward): void {
  const { x, w, y, residual } = t;
  const [N = 0, K = 0] = x.shape;
  const [M = 0] = w.shape;
  expectShape('matmulForward: w', w, [M, K]);
  expectShape('matmulForward: y', y, [N, M]);
  if (residual) expectShape('matmulForward: residual', residual, [N, M]);
  const { wideTiles } = plan.gpu;
  const { tiles, flops } = work('matmulForward', N, K, M, wideTiles ? WIDE_TILE : TILE);
  plan.record(wideTiles ? FORWARD_WIDE : FORWARD, {
    params: { N, K, M, has_residual: residual ? 1 : 0 },
    bind: { x, w, residual: residual ?? x, y }, // a binding needs a buffer even if it is not read
    grid: { threads: () => tiles(N) * tiles(M) },
    flops,
  });
}

/** Records dx = dy w. */
export function matmulBackwardInput(plan: Plan, t: MatmulBackwardInput): void {
  const [N = 0, M = 0] = t.dy.shape;
  const [, K = 0] = t.w.shape;
  expectShape('matmulBackwardInput: w', t.w, [M, K]);
  expectShape('matmulBackwardInput: dx', t.dx, [N, K]);
  const { wideTiles } = plan.gpu;
  const { tiles, flops } = work('matmulBackwardInput', N, K, M, wideTiles ? WIDE_TILE : TILE);
  plan.record(wideTiles ? BACKWARD_INPUT_WIDE : BACKWARD_INPUT, {
    params: { N, K, M },
    bind: { ...t },
    grid: { threads: () => tiles(N) * tiles(K) },
    flops,
  });
}

/** Records dw[s] += dyᵀ x over the rows of each slice s. */
export function matmulBackwardWeight(plan: Plan, t: MatmulBackwardWeight): void {
  const { slices, ...bind } = t;
  const [N = 0, M = 0] = t.dy.shape;
  const [, K = 0] = t.x.shape;
  expectShape('matmulBackwardWeight: x', t.x, [N, K]);
  expectShape('matmulBackwardWeight: dw', t.dw, [M, K]);
  const { tiles, flops } = work('matmulBackwardWeight', N, K, M, TILE);
  plan.record(BACKWARD_WEIGHT, {
    params: { N, K, M, S: slices.count, slice_stride: slices.stride },
    bind,
    grid: { threads: () => tiles(M) * tiles(K) * slices.count },
    flops,
  });
}

// The side of the square of results that one invocation holds.
const TILE = 8;
const WIDE_TILE = 16;

interface Work {
  readonly tiles: (dim: Dim) => number;
  readonly flops: () => number;
}

function work(what: string, N: Dim, K: Dim, M: Dim, tile: number): Work {
  quadsOf(what, K);
  quadsOf(what, M);
  return {
    tiles: (dim) => Math.ceil(sizeOf(dim) / tile),
    flops: () => 2 * sizeOf(N) * sizeOf(K) * sizeOf(M),
  };
}
