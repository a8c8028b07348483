import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim } from '../../gpu/tensor';
import { permutation, rng } from '../../shared/rng';
import { worstBeyond } from '../testing/close';
import { atCapacity, FLUSHED, HARD_NUMBERS, normals } from '../testing/inputs';
import { openTestGpu } from '../testing/testGpu';
import { gatherRowsBackward, gatherRowsForward } from './gather_rows';
import { gatherRowsBackwardRef, gatherRowsForwardRef } from './gather_rows.ref';

// Four channels an invocation, 64 invocations a workgroup: C = 252, 256, 260 straddle one, and 150
// rows of 12 channels fold under gridLimit 7.
const SHAPES = [
  ...[4, 8, 60, 64, 68, 252, 256, 260, 1028].map((C) => [7, 3, C] as const),
  ...[1, 2, 7, 63, 64, 65, 150, 257].map((N) => [N, Math.ceil(N / 2), 12] as const),
  ...[1, 2, 63, 64, 65, 150, 300].map((M) => [300, M, 12] as const),
];

type Numbers = Float32Array<ArrayBuffer>;

interface Problem {
  readonly N: number;
  readonly C: number;
  readonly x: Numbers;
  readonly dy: Numbers;
  readonly index: Int32Array<ArrayBuffer>; // rows of x, in no order, none twice
}

function problem(
  [N, M, C]: readonly [number, number, number],
  numbers: (seed: number, n: number) => Numbers = normals,
): Problem {
  const index = permutation(N, rng(N, M)).slice(0, M);
  return { N, C, index, x: numbers(C, N * C), dy: numbers(C + 1, M * C) };
}

async function solve(gpu: Gpu, { N, C, index, x, dy }: Problem, rows: Dim, chosen: Dim) {
  const M = typeof chosen === 'number' ? chosen : chosen.value;
  const inverse = new Int32Array(N).fill(-1);
  index.subarray(0, M).forEach((n, m) => (inverse[n] = m));
  const t = {
    x: gpu.upload('x', [rows, C], x),
    index: gpu.upload('index', [chosen], index),
    y: gpu.upload('y', [chosen, C], new Float32Array(index.length * C).fill(NaN)),
    dy: gpu.upload('dy', [chosen, C], dy),
    inverse: gpu.upload('inverse', [rows], inverse),
    dx: gpu.upload('dx', [rows, C], new Float32Array(N * C).fill(NaN)),
  };
  const plan = new Plan(gpu, 'gather_rows');
  gatherRowsForward(plan, { x: t.x, index: t.index, y: t.y });
  gatherRowsBackward(plan, { dy: t.dy, inverse: t.inverse, dx: t.dx });
  await plan.compile();
  const replay = async () => {
    await plan.run();
    return { y: await gpu.download(atCapacity(t.y)), dx: await gpu.download(atCapacity(t.dx)) };
  };
  const first = await replay();
  const second = await replay();
  plan.destroy();
  gpu.free(...Object.values(t));
  return { first, second };
}

/** What is wrong with the GPU's answer on N rows and M chosen; undefined when nothing is. */
function complaint(
  p: Problem,
  got: Awaited<ReturnType<typeof solve>>['first'],
  { N = p.N, M = p.index.length } = {},
) {
  const index = p.index.subarray(0, M);
  const copied = (): number => FLUSHED; // exact but for denormals
  return (
    worstBeyond(got.y.subarray(0, M * p.C), gatherRowsForwardRef(p.x, index, p.C), copied) ??
    worstBeyond(
      got.dx.subarray(0, N * p.C),
      gatherRowsBackwardRef(p.dy, index, p).subarray(0, N * p.C),
      copied,
    )
  );
}

describe('gather_rows', () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  it.each(SHAPES)('matches the reference at N=%i M=%i C=%i', async (...shape) => {
    const p = problem(shape);

    const { first, second } = await solve(gpu, p, p.N, p.index.length);

    expect(complaint(p, first)).toBeUndefined();
    expect(second).toEqual(first); // a replay gives the same bits
  });

  it.each(HARD_NUMBERS)('matches the reference on %s', async (_, value) => {
    const p = problem([9, 6, 12], (__, n) =>
      Float32Array.from({ length: n }, (___, i) => value(i)),
    );

    expect(complaint(p, (await solve(gpu, p, 9, 6)).first)).toBeUndefined();
  });

  it.each([
    [0, 0],
    [30, 0],
    [30, 1],
    [23, 11],
    [30, 29],
  ])('leaves what is past N=%i and M=%i of 30 alone', async (N, M) => {
    const p = problem([30, 30, 8]);
    const [rows, chosen] = [new Size('rows', 30), new Size('chosen', 30)];
    [rows.value, chosen.value] = [N, M];

    const { first } = await solve(gpu, p, rows, chosen);

    expect(complaint(p, first, { N, M })).toBeUndefined();
    const beyond = [...first.y.subarray(M * p.C), ...first.dx.subarray(N * p.C)];
    expect(beyond.every(Number.isNaN)).toBe(true);
  });
});
