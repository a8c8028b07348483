import backward from '../../../shaders/cross_entropy/backward.wgsl?raw';
import forward from '../../../shaders/cross_entropy/forward.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { Plan } from '../../gpu/plan';
import { capacityOf, expectShape, sizeOf, type Tensor } from '../../gpu/tensor';
import { invariant } from '../../shared/invariant';

const FORWARD: KernelSpec = { label: 'cross_entropy_forward', body: forward, libs: ['reduce'] };
const BACKWARD: KernelSpec = { label: 'cross_entropy_backward', body: backward };

/** M = trained tokens; stride = floats between rows of logits, at least V. */
interface CrossEntropyForward {
  readonly logits: Tensor; //  [M,stride]
  readonly targets: Tensor; // [M]   i32 token id; < 0 is ignored
  readonly nll: Tensor; // out [M]   nats; 0 where ignored
  readonly lse: Tensor; // out [M]   nats; kept for the backward pass
}

/**
 * Records the negative log-likelihood of each target token among the first V columns.
 *
 * Does not average: a token's coefficient is the method's business.
 */
export function crossEntropyForward(plan: Plan, t: CrossEntropyForward, V: number): void {
  const [M = 0, stride = 0] = t.logits.shape;
  expectShape('crossEntropyForward: targets', t.targets, [M]);
  expectShape('crossEntropyForward: nll', t.nll, [M]);
  expectShape('crossEntropyForward: lse', t.lse, [M]);
  expectColumns(V, capacityOf(stride));
  plan.record(FORWARD, {
    params: { M, V, stride: capacityOf(stride) },
    bind: { ...t },
    grid: { rows: M },
  });
}

/** M = trained tokens; stride = floats between rows of logits, a multiple of 4. */
interface CrossEntropyBackward {
  readonly logits: Tensor; // in-out [M,stride]; becomes dlogits
  readonly targets: Tensor; //       [M]   i32 token id; < 0 is ignored
  readonly coefficient: Tensor; //   [M]   weight of each token's nats in the loss
  readonly lse: Tensor; //           [M]   nats, of the forward pass
}

/** Records the gradient of Σ coefficient·nll, written over the logits; 0 in columns from V on. */
export function crossEntropyBackward(plan: Plan, t: CrossEntropyBackward, V: number): void {
  const [M = 0, stride = 0] = t.logits.shape;
  expectShape('crossEntropyBackward: targets', t.targets, [M]);
  expectShape('crossEntropyBackward: coefficient', t.coefficient, [M]);
  expectShape('crossEntropyBackward: lse', t.lse, [M]);
  expectColumns(V, capacityOf(stride));
  invariant(capacityOf(stride) % 4 === 0, 'Rows of logits are not a multiple of 4 floats.');
  plan.record(BACKWARD, {
    params: { M, V, stride: capacityOf(stride) },
    bind: { ...t },
    grid: { threads: () => (sizeOf(M) * capacityOf(stride)) / 4 },
  });
}

function expectColumns(V: number, stride: number): void {
  invariant(V >= 1 && V <= stride, `A vocabulary of ${V} does not fit rows of ${stride} logits.`);
}
