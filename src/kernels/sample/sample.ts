import step from '../../../shaders/sample/step.wgsl?raw';
import stepWorkgroup from '../../../shaders/sample/step_workgroup.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { ParamValue, Plan } from '../../gpu/plan';
import { capacityOf, expectShape, sizeOf, type Tensor } from '../../gpu/tensor';

const STEP: KernelSpec = { label: 'sample_step', body: step, libs: ['random', 'ranked'] };
const STEP_WORKGROUP: KernelSpec = {
  label: 'sample_step_workgroup',
  body: stepWorkgroup,
  libs: ['reduce', 'random', 'ranked'],
};

/** B = rows, A = slots. */
export interface SampleStep {
  readonly logits: Tensor; //   [B,stride] its first V columns are the vocabulary
  readonly key: Tensor; //      [B]   u32 names the row to the generator
  readonly position: Tensor; // in-out [B] i32 of the row's last token; moves on by one
  readonly token: Tensor; //    out [B]   i32
  readonly sampled: Tensor; //  out [A,B] i32 the slot's row is overwritten
  readonly logp: Tensor; //     out [A,B] nats at temperature 1, nothing cut off
}

/** How to draw; a Scalar may change between replays. */
export interface SampleOptions {
  readonly V: ParamValue;
  readonly temperature: ParamValue; // 0 = greedy
  readonly topK: ParamValue; //        0 = off
  readonly topP: ParamValue; //        1 = off
  readonly seed: ParamValue;
  readonly stream: ParamValue; //      one of STREAM
  readonly slot: ParamValue; //        row of sampled and logp to write
}

/**
 * Records the draw of one token per row, by one invocation where rows are reduced by one, else by a workgroup.
 *
 * A draw depends on (seed, stream, position, key) and the row's logits, never on the other rows.
 */
export function sampleStep(plan: Plan, t: SampleStep, options: SampleOptions): void {
  const [B = 0, stride = 0] = t.logits.shape;
  const [A = 0] = t.sampled.shape;
  expectShape('sampleStep: key', t.key, [B]);
  expectShape('sampleStep: position', t.position, [B]);
  expectShape('sampleStep: token', t.token, [B]);
  expectShape('sampleStep: sampled', t.sampled, [A, B]);
  expectShape('sampleStep: logp', t.logp, [A, B]);
  const { topK, topP, ...rest } = options;
  const isSerial = plan.variants.reduce === 'serial';
  plan.record(isSerial ? STEP : STEP_WORKGROUP, {
    params: {
      ...rest,
      top_k: topK,
      top_p: topP,
      B,
      stride: capacityOf(stride),
      stride_rows: capacityOf(B),
    },
    bind: { ...t },
    grid: isSerial ? { threads: () => sizeOf(B) } : { rows: B },
  });
}
