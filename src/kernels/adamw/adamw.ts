import step from '../../../shaders/adamw/step.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import { computed, type ParamValue, type Plan } from '../../gpu/plan';
import { capacityOf, expectShape, type Tensor } from '../../gpu/tensor';
import { invariant } from '../../shared/invariant';

const STEP: KernelSpec = { label: 'adamw_step', body: step };

/** P = parameters, a multiple of 4. */
interface AdamwStep {
  readonly param: Tensor; // in-out [P]
  readonly grad: Tensor; //         [P]
  readonly m: Tensor; //     in-out [P]   first moment
  readonly v: Tensor; //     in-out [P]   second moment
  readonly norm: Tensor; //         [4]   of gradNormFinish; its second float scales the gradient
}

export interface AdamwSettings {
  readonly learningRate: ParamValue;
  readonly beta1: ParamValue;
  readonly beta2: ParamValue;
  readonly epsilon: ParamValue;
  readonly weightDecay: ParamValue; // per unit learning rate
  readonly decayed: ParamValue; // parameters before this index are decayed
  readonly correction1: ParamValue; // 1 / (1 − β₁ᵗ), t = 1 at the first step
  readonly correction2: ParamValue; // 1 / (1 − β₂ᵗ)
}

/** Records one AdamW update of all parameters in place. */
export function adamwStep(plan: Plan, t: AdamwStep, settings: AdamwSettings): void {
  const [P = 0] = t.param.shape;
  for (const name of ['param', 'grad', 'm', 'v'] as const) {
    expectShape(`adamwStep: ${name}`, t[name], [P]);
  }
  expectShape('adamwStep: norm', t.norm, [4]);
  invariant(capacityOf(P) % 4 === 0, 'The number of parameters is not a multiple of 4.');
  const P4 = capacityOf(P) / 4;
  plan.record(STEP, {
    params: {
      P4,
      decayed: settings.decayed,
      learning_rate: settings.learningRate,
      rate1: oneMinus(settings.beta1),
      rate2: oneMinus(settings.beta2),
      correction1: settings.correction1,
      correction2: settings.correction2,
      epsilon: settings.epsilon,
      weight_decay: settings.weightDecay,
    },
    bind: { ...t },
    grid: { threads: () => P4 },
  });
}

/** 1 − x in double precision, of the value that x has at each replay. */
const oneMinus = (x: ParamValue): ParamValue =>
  typeof x === 'number' ? 1 - x : computed(() => 1 - x.value);
