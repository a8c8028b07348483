import backward from '../../../shaders/embedding/backward.wgsl?raw';
import forward from '../../../shaders/embedding/forward.wgsl?raw';
import { columnWorkgroups, type KernelSpec } from '../../gpu/compose';
import type { Plan } from '../../gpu/plan';
import { expectShape, quadsOf, sizeOf, type GradSlices, type Tensor } from '../../gpu/tensor';

const FORWARD: KernelSpec = { label: 'embedding_forward', body: forward };
const BACKWARD: KernelSpec = { label: 'embedding_backward', body: backward, libs: ['columns'] };

/** N = tokens, V = vocabulary, C = channels, a multiple of 4. */
export interface EmbeddingForward {
  readonly tokens: Tensor; // [N] i32, 0 … V − 1
  readonly w: Tensor; // [V,C]
  readonly y: Tensor; // out [N,C]
}

export interface EmbeddingBackward {
  readonly dy: Tensor; // [N,C]
  readonly order: Tensor; // [N] i32, token positions sorted by token id
  readonly starts: Tensor; // [V+1] i32, where each id begins in `order`; the last is N
  readonly dw: Tensor; // in-out [V,C] of slice 0, accumulates
  readonly slices: GradSlices; // of each token's occurrences, not of the rows
}

/** Records y[n] = w[tokens[n]]. */
export function embeddingForward(plan: Plan, t: EmbeddingForward): void {
  const [N = 0] = t.tokens.shape;
  const [V = 0, C = 0] = t.w.shape;
  const quads = quadsOf('embeddingForward', C);
  expectShape('embeddingForward: w', t.w, [V, C]);
  expectShape('embeddingForward: y', t.y, [N, C]);
  plan.record(FORWARD, {
    params: { N, C },
    bind: { ...t },
    grid: { threads: () => sizeOf(N) * quads },
  });
}

/** Records dw[s,v] += the sum of dy over slice s of the positions that hold token v. */
export function embeddingBackward(plan: Plan, t: EmbeddingBackward): void {
  const { slices, ...bind } = t;
  const [N = 0, C = 0] = t.dy.shape;
  const [V = 0] = t.dw.shape;
  const quads = quadsOf('embeddingBackward', C);
  expectShape('embeddingBackward: order', t.order, [N]);
  expectShape('embeddingBackward: starts', t.starts, [sizeOf(V) + 1]);
  expectShape('embeddingBackward: dw', t.dw, [V, C]);
  plan.record(BACKWARD, {
    params: { V, C, S: slices.count, slice_stride: slices.stride },
    bind,
    grid: {
      groups: () => columnWorkgroups(BACKWARD, plan.variants, sizeOf(V) * slices.count, quads),
    },
  });
}
