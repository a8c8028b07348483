import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../../gpu/gpu';
import { Plan, type Scalar } from '../../gpu/plan';
import { relativeDistance, worstBeyond } from '../testing/close';
import { FLUSHED, normals, ROUNDING } from '../testing/inputs';
import { openTestGpu } from '../testing/testGpu';
import { adamwStep } from './adamw';
import { adamwStepRef, type AdamwRefSettings, type AdamwState } from './adamw.ref';

// Parameters come in fours, workgroups are 64 invocations of four each; 1792 is 7 full workgroups,
// and what is above it folds under gridLimit 7.
const PARAMETERS = [
  ...[4, 8, 12, 20, 28, 52, 124, 248, 252, 256, 260, 264, 508, 512, 516, 1020, 1024, 1028],
  ...[1788, 1792, 1796, 5000, 10_028],
];

const STEPS_100 = 1e-4; // relative distance after 100 steps

const PLAIN: AdamwRefSettings = {
  learningRate: 3e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  decayed: 0,
};

/** The same optimizer twice, on the GPU and in float64, from the same start. */
class Pair {
  private constructor(
    readonly state: AdamwState,
    readonly settings: AdamwRefSettings,
    readonly step: (grad: Float32Array<ArrayBuffer>, factor?: number) => Promise<void>,
    readonly download: () => Promise<Record<keyof AdamwState, Float32Array>>,
  ) {}

  static async create(
    gpu: Gpu,
    start: Float32Array<ArrayBuffer>,
    settings: AdamwRefSettings,
  ): Promise<Pair> {
    const P = start.length;
    const t = {
      param: gpu.upload('param', [P], start),
      grad: gpu.alloc('grad', [P]),
      m: gpu.alloc('m', [P]),
      v: gpu.alloc('v', [P]),
      norm: gpu.alloc('norm', [4]),
    };
    const correction1: Scalar = { value: 0 };
    const correction2: Scalar = { value: 0 };
    const plan = new Plan(gpu, 'adamw');
    adamwStep(plan, t, { ...settings, correction1, correction2 });
    const state = {
      param: Float64Array.from(start),
      m: new Float64Array(P),
      v: new Float64Array(P),
    };
    let updates = 0;
    const step = async (grad: Float32Array<ArrayBuffer>, factor = 1): Promise<void> => {
      updates += 1;
      correction1.value = 1 / (1 - settings.beta1 ** updates);
      correction2.value = 1 / (1 - settings.beta2 ** updates);
      gpu.write(t.grad, grad);
      gpu.write(t.norm, Float32Array.of(99, factor, 0, 0)); // the norm itself scales nothing
      await plan.run();
      adamwStepRef(state, grad, Math.fround(factor), updates, settings);
    };
    return new Pair(state, settings, step, async () => ({
      param: await gpu.download(t.param),
      m: await gpu.download(t.m),
      v: await gpu.download(t.v),
    }));
  }
}

