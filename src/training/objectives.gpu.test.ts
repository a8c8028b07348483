/**
 * The coefficients of methods that look at the policy descend what is published: away from the
 * sampler and the reference, the objective written out changes along the gradient as that says.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunConfig } from '../config/runConfig';
import type { Gpu } from '../gpu/gpu';
import { openTestGpu } from '../kernels/testing/testGpu';
import type { StepColumns } from '../method/coefficients/method';
import { coefficients } from '../method/loss';
import { trainedCounts } from '../method/mask';
import { rng } from '../shared/rng';
import { scatter, type PackedRows } from './batches';
import { TINY, tinyRows, tinyTrainer } from './testing/tiny';
import type { Trainer } from './trainer';

const B = 6;
const LONGEST = 5; // boxes: five answers of one token
const ROWS: PackedRows = tinyRows(B);
const WEIGHTS = [1, -1, 0.5, -0.25, 2, -1.5]; // advantages, or the signs of pairs
const SIGNS = [1, -1, 1, -1, 1, -1];

type Columns = Omit<StepColumns, 'weights' | 'policy'>;
type Objective = (
  policy: number[][],
  at: { A: number[]; old: number[][]; ref: number[][] },
) => number;

const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const average = (xs: readonly number[]): number => sum(xs) / xs.length;
const less = (a: readonly number[], b: readonly number[]): number => sum(a) - sum(b);
const CLIP = { low: 0.2, high: 0.28 };
const surrogate = (ratio: number, A: number): number =>
  Math.min(ratio * A, Math.min(Math.max(ratio, 1 - CLIP.low), 1 + CLIP.high) * A);
const KL = 0.3;
const BETA = 0.4;
const Z0 = 3; // nats by which mismatched tries lie above the reference on average
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const grpoTokens: (...args: Parameters<Objective>) => number[][] = (policy, { A, old, ref }) =>
  policy.map((row, i) =>
    row.map((logp, t) => {
      const d = ref[i]![t]! - logp;
      return -surrogate(Math.exp(logp - old[i]![t]!), A[i]!) + KL * (Math.exp(d) - d - 1);
    }),
  );

/** Each method's loss as it is published, from log-probs of whole rows. */
const CASES: readonly [
  string,
  Partial<RunConfig['method']>,
  Partial<RunConfig['online']>,
  readonly number[],
  Objective,
][] = [
  [
    'grpo',
    {},
    { normalizer: 'rows', kl: KL },
    WEIGHTS,
    (...all) => average(grpoTokens(...all).map(average)),
  ],
  [
    'grpo',
    {},
    { normalizer: 'tokens', kl: KL },
    WEIGHTS,
    (...all) => average(grpoTokens(...all).flat()),
  ],
  [
    'grpo',
    {},
    { normalizer: 'longest', kl: KL },
    WEIGHTS,
    (...all) => sum(grpoTokens(...all).flat()) / (B * LONGEST),
  ],
  [
    'rloo',
    {},
    {},
    WEIGHTS,
    (policy, { A, old }) =>
      -average(policy.map((row, i) => surrogate(Math.exp(less(row, old[i]!)), A[i]!))),
  ],
  [
    'dpo',
    {},
    {},
    SIGNS,
    (policy, { ref }) =>
      average(
        [0, 2, 4].map((i) =>
          Math.log1p(
            Math.exp(-BETA * (less(policy[i]!, ref[i]!) - less(policy[i + 1]!, ref[i + 1]!))),
          ),
        ),
      ),
  ],
  [
    'kto',
    {},
    {},
    SIGNS,
    (policy, { ref, A }) =>
      average(policy.map((row, i) => 1 - sigmoid(A[i]! * BETA * (less(row, ref[i]!) - Z0)))),
  ],
  [
    'dft',
    { sequence: 'sum' },
    {},
    SIGNS.map(Math.abs),
    (policy) => -average(policy.map((row) => sum(row.map(Math.exp)))),
  ],
];

let gpu: Gpu;
let trainer: Trainer;
let start: Float32Array<ArrayBuffer>;
let columns: Columns;
beforeAll(async () => {
  gpu = await openTestGpu();
  trainer = await tinyTrainer(gpu);
  const random = rng(12);
  start = (await trainer.snapshot()).map((x) => x + 0.3 * random.normal());
  trainer.load(start);
  const policy = await trainer.logProbs(ROWS);
  const shifted = (by: number): number[] =>
    Array.from(policy, (logp) => logp + by * random.normal());
  // far enough that some ratios are beyond the clip, on either side
  columns = {
    counts: trainedCounts(ROWS.offsets, ROWS.trained),
    sampled: shifted(0.15),
    reference: shifted(0.5),
    mismatched: { counts: [1, 2], policy: [2 * Z0, 0.1, -0.1], reference: [0, 0, 0] },
  };
});
afterAll(() => {
  trainer.destroy();
  gpu.destroy();
});

function byRow(values: ArrayLike<number>): number[][] {
  let at = 0;
  return Array.from(columns.counts, (n) => Array.from({ length: n }, () => values[at++]!));
}

it.each(CASES)('%s %o %o', async (name, method, online, weights, objective) => {
  const config = {
    ...TINY,
    method: { ...TINY.method, ...method, name } as RunConfig['method'],
    online: { ...TINY.online, clipLow: CLIP.low, clipHigh: CLIP.high, ...online },
    preference: { ...TINY.preference, beta: BETA },
  };
  const at = { A: [...weights], old: byRow(columns.sampled), ref: byRow(columns.reference) };
  trainer.load(start);
  const policy = await trainer.logProbs(ROWS);
  const c = coefficients({ ...columns, weights, policy }, config, LONGEST);
  const { report } = await trainer.submit({ from: ROWS, coefficient: scatter(ROWS.trained, c) }, 0);
  await report;
  const gradient = await gpu.download(trainer.optimizer.tensors.grad);
  const squared = gradient.reduce((total, g) => total + g * g, 0);
  expect(squared).toBeGreaterThan(0);
  const h = 2e-3 / Math.sqrt(squared); // a step of fixed length, above float32's rounding
  const lossAt = async (by: number): Promise<number> => {
    trainer.load(start.map((x, i) => x + by * gradient[i]!));
    return objective(byRow(await trainer.logProbs(ROWS)), at);
  };
  const slope = ((await lossAt(h)) - (await lossAt(-h))) / (2 * h);
  expect(slope / squared).toBeGreaterThan(0.98);
  expect(slope / squared).toBeLessThan(1.02);
});
