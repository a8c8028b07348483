import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TILE_VARIANTS } from '../../shared/kernelForms';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim } from '../../gpu/tensor';
import { worstBeyond } from '../testing/close';
import { atCapacity, FLUSHED, HARD_NUMBERS, normals, ROUNDING, spoil } from '../testing/inputs';
import { addedTo, BEFORE, strideOf } from '../testing/slices';
import { openTestGpu } from '../testing/testGpu';
import { matmulBackward, matmulForward } from './matmul';
import { matmulBackwardRef, matmulForwardRef, type MatmulShape } from './matmul.ref';

// N, K, M and the count of slices. Tiles are 8, 16, 32 or 64 wide, and sizes straddle all of them; the
// last four fold the grid of every variant under gridLimit 7, where 64 tiles of an invocation make a workgroup.
const SHAPES = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17].map((N) => [N, 12, 20, 2] as const),
  ...[4, 8, 12, 16, 20, 60, 64, 68].map((K) => [7, K, 12, 1] as const),
  ...[4, 8, 12, 16, 20, 60, 64, 68].map((M) => [9, 4, M, 3] as const),
  ...[31, 32, 33, 63, 64, 65].map((N) => [N, 28, 36, 4] as const),
  ...[255, 256, 257].map((N) => [N, 12, 132, 5] as const),
  [130, 132, 68, 16],
  [5, 100, 260, 8],
  [37, 1024, 4, 7],
  [300, 4, 400, 2],
  [400, 300, 4, 1],
] as const;

type Numbers = Float32Array<ArrayBuffer>;

interface Problem extends MatmulShape {
  readonly slices: number;
  readonly x: Numbers;
  readonly w: Numbers;
  readonly dy: Numbers;
  readonly residual: Numbers;
}

function problem(
  [N, K, M, slices]: readonly [number, number, number, number],
  numbers: (seed: number, n: number) => Numbers = normals,
): Problem {
  return {
    ...{ N, K, M, slices },
    x: numbers(N + 1, N * K),
    w: numbers(K + 2, M * K),
    dy: numbers(M + 3, N * M),
    residual: numbers(N + M, N * M),
  };
}

async function solve(gpu: Gpu, p: Problem, rows: Dim) {
  const { N, K, M } = p;
  const stride = strideOf(M * K);
  const partials = gpu.alloc('partials', [p.slices, stride]);
  const unwritten = (n: number): Numbers => new Float32Array(n).fill(NaN);
  const t = {
    x: gpu.upload('x', [rows, K], p.x),
    w: gpu.upload('w', [M, K], p.w),
    dy: gpu.upload('dy', [rows, M], p.dy),
    residual: gpu.upload('residual', [rows, M], p.residual),
    y: gpu.upload('y', [rows, M], unwritten(N * M)),
    sum: gpu.upload('sum', [rows, M], unwritten(N * M)),
    dx: gpu.upload('dx', [rows, K], unwritten(N * K)),
    dw: { ...partials, shape: [M, K] },
  };
  const { x, w, dy, residual, dx, dw } = t;
  const plan = new Plan(gpu, 'matmul');
  matmulForward(plan, { x, w, y: t.y });
  matmulForward(plan, { x, w, residual, y: t.sum });
  matmulBackward(plan, { dy, w, x, dx, dw, slices: { count: p.slices, stride } });
  const replay = async () => {
    gpu.write(partials, new Float32Array(p.slices * stride).fill(BEFORE));
    await plan.run();
    return {
      y: await gpu.download(atCapacity(t.y)),
      sum: await gpu.download(atCapacity(t.sum)),
      dx: await gpu.download(atCapacity(t.dx)),
      partials: await gpu.download(partials),
    };
  };
  const first = await replay();
  const second = await replay();
  plan.destroy();
  gpu.free(...Object.values(t));
  return { first, second };
}

