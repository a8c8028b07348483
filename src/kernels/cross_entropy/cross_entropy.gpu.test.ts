import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REDUCE_VARIANTS } from '../../shared/kernelForms';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim } from '../../gpu/tensor';
import { rng } from '../../shared/rng';
import { worstBeyond } from '../testing/close';
import { atCapacity, FLUSHED, ROUNDING } from '../testing/inputs';
import { openTestGpu } from '../testing/testGpu';
import { crossEntropyForward } from './cross_entropy';
import { crossEntropyBackwardRef, crossEntropyForwardRef } from './cross_entropy.ref';

// 63, 64, 65 straddle the workgroup; 255, 256, 257 and 1000 take several strides; rows of one
// column have no choice. M from 8 on folds the grid of the tree variant under gridLimit 7.
const SHAPES = [
  ...[1, 2, 3, 4, 5, 7].map((V) => [3, V] as const),
  ...[63, 64, 65, 127, 128, 129].map((V) => [5, V] as const),
  ...[255, 256, 257, 1000].map((V) => [2, V] as const),
  ...[1, 8, 13, 20, 63, 64, 65, 257].map((M) => [M, 37] as const),
];

interface Problem {
  readonly M: number;
  readonly V: number;
  readonly stride: number;
  readonly logits: Float32Array<ArrayBuffer>;
  readonly targets: Int32Array<ArrayBuffer>;
  readonly coefficient: Float32Array<ArrayBuffer>;
}

/** Every third row is ignored; padding columns hold what would win if it were read. */
function problem(M: number, V: number, logit: (v: number, m: number) => number): Problem {
  const stride = 4 * Math.ceil(V / 4) + (M % 2 === 0 ? 4 : 0);
  const random = rng(1000 * M + V);
  const logits = Float32Array.from({ length: M * stride }, (_, i) =>
    i % stride < V ? logit(i % stride, Math.floor(i / stride)) : 3e4,
  );
  const targets = Int32Array.from({ length: M }, (_, m) => (m % 3 === 2 ? -1 : random.int(V)));
  const coefficient = Float32Array.from({ length: M }, random.normal);
  return { M, V, stride, logits, targets, coefficient };
}

async function solve(gpu: Gpu, { M, V, stride, logits, targets, coefficient }: Problem, rows: Dim) {
  const unwritten = new Float32Array(M).fill(NaN); // an element the kernel skips stays NaN and fails
  const t = {
    logits: gpu.upload('logits', [rows, stride], logits),
    targets: gpu.upload('targets', [rows], targets),
    coefficient: gpu.upload('coefficient', [rows], coefficient),
    nll: gpu.upload('nll', [rows], unwritten),
    lse: gpu.upload('lse', [rows], unwritten),
  };
  const scoring = new Plan(gpu, 'scoring');
  const training = new Plan(gpu, 'training');
  const { coefficient: _, ...inputs } = t;
  crossEntropyForward(scoring, inputs, V);
  crossEntropyForward(training, t, V);
  const replay = async (plan: Plan) => {
    gpu.write(t.logits, logits);
    gpu.write(atCapacity(t.nll), unwritten);
    gpu.write(atCapacity(t.lse), unwritten);
    await plan.run();
    return {
      nll: await gpu.download(atCapacity(t.nll)),
      lse: await gpu.download(atCapacity(t.lse)),
      dlogits: await gpu.download(atCapacity(t.logits)),
    };
  };
  const scored = await replay(scoring);
  const first = await replay(training);
  const second = await replay(training);
  scoring.destroy();
  training.destroy();
  gpu.free(...Object.values(t));
  return { scored, first, second };
}

