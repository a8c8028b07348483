import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REDUCE_VARIANTS } from '../../shared/kernelForms';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { worstBeyond } from '../testing/close';
import { FLUSHED, normals, ROUNDING } from '../testing/inputs';
import { openTestGpu } from '../testing/testGpu';
import { gradNormFinish, gradNormSum, squareBlocks } from './grad_norm';
import { gradNormRef, type Sliced } from './grad_norm.ref';

// Parameters come in fours, first those of matrices, then the others; blocks hold 1024 of them, workgroups
// 64 lanes of four. 9000 and 66,560 make 9 and 65 blocks, which fold under gridLimit 7 and straddle the
// second kernel's workgroup.
const PARAMETERS = [4, 8, 12, 28, 252, 256, 260, 508, 516, 1020, 1024, 1028, 2044, 2052, 9000];
const SHAPES = [
  ...PARAMETERS.map((M) => [3, M, 1, 4] as const),
  ...PARAMETERS.map((others) => [2, 12, 5, others] as const),
  ...[1, 2, 5, 7, 8].map((S) => [S, 1028, 9 - S, 64] as const),
  ...[64_512, 65_536, 66_560].map((P) => [1, P - 64, 64, 64] as const),
];

type Numbers = Float32Array<ArrayBuffer>;
interface Stretch extends Sliced {
  readonly partials: Numbers;
}
type Stretches = readonly [matrices: Stretch, vectors: Stretch];

const lengthOf = ({ partials, slices }: Stretch): number => partials.length / slices;
const ONE = { partials: Float32Array.of(0, 0, 0, 0), slices: 1 };

async function solve(gpu: Gpu, stretches: Stretches, clip: number) {
  const [matrices, vectors] = stretches;
  const P = lengthOf(matrices) + lengthOf(vectors);
  const unwritten = (n: number) => new Float32Array(n).fill(NaN);
  const upload = (label: string, of: Stretch) =>
    gpu.upload(label, [of.slices, lengthOf(of)], of.partials);
  const t = {
    matrices: upload('matrices', matrices),
    vectors: upload('vectors', vectors),
    grad: gpu.upload('grad', [P], unwritten(P)),
    squares: gpu.upload('squares', [squareBlocks(P)], unwritten(squareBlocks(P))),
    norm: gpu.upload('norm', [4], Float32Array.of(NaN, NaN, 0, NaN)),
  };
  const { norm, ...sums } = t;
  const plan = new Plan(gpu, 'grad_norm');
  gradNormSum(plan, sums);
  gradNormFinish(plan, { squares: t.squares, norm }, { clip });
  const replay = async () => {
    await plan.run();
    return { grad: await gpu.download(t.grad), norm: await gpu.download(norm) };
  };
  const first = await replay();
  const second = await replay();
  plan.destroy();
  gpu.free(...Object.values(t));
  return { first, second };
}

function complaint(
  stretches: Stretches,
  clip: number,
  got: Awaited<ReturnType<typeof solve>>['first'],
) {
  const { grad, norm, factor } = gradNormRef(stretches, clip);
  const magnitudes = stretches.map((s) => ({ ...s, partials: s.partials.map(Math.abs) }));
  const size = gradNormRef(magnitudes, clip).grad; // of the terms of grad[i]
  const slices = Math.max(...stretches.map((s) => s.slices));
  const P = grad.length;
  let lost = 0; // what the norm may lose with grad
  for (let i = 0; i < P; i++) lost += (ROUNDING * Math.sqrt(slices) * size[i]!) ** 2;
  const slack = ROUNDING * Math.sqrt(P) * norm + Math.sqrt(lost) + Math.sqrt(P * FLUSHED);
  return (
    worstBeyond(
      got.grad,
      grad,
      (i) => ROUNDING * Math.sqrt(slices) * size[i]! + slices * FLUSHED,
    ) ??
    worstBeyond(got.norm.subarray(0, 1), [norm], () => slack) ??
    worstBeyond(got.norm.subarray(1), [factor, 0, 0], (i) =>
      i > 0 ? 0 : factor * (ROUNDING + slack / (norm + 1e-6)),
    )
  );
}

