/** Every method on two groups and on one optimizer step, worked out by hand. */
import { describe, expect, it } from 'vitest';
import { lessKl } from '../klPenalty';
import { coefficients } from '../loss';
import { games, weightsOf, withMethod } from '../testing/games';
import { methodOf, roundPrompts } from './methods';
import type { StepColumns } from './method';
import { METHOD_NAMES } from './registry';

type Settings = Parameters<typeof withMethod>[1];
type ByRow = readonly (readonly number[])[];

function expectClose(got: ArrayLike<number>, want: readonly number[]): void {
  expect(got).toHaveLength(want.length);
  want.forEach((x, i) => expect(got[i], `element ${i}`).toBeCloseTo(x, 4));
}
const over = (divisor: number, xs: readonly number[]): number[] => xs.map((x) => x / divisor);

describe('row weights of a hard and an easy group', () => {
  // Returns under γ ½: 1 ½ 0 0, mean 3/8, and 1 1 1 ½, mean 7/8; of all 5/8. exp(R/β) is e², e or 1.
  const EPISODES = games([
    [1, 2, 0, 0],
    [1, 1, 1, 2],
  ]);
  const DRIFT = { beta: 0.5, gamma: 0.5, lambda: 0 };
  const TILTED = [2.44118, 0.89806, 0.33038, 0.33038, 1.18769, 1.18769, 1.18769, 0.43693];
  const POOLED = [1.59795, 0.58785, 0.21626, 0.21626, 1.59795, 1.59795, 1.59795, 0.58785];
  const EXPONENTIAL = [2.117, 0.7788, 0.2865, 0.2865, 2.117, 2.117, 2.117, 0.7788];
  const LESS_MEAN = [5, 1, -3, -3, 1, 1, 1, -3]; // in eighths
  const STANDARD = [1.30531, 0.26106, -0.78319, -0.78319, 0.4998, 0.4998, 0.4998, -1.4994];
  // over 18 answers: mean 1/3, variance 1/6; of the returns less the group's mean -13/72, .08719
  const WHITENED = [1.63299, 0.40825, -0.8165, -0.8165, 1.63299, 1.63299, 1.63299, 0.40825];
  const WHITENED_GROUPS = [2.72809, 1.03479, -0.6585, -0.6585, 1.03479, 1.03479, 1.03479, -0.6585];
  const SOLVED = [1, 1, 0, 0, 1, 1, 1, 1];
  const AT_ONCE = [1, 0, 0, 0, 1, 1, 1, 0];

  const CASES: readonly [name: string, Settings, readonly number[]][] = [
    ['drift', {}, TILTED],
    ['iterated-drift', {}, TILTED],
    ['sft', {}, SOLVED.map(() => 1)],
    ['sft', { method: { rows: 'first' } }, AT_ONCE],
    ['rft', { method: { rows: 'first' } }, SOLVED],
    ['rest', { method: { threshold: 0.5 } }, AT_ONCE],
    ['rwr', {}, POOLED],
    ['awr', { method: { weightCap: 3 } }, EXPONENTIAL],
    ['awr', { method: { weightCap: 2 } }, EXPONENTIAL.map((w) => Math.min(w, 2))],
    ['dft', { method: { rows: 'solved' } }, SOLVED],
    ['iw-sft', {}, SOLVED],
    ['reinforce', {}, over(8, [3, -1, -5, -5, 3, 3, 3, -1])],
    ['reinforce', { online: { prompts: 1 } }, over(8, LESS_MEAN)],
    ['rloo', {}, over(6, LESS_MEAN)],
    ['reinforce++', {}, WHITENED],
    ['reinforce++', { online: { baseline: 'group' } }, WHITENED_GROUPS],
    ['grpo', {}, STANDARD],
    ['grpo', { online: { normalizer: 'tokens' } }, STANDARD],
    ['grpo', { online: { normalizer: 'longest' } }, over(8, LESS_MEAN)],
    ['dpo', {}, [1, 1, -1, -1, 1, 0, 0, -1]], // 2nd and 3rd of the easy group are as good
    [
      'kto',
      { preference: { desirable: 1.5, undesirable: 0.5 } },
      [1.5, 1.5, -0.5, -0.5, 1.5, 1.5, 1.5, 1.5],
    ],
  ];

  it('are told for every method', () =>
    expect(new Set(CASES.map(([name]) => name))).toEqual(new Set(METHOD_NAMES)));

  it.each(CASES)('%s %o', (name, settings, want) =>
    expectClose(weightsOf(EPISODES, withMethod(name, { drift: DRIFT, ...settings })), want),
  );
});

/** Columns of rows whose tokens have probability `p`, and these ratios to the other policies. */
function stepOf(
  weights: readonly number[],
  p: ByRow,
  {
    toSampled = p.map((row) => row.map(() => 1)),
    toReference,
  }: { toSampled?: ByRow; toReference: ByRow },
): StepColumns {
  const logs = (rows: ByRow): number[] => rows.flat().map(Math.log);
  const before = (ratios: ByRow): number[] =>
    logs(p.map((row, r) => row.map((x, t) => x / ratios[r]![t]!)));
  const counts = p.map((row) => row.length);
  const [sampled, reference] = [before(toSampled), before(toReference)];
  return { weights, counts, policy: logs(p), sampled, reference };
}