/** What is wrong with the GPU's answer on the rows in use; undefined when nothing is. */
function complaint(p: Problem, got: Awaited<ReturnType<typeof solve>>['first'], M = p.M) {
  const shape = { ...p, M };
  const { nll, lse } = crossEntropyForwardRef(p.logits, p.targets, shape);
  const dlogits = crossEntropyBackwardRef(p.logits, p.targets, p.coefficient, shape);
  const sum = ROUNDING * (Math.sqrt(p.V) + 2); // of terms that are 1 together, then log
  const dlogitsBound = (i: number): number => {
    const m = Math.floor(i / p.stride);
    if (i % p.stride >= p.V || p.targets[m]! < 0) return 0;
    const exponent = Math.abs(p.logits[i]!) + Math.abs(lse[m]!);
    const probability = Math.exp(p.logits[i]! - lse[m]!);
    const hit = i % p.stride === p.targets[m] ? 1 : 0;
    return (
      Math.abs(p.coefficient[m]!) *
        (probability * (sum + ROUNDING * (1 + exponent)) + ROUNDING * hit + FLUSHED) +
      FLUSHED
    );
  };
  return (
    worstBeyond(got.nll.subarray(0, M), nll, (m) =>
      p.targets[m]! < 0 ? 0 : sum + ROUNDING * nll[m]!,
    ) ??
    worstBeyond(got.lse.subarray(0, M), lse, (m) => sum + ROUNDING * Math.abs(lse[m]!)) ??
    worstBeyond(got.dlogits.subarray(0, M * p.stride), dlogits, dlogitsBound)
  );
}

describe.each(REDUCE_VARIANTS)('cross_entropy, %s reduction', (reduce) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ reduce, gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  it.each(SHAPES)('matches the reference at M=%i V=%i', async (M, V) => {
    const random = rng(M, V);
    const p = problem(M, V, () => 8 * random.normal());

    const { scored, first, second } = await solve(gpu, p, M);

    expect(complaint(p, first)).toBeUndefined();
    expect(second).toEqual(first); // a replay gives the same bits
    expect(scored).toEqual({ ...first, dlogits: p.logits }); // scoring leaves the logits alone
  });

  const HARD = {
    'logits of ±1e4': (v: number) => (v % 3 === 0 ? 1e4 : -1e4),
    'large negative logits': (v: number) => -1e4 - v,
    'equal logits': () => 7,
    'one-hot rows': (v: number, m: number) => (v === m ? 1e4 : 0),
    'denormal logits': (v: number) => (v % 2 === 0 ? 1e-40 : -1e-40),
  };
  it.each(Object.entries(HARD))('matches the reference on %s', async (_, logit) => {
    for (const V of [5, 67, 256]) {
      const p = problem(7, V, logit);

      const { first } = await solve(gpu, p, p.M);

      expect(complaint(p, first)).toBeUndefined();
    }
  });

  it('touches only the rows in use', async () => {
    const random = rng(5);
    const p = problem(70, 33, random.normal);
    const rows = new Size('M', p.M);
    for (rows.value of [66, 3, 0]) {
      const { first } = await solve(gpu, p, rows);

      const M = rows.value;
      expect(complaint(p, first, M)).toBeUndefined();
      expect(first.nll.subarray(M).every(Number.isNaN)).toBe(true);
      expect(first.lse.subarray(M).every(Number.isNaN)).toBe(true);
      expect(first.dlogits.subarray(M * p.stride)).toEqual(p.logits.subarray(M * p.stride));
    }
  });
});

it('reaches the last of more than 65,535 workgroups', async () => {
  const gpu = await openTestGpu({ reduce: 'serial' });
  const [M, V, stride] = [64 * 65_540, 2, 2]; // an invocation a row, 64 a workgroup
  const t = {
    logits: gpu.alloc('logits', [M, stride]), // all 0: every probability is 1/V
    targets: gpu.upload('targets', [M], new Int32Array(M).fill(V - 1)),
    coefficient: gpu.upload('coefficient', [M], new Float32Array(M).fill(V)),
    nll: gpu.alloc('nll', [M]),
    lse: gpu.alloc('lse', [M]),
  };
  const plan = new Plan(gpu, 'training');
  crossEntropyForward(plan, t, V);

  await plan.run();

  const want = Float64Array.from({ length: M * stride }, (_, i) => (i % 2 === 0 ? 1 : -1));
  const dlogits = await gpu.download(t.logits);
  expect(worstBeyond(dlogits, want, () => 8 * ROUNDING)).toBeUndefined();
  const nll = await gpu.download(t.nll);
  expect(worstBeyond(nll, want.subarray(M).fill(Math.LN2), () => 8 * ROUNDING)).toBeUndefined();
  gpu.destroy();
});