describe.each(REDUCE_VARIANTS)('grad_norm, %s reduction', (reduce) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ reduce, gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  it.each(SHAPES)('matches the reference at S=%i M=%i R=%i others=%i', async (S, M, R, others) => {
    const stretches = [
      { partials: normals(S + 10 * M, S * M), slices: S },
      { partials: normals(R + 10 * others, R * others), slices: R },
    ] as const;

    const { first, second } = await solve(gpu, stretches, 1);

    expect(complaint(stretches, 1, first)).toBeUndefined();
    expect(second).toEqual(first); // a replay gives the same bits
  });

  const HARD = {
    'values of ±1e4': (i: number) => (i % 3 === 0 ? 1e4 : -1e4),
    'slices that cancel': (i: number) => (i < 1028 ? 1e4 + i / 64 : -1e4 - (i - 1027) / 64),
    'equal values': () => 0.1,
    'a single one': (i: number) => (i === 1027 ? 1 : 0),
    'denormal values': () => 1e-40,
    zeros: () => 0,
  };
  it.each(Object.entries(HARD))('matches the reference on %s', async (_, value) => {
    const partials = Float32Array.from({ length: 2 * 1028 }, (__, i) => value(i));

    const stretches = [{ partials, slices: 2 }, ONE] as const;

    const { first } = await solve(gpu, stretches, 1);

    expect(first.grad.every(Number.isFinite)).toBe(true);
    expect(complaint(stretches, 1, first)).toBeUndefined();
  });

  it.each([NaN, Infinity, 1e30])('a gradient with %d in it has no finite norm', async (x) => {
    const partials = normals(3, 1028);
    partials[1025] = x; // the square of 1e30 is beyond f32

    const { first } = await solve(gpu, [{ partials, slices: 1 }, ONE], 1);

    expect(Number.isFinite(first.norm[0])).toBe(false);
    expect(first.norm[2]).toBe(1);
  });

  it('remembers a norm that was not finite', async () => {
    const t = {
      squares: gpu.upload('squares', [1], Float32Array.of(Infinity)),
      norm: gpu.alloc('norm', [4]),
    };
    const plan = new Plan(gpu, 'grad_norm');
    gradNormFinish(plan, t, { clip: 1 });
    await plan.run();
    gpu.write(t.squares, Float32Array.of(16));
    await plan.run();

    expect(Array.from(await gpu.download(t.norm))).toEqual([4, expect.closeTo(0.25), 1, 0]);
  });

  it('adds the squares of many parameters in fewer, larger blocks', async () => {
    const P = 8192 * 1024 + 4; // one quad more than 8192 blocks of 1024 hold
    expect(squareBlocks(P - 4)).toBe(8192);
    expect(squareBlocks(P)).toBe(4097);
    const partials = new Float32Array(P - 4).fill(1);
    partials[P - 5] = 3;

    const ones = { partials: Float32Array.of(0, 0, 0, 2), slices: 1 };
    const { first } = await solve(gpu, [{ partials, slices: 1 }, ones], 1);

    expect(first.norm[0]! ** 2).toBeCloseTo(P - 5 + 9 + 4, -1);
  });

  it('clips longer gradients only', async () => {
    const partials = Float32Array.of(3, 0, 0, 4, 0, 0, 0, 0);
    for (const clip of [0.01, 1, 4.9999, 5.0001, 1000]) {
      const { first } = await solve(gpu, [{ partials, slices: 1 }, ONE], clip);

      expect(first.norm[0]).toBe(5);
      expect(first.norm[1]).toBeCloseTo(Math.min(1, clip / 5), 6);
    }
  });
});