describe('token coefficients of a step', () => {
  const P = [[0.5, 0.25], [0.5], [0.3], [0.2, 0.4]];
  const STEP = stepOf([2, 2, -1, -1], P, {
    toSampled: [[1.5, 2], [0.5], [0.9], [0.7, 2]],
    toReference: [[1 / 3, 1], [1], [2], [1, 1]],
  });
  const LONGEST = 3;
  const clip = { clipLow: 0.2, clipHigh: 0.6 };
  const WITH_KL = [3.2, 0, 1, -0.95, 0, -2]; // ρA where ρ has not gone too far, 0.1·(π_ref/π_θ − 1) added

  const CASES: readonly [name: string, Settings, readonly number[]][] = [
    ['drift', {}, [0.25, 0.25, 0.5, -0.25, -0.125, -0.125]],
    [
      'drift',
      { method: { sequence: 'sum', batchRule: 'weights' } },
      [1, 1, 1, -0.5, -0.5, -0.5], // the sum of weights is 2
    ],
    ['reinforce', {}, over(4, [2, 2, 2, -1, -1, -1])],
    ['rloo', { online: clip }, over(4, [0, 0, 1, -0.9, -1.4, -1.4])], // ratios 3, ½, 0.9, 1.4
    ['reinforce++', { online: clip }, over(6, [3, 0, 1, -0.9, 0, -2])],
    ['grpo', { online: clip }, [0.375, 0, 0.25, -0.225, 0, -0.25]],
    ['grpo', { online: { ...clip, kl: 0.1 } }, [0.4, 0, 0.25, -0.2375, 0, -0.25]],
    ['grpo', { online: { ...clip, kl: 0.1, normalizer: 'tokens' } }, over(6, WITH_KL)],
    ['grpo', { online: { ...clip, kl: 0.1, normalizer: 'longest' } }, over(12, WITH_KL)],
    ['dft', { method: { sequence: 'sum' } }, over(4, [1, 0.5, 1, -0.3, -0.2, -0.4])],
    [
      'iw-sft', // ratios of the mean token: 3^−½, 1, 2, 1
      { method: { sequence: 'sum' } },
      over(4, [1.1547, 1.1547, 2, -2, -1, -1]),
    ],
    [
      'iw-sft',
      { method: { sequence: 'sum', ratioCap: 1.5 } },
      over(4, [1.1547, 1.1547, 2, -1.5, -1, -1]),
    ],
  ];
  it.each(CASES)('%s %o', (name, settings, want) =>
    expectClose(coefficients(STEP, withMethod(name, settings), LONGEST), want),
  );

  const preference = { beta: 0.5 };

  it('DPO: margins log 3 and −log 4 pull with σ = ¼ and ⅘', () => {
    const step = stepOf([1, -1, 1, -1], P, { toReference: [[3, 6], [2], [0.5], [1, 8]] });
    const config = withMethod('dpo', { preference });
    const want = [0.0625, 0.0625, -0.0625, 0.2, -0.2, -0.2];
    expectClose(coefficients(step, config, LONGEST), want);
    expect(methodOf(config).loss!(step, config)).toBeCloseTo(
      (Math.log(4 / 3) + Math.log(5)) / 2,
      9,
    );
  });

  const KTO: readonly [string, ByRow, readonly number[], number][] = [
    // v = σ(± log 3)
    ['z₀ = log 3', [[9], [1, 1]], [0.0703125, -0.0234375, -0.0234375], 0.375],
    // v = σ(± 1.5 log 3)
    ['z₀ = 0 where the mean is below', [[1 / 9], [1, 1]], [0.05076, -0.01692, -0.01692], 0.3307],
  ];
  it.each(KTO)('KTO: %s', (_, toReference, want, loss) => {
    const rows = [[0.5], [0.25, 0.5]];
    const step = {
      ...stepOf([1.5, -0.5], rows, { toReference: [[27], [9, 3]] }),
      mismatched: stepOf([], rows, { toReference }),
    };
    const config = withMethod('kto', { preference });
    expectClose(coefficients(step, config, LONGEST), want);
    expect(methodOf(config).loss!(step, config)).toBeCloseTo(loss, 4);
  });
});

it('a KL penalty of ½ per nat takes ½·log 2 from a try that has become twice as likely', () => {
  const step = stepOf([], [[0.5, 0.25], [0.5]], { toReference: [[2, 1], [0.5]] });
  const sampled = step.policy;
  const kl = lessKl(Float64Array.of(1, 0.5), { ...step, sampled }, 0.5);
  expectClose(kl, [1 - Math.LN2 / 2, 0.5 + Math.LN2 / 2]);
});

it('iterated DRIFT plays what its 8 steps of 64 rows train in 2 epochs, 16 tries a prompt', () => {
  const config = withMethod('iterated-drift', { online: { refreshEvery: 8 }, epochs: 2 });
  expect(roundPrompts(config)).toBe(16);
});
