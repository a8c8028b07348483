import backward from '../../../shaders/swiglu/backward.wgsl?raw';
import forward from '../../../shaders/swiglu/forward.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { Plan } from '../../gpu/plan';
import { expectShape, quadsOf, sizeOf, type GradSlices, type Tensor } from '../../gpu/tensor';
import { linearBackwardCall } from '../matmul/linearBackward';

const FORWARD: KernelSpec = {
  label: 'swiglu_forward',
  body: forward,
  libs: ['linear', 'kept', 'tile<forward>'],
};
const BACKWARD: KernelSpec = {
  label: 'swiglu_backward',
  body: backward,
  libs: ['linear_backward', 'kept', 'tile<input>', 'tile<weight>'],
};

/** N = rows, K = inputs, F = width; K and F are multiples of 4. */
export interface SwigluForward {
  readonly x: Tensor; // [N,K]
  readonly w: Tensor; // [2F,K]  gate | up
  readonly slopes: Tensor; // out [N,2F]  dy/dgate | dy/dup, for the backward pass; float16 takes the first half of the bytes
  readonly y: Tensor; // out [N,F]
}

/** N = rows, F = width, M = outputs of the layer after the activation. */
export interface SwigluBackward {
  readonly dy: Tensor; // [N,M] of that layer
  readonly w: Tensor; // [M,F] of that layer
  readonly x: Tensor; // [N,F] the activation
  readonly slopes: Tensor; // [N,2F]  of the activation, from swigluForward
  readonly dgu: Tensor; // out [N,2F], overwritten
  readonly dw: Tensor; // in-out [M,F] of slice 0, accumulates
  readonly slices: GradSlices;
}

/** Records y = silu(gate) · up with gate | up = x wᵀ, and the slopes of y. */
export function swigluForward(plan: Plan, t: SwigluForward): void {
  const [N = 0, K = 0] = t.x.shape;
  const [, F = 0] = t.y.shape;
  const inputs = 4 * quadsOf('swigluForward: x', K);
  const width = 4 * quadsOf('swigluForward: y', F);
  expectShape('swigluForward: w', t.w, [2 * width, K]);
  expectShape('swigluForward: y', t.y, [N, F]);
  expectShape('swigluForward: slopes', t.slopes, [N, 2 * width]);
  plan.record(FORWARD, {
    params: { N, K, F },
    bind: { ...t },
    grid: { tiles: [N, 2 * width] },
    flops: () => 4 * sizeOf(N) * inputs * width,
  });
}

/** Records dgate, dup and dw of y = (silu(gate) · up) wᵀ. */
export function swigluBackward(plan: Plan, t: SwigluBackward): void {
  const { slices, ...bind } = t;
  const [N = 0, M = 0] = t.dy.shape;
  const [, F = 0] = t.w.shape;
  const width = 4 * quadsOf('swigluBackward: w', F);
  expectShape('swigluBackward: w', t.w, [M, F]);
  expectShape('swigluBackward: x', t.x, [N, F]);
  expectShape('swigluBackward: slopes', t.slopes, [N, 2 * width]);
  expectShape('swigluBackward: dgu', t.dgu, [N, 2 * width]);
  expectShape('swigluBackward: dw', t.dw, [M, F]);
  plan.record(BACKWARD, { ...linearBackwardCall(plan, BACKWARD, N, F, M, slices), bind });
}
