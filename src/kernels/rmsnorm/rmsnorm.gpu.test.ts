import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REDUCE_VARIANTS } from '../../gpu/compose';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim } from '../../gpu/tensor';
import { worstBeyond } from '../testing/close';
import { atCapacity, FLUSHED, HARD_NUMBERS, normals, ROUNDING } from '../testing/inputs';
import { openTestGpu } from '../testing/testGpu';
import { rmsnormBackward, rmsnormBackwardWeight, rmsnormForward } from './rmsnorm';
import {
  rmsnormBackwardRef,
  rmsnormBackwardWeightRef,
  rmsnormForwardRef,
  type RmsnormShape,
} from './rmsnorm.ref';

// 64 lanes read four channels each, so 252, 256 and 260 straddle one stride and 1028 takes five.
// From 8 rows on the grid of the workgroup variants folds under gridLimit 7; 449 rows fold the
// serial one, 512 channels in 5 slices the weight kernel. The last number is the count of slices.
const SHAPES = [
  ...[4, 8, 12, 60, 64, 68, 252, 256, 260, 1028].map((C) => [3, C, 2] as const),
  ...[1, 2, 5, 7, 8, 13, 63, 64, 65, 255, 256, 257, 449].map((N) => [N, 12, 4] as const),
  [9, 516, 5],
] as const;

type Numbers = Float32Array<ArrayBuffer>;

interface Problem extends RmsnormShape {
  readonly slices: number;
  readonly x: Numbers;
  readonly weight: Numbers;
  readonly dy: Numbers;
}

function problem(
  [N, C, slices]: readonly [number, number, number],
  x: Numbers = normals(N, N * C, 3),
): Problem {
  return { N, C, slices, x, weight: normals(C, C), dy: normals(N + C, N * C) };
}

const BEFORE = 0.5; // what the accumulating outputs hold before
const strideOf = ({ C }: RmsnormShape): number => 64 * Math.ceil((C + 1) / 64);

async function solve(gpu: Gpu, p: Problem, rows: Dim) {
  const { N, C } = p;
  const stride = strideOf(p);
  const partials = gpu.alloc('partials', [p.slices, stride]);
  const t = {
    x: gpu.upload('x', [rows, C], p.x),
    weight: gpu.upload('weight', [C], p.weight),
    dy: gpu.upload('dy', [rows, C], p.dy),
    y: gpu.upload('y', [rows, C], new Float32Array(N * C).fill(NaN)),
    rstd: gpu.upload('rstd', [rows], new Float32Array(N).fill(NaN)),
    dx: gpu.alloc('dx', [rows, C]),
    dweight: { ...partials, shape: [C] },
  };
  const { x, weight, dy, y, rstd, dx, dweight } = t;
  const plan = new Plan(gpu, 'rmsnorm');
  rmsnormForward(plan, { x, weight, y, rstd });
  rmsnormBackward(plan, { dy, x, weight, rstd, dx });
  rmsnormBackwardWeight(plan, { dy, x, rstd, dweight, slices: { count: p.slices, stride } });
  await plan.compile();
  const replay = async () => {
    gpu.write(dx, new Float32Array(N * C).fill(BEFORE));
    gpu.write(partials, new Float32Array(p.slices * stride).fill(BEFORE));
    await plan.run();
    return {
      y: await gpu.download(atCapacity(y)),
      rstd: await gpu.download(atCapacity(rstd)),
      dx: await gpu.download(atCapacity(dx)),
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
  const { C, x, weight, dy, slices } = p;
  const shape = { N, C };
  const { y, rstd } = rmsnormForwardRef(x, weight, shape);
  const dx = rmsnormBackwardRef(dy, x, weight, shape).map((v) => BEFORE + v);
  const size = (a: Numbers): Numbers => a.map(Math.abs);
  // rstd is a sum of C squares under a root: √C roundings. Everything else is a few more.
  const scale = ROUNDING * (Math.sqrt(C) + 2);
  const dxBound = (i: number): number => {
    const n = Math.floor(i / C);
    const r = rstd[n]!;
    let overlap = 0;
    for (let c = 0; c < C; c++) {
      overlap += Math.abs(dy[n * C + c]! * weight[c]! * x[n * C + c]!) / C;
    }
    const terms = r * Math.abs(dy[i]! * weight[i % C]!) + r ** 3 * Math.abs(x[i]!) * overlap;
    return scale * (BEFORE + terms);
  };
  const strided = new Float64Array(slices * strideOf(p)).fill(BEFORE);
  const terms = strided.slice();
  const place = (i: number): number => Math.floor(i / C) * strideOf(p) + (i % C);
  rmsnormBackwardWeightRef(dy, x, shape, slices).forEach((v, i) => (strided[place(i)]! += v));
  rmsnormBackwardWeightRef(size(dy), size(x), shape, slices).forEach(
    (v, i) => (terms[place(i)]! += v),
  );
  return (
    worstBeyond(got.rstd.subarray(0, N), rstd, (n) => scale * rstd[n]!) ??
    worstBeyond(got.y.subarray(0, N * C), y, (i) => scale * Math.abs(y[i]!) + 400 * FLUSHED) ??
    worstBeyond(got.dx.subarray(0, N * C), dx, dxBound) ??
    worstBeyond(got.partials, strided, (i) => (scale + ROUNDING * Math.sqrt(N)) * terms[i]!)
  );
}

describe.each(REDUCE_VARIANTS)('rmsnorm, %s reduction', (reduce) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ reduce, gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  it.each(SHAPES)('matches the reference at N=%i C=%i in %i slices', async (...shape) => {
    const p = problem(shape);

    const { first, second } = await solve(gpu, p, p.N);

    expect(complaint(p, first)).toBeUndefined();
    expect(second).toEqual(first); // a replay gives the same bits
  });

  it.each(HARD_NUMBERS)('matches the reference on %s', async (_, value) => {
    const p = problem(
      [5, 20, 2],
      Float32Array.from({ length: 100 }, (__, i) => value(i)),
    );

    expect(complaint(p, (await solve(gpu, p, p.N)).first)).toBeUndefined();
  });

  it.each([0, 1, 11, 29])('leaves rows past %i alone when 30 would fit', async (used) => {
    const p = problem([30, 8, 4]);
    const rows = new Size('rows', p.N);
    rows.value = used;

    const { first } = await solve(gpu, p, rows);

    expect(complaint(p, first, used)).toBeUndefined();
    const beyond = [...first.y.subarray(used * p.C), ...first.rstd.subarray(used)];
    expect(beyond.every(Number.isNaN)).toBe(true);
    expect(first.dx.subarray(used * p.C).every((v) => v === BEFORE)).toBe(true);
  });
});
