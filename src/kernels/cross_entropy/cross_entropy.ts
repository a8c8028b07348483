import forward from '../../../shaders/cross_entropy/forward.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { Plan } from '../../gpu/plan';
import { capacityOf, expectShape, type Tensor } from '../../gpu/tensor';
import { invariant } from '../../shared/invariant';

const FORWARD: KernelSpec = { label: 'cross_entropy_forward', body: forward, libs: ['reduce'] };

/** M = trained tokens; stride = floats between rows of logits, at least V. */
interface CrossEntropyForward {
  readonly logits: Tensor; //      [M,stride]  in-out: becomes dlogits if there is a coefficient
  readonly targets: Tensor; //     [M]   i32 token id; < 0 is ignored
  readonly nll: Tensor; //     out [M]   nats; 0 where ignored
  readonly lse: Tensor; //     out [M]   nats
  /** [M] weight of each token's nats in the loss; with it the gradient of Σ coefficient·nll is written. */
  readonly coefficient?: Tensor;
}

/**
 * Records the negative log-likelihood of each target token among the first V columns and, given
 * coefficients, its gradient: written over the logits, 0 in columns from V on.
 *
 * Does not average: a token's coefficient is the method's business.
 */
export function crossEntropyForward(plan: Plan, t: CrossEntropyForward, V: number): void {
  const { coefficient, ...tensors } = t;
  const [M = 0, width = 0] = t.logits.shape;
  const stride = capacityOf(width);
  expectShape('crossEntropyForward: targets', t.targets, [M]);
  expectShape('crossEntropyForward: nll', t.nll, [M]);
  expectShape('crossEntropyForward: lse', t.lse, [M]);
  if (coefficient) expectShape('crossEntropyForward: coefficient', coefficient, [M]);
  invariant(V >= 1 && V <= stride, `A vocabulary of ${V} does not fit rows of ${stride} logits.`);
  plan.record(FORWARD, {
    params: { M, V, stride },
    bind: { ...tensors, coefficient: coefficient ?? t.targets },
    consts: { GRADIENT: coefficient ? 1 : 0 },
    grid: { rows: M },
  });
}