describe('adamw', () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  /** After one step from zero moments every number is a few roundings from the reference. */
  async function oneStep(start: Float32Array<ArrayBuffer>, grad: Float32Array<ArrayBuffer>) {
    const settings = { ...PLAIN, weightDecay: 0.1, decayed: start.length / 2 };
    const pair = await Pair.create(gpu, start, settings);
    await pair.step(grad, 0.5);
    const got = await pair.download();
    const { param, m, v } = pair.state;
    return {
      got,
      complaint:
        worstBeyond(got.m, m, (i) => ROUNDING * Math.abs(m[i]!) + FLUSHED) ??
        worstBeyond(got.v, v, (i) => ROUNDING * v[i]! + FLUSHED) ??
        worstBeyond(
          got.param,
          param,
          (i) => ROUNDING * (Math.abs(start[i]!) + settings.learningRate),
        ),
    };
  }

  it.each(PARAMETERS)('matches the reference at P=%i', async (P) => {
    const [start, grad] = [normals(P, P), normals(P + 1, P)];

    const first = await oneStep(start, grad);
    const second = await oneStep(start, grad);

    expect(first.complaint).toBeUndefined();
    expect(second.got).toEqual(first.got); // the same step gives the same bits
  });

  const HARD = {
    'gradients of ±1e4': (i: number) => (i % 2 === 0 ? 1e4 : -1e4),
    'equal gradients': () => 0.3,
    'a single one': (i: number) => (i === 17 ? 1 : 0),
    'gradients whose squares underflow': (i: number) => (i % 2 === 0 ? 1e-25 : -1e-25),
    'denormal gradients': () => 1e-40,
  };
  it.each(Object.entries(HARD))('matches the reference on %s', async (_, value) => {
    const grad = Float32Array.from({ length: 68 }, (__, i) => value(i));

    expect((await oneStep(normals(9, 68), grad)).complaint).toBeUndefined();
  });

  it('stays within 1e-4 of float64 over 100 steps of drifting, clipped gradients', async () => {
    const P = 2000;
    const start = normals(1, P, 0.02);
    const settings = { ...PLAIN, weightDecay: 0.1, decayed: 1500 };
    const pair = await Pair.create(gpu, start, settings);
    const trend = normals(2, P);
    for (let t = 1; t <= 100; t++) {
      const noise = normals(100 + t, P);
      const grad = noise.map((x, i) => 10 ** ((i % 7) - 5) * (x + trend[i]!));
      await pair.step(grad, t % 3 === 0 ? 1 / t : 1);
    }

    const got = await pair.download();

    const moved = (param: ArrayLike<number>) => start.map((x, i) => param[i]! - x);
    const { param, m, v } = pair.state;
    expect(relativeDistance(got.param, param)).toBeLessThan(STEPS_100);
    expect(relativeDistance(moved(got.param), moved(param))).toBeLessThan(STEPS_100);
    expect(relativeDistance(got.m, m)).toBeLessThan(STEPS_100);
    expect(relativeDistance(got.v, v)).toBeLessThan(STEPS_100);
  });

  it('corrects the bias: at every step a constant gradient moves by the learning rate', async () => {
    const pair = await Pair.create(gpu, new Float32Array(4), { ...PLAIN, learningRate: 0.5 });
    for (let t = 1; t <= 8; t++) {
      await pair.step(Float32Array.of(1e-3, -1e-3, 40, -40));

      const { param } = await pair.download();
      const want = [-0.5, 0.5, -0.5, 0.5].map((x) => t * x);
      expect(worstBeyond(param, want, () => t * 2e-5)).toBeUndefined(); // ε is 1e-5 of 1e-3
    }
  });

  it('keeps β₂ next to 1 exact', async () => {
    const pair = await Pair.create(gpu, new Float32Array(4), { ...PLAIN, beta2: 0.99999 });
    await pair.step(Float32Array.of(1, 2, 3, 4));

    const { v } = await pair.download();

    // In f32, 1 − 0.99999 is wrong by 0.1 %.
    expect(
      worstBeyond(v, [1e-5, 4e-5, 9e-5, 16e-5], (i) => ROUNDING * 1e-5 * (i + 1) ** 2),
    ).toBeUndefined();
  });

  it('decays apart from the gradient, and only what comes before `decayed`', async () => {
    const start = Float32Array.of(2, -4, 2, -4, 2, -4, 2, -4);
    const pair = await Pair.create(gpu, start, {
      ...PLAIN,
      learningRate: 0.25,
      weightDecay: 0.5,
      decayed: 6,
    });
    for (let t = 0; t < 3; t++) await pair.step(new Float32Array(8));

    const { param, m, v } = await pair.download();

    const kept = 0.875 ** 3; // (1 − 0.25 · 0.5)³, exact in binary
    expect(param).toEqual(start.map((x, i) => (i < 6 ? kept * x : x)));
    expect([...m, ...v].every((x) => x === 0)).toBe(true); // decay never enters the moments
  });

  it('sees the gradient only after the clip', async () => {
    const [clipped, scaled] = [
      await Pair.create(gpu, new Float32Array(4), PLAIN),
      await Pair.create(gpu, new Float32Array(4), PLAIN),
    ];
    await clipped.step(Float32Array.of(8, -8, 1, 0), 0.25);
    await scaled.step(Float32Array.of(2, -2, 0.25, 0), 1);

    expect(await clipped.download()).toEqual(await scaled.download());
  });

  it.each([NaN, Infinity, 1])(
    'changes nothing once a norm was not finite, now %d',
    async (norm) => {
      const start = normals(7, 8);
      const t = {
        param: gpu.upload('param', [8], start),
        grad: gpu.upload('grad', [8], new Float32Array(8).fill(1)),
        m: gpu.upload('m', [8], start),
        v: gpu.upload('v', [8], start),
        norm: gpu.upload('norm', [4], Float32Array.of(norm, 1, 1, 0)),
      };
      const plan = new Plan(gpu, 'adamw');
      adamwStep(plan, t, {
        ...PLAIN,
        weightDecay: 0.1,
        decayed: 8,
        correction1: 10,
        correction2: 1e3,
      });

      await plan.run();

      for (const name of ['param', 'm', 'v'] as const) {
        expect(await gpu.download(t[name])).toEqual(start);
      }
    },
  );

  it('finds the minimum of a badly scaled bowl', async () => {
    const pair = await Pair.create(gpu, Float32Array.of(1.5, -1, 0, 2), {
      ...PLAIN,
      learningRate: 0.05,
      beta2: 0.99,
    });
    const stiffness = [100, 1, 0.1, 0.01];
    const minimum = [1, 0, -0.5, 1];
    for (let t = 0; t < 300; t++) {
      const { param } = await pair.download();
      await pair.step(
        param.map((x, i) => stiffness[i]! * (x - minimum[i]!)) as Float32Array<ArrayBuffer>,
      );
    }

    const { param } = await pair.download();

    expect(worstBeyond(param, minimum, () => 1e-3)).toBeUndefined();
  });
});
