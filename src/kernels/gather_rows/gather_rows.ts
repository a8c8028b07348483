import backward from '../../../shaders/gather_rows/backward.wgsl?raw';
import forward from '../../../shaders/gather_rows/forward.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { Plan } from '../../gpu/plan';
import { expectShape, quadsOf, sizeOf, type Tensor } from '../../gpu/tensor';

const FORWARD: KernelSpec = { label: 'gather_rows_forward', body: forward };
const BACKWARD: KernelSpec = { label: 'gather_rows_backward', body: backward };

/** N = rows, M = chosen rows, C = channels, a multiple of 4. */
export interface GatherRowsForward {
  readonly x: Tensor; // [N,C]
  readonly index: Tensor; // [M] i32, row of x, 0 … N − 1
  readonly y: Tensor; // out [M,C]
}

export interface GatherRowsBackward {
  readonly dy: Tensor; // [M,C]
  readonly inverse: Tensor; // [N] i32, row of dy; negative where the row was not chosen
  readonly dx: Tensor; // out [N,C], overwritten
}

/** Records y[m] = x[index[m]]. */
export function gatherRowsForward(plan: Plan, t: GatherRowsForward): void {
  const [N = 0, C = 0] = t.x.shape;
  const [M = 0] = t.index.shape;
  const quads = quadsOf('gatherRowsForward', C);
  expectShape('gatherRowsForward: x', t.x, [N, C]);
  expectShape('gatherRowsForward: y', t.y, [M, C]);
  plan.record(FORWARD, {
    params: { M, C },
    bind: { ...t },
    grid: { threads: () => sizeOf(M) * quads },
  });
}

/** Records dx[n] = dy[inverse[n]], or zeros; no row may have been chosen twice. */
export function gatherRowsBackward(plan: Plan, t: GatherRowsBackward): void {
  const [M = 0, C = 0] = t.dy.shape;
  const [N = 0] = t.inverse.shape;
  const quads = quadsOf('gatherRowsBackward', C);
  expectShape('gatherRowsBackward: dy', t.dy, [M, C]);
  expectShape('gatherRowsBackward: dx', t.dx, [N, C]);
  plan.record(BACKWARD, {
    params: { N, C },
    bind: { ...t },
    grid: { threads: () => sizeOf(N) * quads },
  });
}