/** What is wrong with the GPU's answer on the first N rows; undefined when nothing is. */
function complaint(p: Problem, got: Awaited<ReturnType<typeof solve>>['first'], N = p.N) {
  const { x, w, dy, residual, K, M, slices } = p;
  const shape = { N, K, M };
  const size = (a: Numbers): Numbers => a.map(Math.abs);
  const bound = (k: number, terms: Float64Array) => (i: number) =>
    ROUNDING * Math.sqrt(k) * terms[i]! + k * FLUSHED;
  const want = matmulBackwardRef(dy, w, x, shape, slices);
  const terms = matmulBackwardRef(size(dy), size(w), size(x), shape, slices);
  return (
    worstBeyond(
      got.y.subarray(0, N * M),
      matmulForwardRef(x, w, shape),
      bound(K, matmulForwardRef(size(x), size(w), shape)),
    ) ??
    worstBeyond(
      got.sum.subarray(0, N * M),
      matmulForwardRef(x, w, shape, residual),
      bound(K, matmulForwardRef(size(x), size(w), shape, size(residual))),
    ) ??
    worstBeyond(got.dx.subarray(0, N * K), want.dx, bound(M, terms.dx)) ??
    worstBeyond(got.partials, addedTo(want.dw, M * K), bound(N, addedTo(terms.dw, M * K)))
  );
}

describe.each(TILE_VARIANTS)('matmul, %s tiles', (tile) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ tile, gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  it.each(SHAPES)('matches the reference at N=%i K=%i M=%i in %i slices', async (...shape) => {
    const p = problem(shape);

    const { first, second } = await solve(gpu, p, p.N);

    expect(complaint(p, first)).toBeUndefined();
    expect(second).toEqual(first); // a replay gives the same bits
  });

  it.each(HARD_NUMBERS)('matches the reference on %s', async (_, value) => {
    const p = problem([19, 20, 12, 3], (__, n) =>
      Float32Array.from({ length: n }, (___, i) => value(i)),
    );

    expect(complaint(p, (await solve(gpu, p, p.N)).first)).toBeUndefined();
  });

  it.each([0, 1, 11, 16, 29, 66])('leaves rows past %i alone when 70 would fit', async (used) => {
    const p = problem([70, 8, 12, 4]);
    spoil(p.N, used, p.x, p.dy, p.residual);
    const rows = new Size('rows', p.N);
    rows.value = used;

    const { first } = await solve(gpu, p, rows);

    expect(complaint(p, first, used)).toBeUndefined();
    const beyond = [
      ...first.y.subarray(used * p.M),
      ...first.sum.subarray(used * p.M),
      ...first.dx.subarray(used * p.K),
    ];
    expect(beyond.every(Number.isNaN)).toBe(true);
  });

  it('gives a row the same bits in any batch', async () => {
    const p = problem([21, 24, 16, 1]);
    const { first: whole } = await solve(gpu, p, p.N);
    const row = 13;
    const only = (all: Numbers): Numbers =>
      all.slice((row * all.length) / p.N, ((row + 1) * all.length) / p.N);
    const { first: alone } = await solve(
      gpu,
      { ...p, N: 1, x: only(p.x), dy: only(p.dy), residual: only(p.residual) },
      1,
    );

    expect([alone.y, alone.sum, alone.dx]).toEqual([whole.y, whole.sum, whole.dx].map(only));
  });

  it('refuses shapes that do not fit', () => {
    const plan = new Plan(gpu, 'refused');
    const [x, w, y] = [gpu.alloc('x', [5, 8]), gpu.alloc('w', [12, 8]), gpu.alloc('y', [5, 12])];
    const odd = gpu.alloc('odd', [5, 6]);
    const slices = { count: 1, stride: 128 };

    expect(() => matmulForward(plan, { x: y, w, y })).toThrow(/matmulForward: w is \[12,8\]/);
    expect(() => matmulForward(plan, { x, w, y: x })).toThrow(/matmulForward: y is \[5,8\]/);
    expect(() => matmulBackward(plan, { dy: y, w, x, dx: y, dw: w, slices })).toThrow(
      /dx is \[5,12\]/,
    );
    expect(() => matmulForward(plan, { x: odd, w: odd, y: gpu.alloc('y', [5, 5]) })).toThrow(
      /5 is not a fixed multiple of 4/,
    );
  });
});
