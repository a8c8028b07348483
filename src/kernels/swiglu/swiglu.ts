import backward from '../../../shaders/swiglu/backward.wgsl?raw';
import forward from '../../../shaders/swiglu/forward.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { Plan } from '../../gpu/plan';
import { expectShape, quadsOf, sizeOf, type Tensor } from '../../gpu/tensor';

const FORWARD: KernelSpec = { label: 'swiglu_forward', body: forward };
const BACKWARD: KernelSpec = { label: 'swiglu_backward', body: backward };

/** N = rows, F = width, a multiple of 4. */
export interface SwigluForward {
  readonly gu: Tensor; // [N,2F], gate | up
  readonly y: Tensor; // out [N,F]
}

export interface SwigluBackward {
  readonly gu: Tensor; // [N,2F], gate | up
  readonly dy: Tensor; // [N,F]
  readonly dgu: Tensor; // out [N,2F], overwritten
}

/** Records y = silu(gate) · up. */
export function swigluForward(plan: Plan, t: SwigluForward): void {
  const [N = 0, F = 0] = t.y.shape;
  const quads = quadsOf('swigluForward', F);
  expectShape('swigluForward: gu', t.gu, [N, 8 * quads]);
  plan.record(FORWARD, {
    params: { N, F },
    bind: { ...t },
    grid: { threads: () => sizeOf(N) * quads },
  });
}

/** Records dgate and dup. */
export function swigluBackward(plan: Plan, t: SwigluBackward): void {
  const [N = 0, F = 0] = t.dy.shape;
  const quads = quadsOf('swigluBackward', F);
  expectShape('swigluBackward: gu', t.gu, [N, 8 * quads]);
  expectShape('swigluBackward: dgu', t.dgu, [N, 8 * quads]);
  plan.record(BACKWARD, {
    params: { N, F },
    bind: { ...t },
    grid: { threads: () => sizeOf(N) * quads },
  });
}
