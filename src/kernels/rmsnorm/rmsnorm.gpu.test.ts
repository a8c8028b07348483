import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REDUCE_VARIANTS } from '../../shared/kernelForms';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim } from '../../gpu/tensor';
import { permutation, rng } from '../../shared/rng';
import { worstBeyond } from '../testing/close';
import { atCapacity, FLUSHED, HARD_NUMBERS, normals, ROUNDING, spoil } from '../testing/inputs';
import { addedTo, BEFORE, strideOf } from '../testing/slices';
import { openTestGpu } from '../testing/testGpu';
import { rmsnormBackward, rmsnormForward } from './rmsnorm';
import { chosenRef, rmsnormBackwardRef, rmsnormForwardRef, type RmsnormShape } from './rmsnorm.ref';

// N, C and the count of slices. 64 lanes read four channels each, so 252, 256 and 260 straddle one stride
// and 1028 takes five; the weight's gradient takes 64 channels at a time, which 60, 64 and 68 straddle, and
// four rows. From 8 rows on the grid of the workgroup variants folds under gridLimit 7; 449 rows fold the
// serial one, 516 channels in 5 slices what makes the weight's gradient.
const SHAPES = [
  ...[4, 8, 12, 60, 64, 68, 252, 256, 260, 1028].map((C) => [3, C, 2] as const),
  ...[1, 2, 5, 7, 8, 13, 63, 64, 65, 255, 256, 257, 449].map((N) => [N, 12, 4] as const),
  ...[16, 32, 48, 80, 128, 144].map((C) => [19, C, 5] as const), // by four up to 128
  [9, 516, 5],
  [449, 68, 64],
] as const;

type Numbers = Float32Array<ArrayBuffer>;

interface Problem extends RmsnormShape {
  readonly slices: number;
  readonly x: Numbers; // [N,C], or [2N+1,C] with an index
  readonly index: Int32Array<ArrayBuffer> | undefined; // N rows of x, in no order, none twice
  readonly weight: Numbers;
  readonly dy: Numbers;
}

function problem(
  [N, C, slices]: readonly [number, number, number],
  { isChosen = false, numbers = (n: number): Numbers => normals(N, n, 3) } = {},
): Problem {
  return {
    ...{ N, C, slices },
    x: numbers((isChosen ? 2 * N + 1 : N) * C),
    index: isChosen ? permutation(2 * N + 1, rng(N)).slice(0, N) : undefined,
    weight: normals(C, C),
    dy: normals(N + C, N * C),
  };
}

async function solve(gpu: Gpu, p: Problem, rows: Dim) {
  const { N, C } = p;
  const stride = strideOf(C);
  const partials = gpu.alloc('partials', [p.slices, stride]);
  const source = p.index ? p.x.length / C : rows;
  const shared = {
    x: gpu.upload('x', [source, C], p.x),
    ...(p.index && { index: gpu.upload('index', [rows], p.index) }),
    weight: gpu.upload('weight', [C], p.weight),
    rstd: gpu.upload('rstd', [rows], new Float32Array(N).fill(NaN)),
  };
  const dy = gpu.upload('dy', [rows, C], p.dy);
  const y = gpu.upload('y', [rows, C], new Float32Array(N * C).fill(NaN));
  const dx = gpu.alloc('dx', [source, C]);
  const dweight = { ...partials, shape: [C] };
  const plan = new Plan(gpu, 'rmsnorm');
  rmsnormForward(plan, { ...shared, y });
  rmsnormBackward(plan, { ...shared, dy, dx, dweight, slices: { count: p.slices, stride } });
  const replay = async () => {
    gpu.write(dx, new Float32Array(p.x.length).fill(BEFORE));
    gpu.write(partials, new Float32Array(p.slices * stride).fill(BEFORE));
    await plan.run();
    return {
      y: await gpu.download(atCapacity(y)),
      rstd: await gpu.download(atCapacity(shared.rstd)),
      dx: await gpu.download(atCapacity(dx)),
      partials: await gpu.download(partials),
    };
  };
  const first = await replay();
  const second = await replay();
  plan.destroy();
  gpu.free(...Object.values(shared), dy, y, dx, partials);
  return { first, second };
}

/** What is wrong with the GPU's answer on the first N rows; undefined when nothing is. */
function complaint(p: Problem, got: Awaited<ReturnType<typeof solve>>['first'], N = p.N) {
  const { C, weight, dy, slices } = p;
  const shape = { N, C };
  const index = p.index?.subarray(0, N) ?? Int32Array.from({ length: N }, (_, n) => n);
  const x = chosenRef(p.x, index, C);
  const { y, rstd } = rmsnormForwardRef(x, weight, shape);
  const { dx, dweight } = rmsnormBackwardRef(dy, x, weight, shape, slices);
  // rstd is a sum of C squares under a root: √C roundings. Everything else is a few more.
  const scale = ROUNDING * (Math.sqrt(C) + 2);
  const want = new Float64Array(p.x.length).fill(BEFORE); // rows that are not chosen stay
  const bound = new Float64Array(p.x.length);
  for (let n = 0; n < N; n++) {
    const r = rstd[n]!;
    const terms = dy.subarray(n * C, (n + 1) * C).map((d, c) => Math.abs(d * weight[c]!));
    const overlap = terms.reduce((sum, t, c) => sum + t * Math.abs(x[n * C + c]!), 0) / C;
    for (let c = 0; c < C; c++) {
      const at = index[n]! * C + c;
      want[at]! += dx[n * C + c]!;
      bound[at] = scale * (BEFORE + r * terms[c]! + r ** 3 * Math.abs(x[n * C + c]!) * overlap);
    }
  }
  const sizes = rmsnormBackwardRef(dy.map(Math.abs), x.map(Math.abs), weight, shape, slices);
  const sums = addedTo(sizes.dweight, C);
  return (
    worstBeyond(got.rstd.subarray(0, N), rstd, (n) => scale * rstd[n]!) ??
    worstBeyond(got.y.subarray(0, N * C), y, (i) => scale * Math.abs(y[i]!) + 400 * FLUSHED) ??
    worstBeyond(got.dx, want, (i) => bound[i]!) ??
    worstBeyond(
      got.partials,
      addedTo(dweight, C),
      (i) => (scale + ROUNDING * Math.sqrt(N)) * sums[i]!,
    )
  );
}

const FORMS = [
  ...REDUCE_VARIANTS.map((reduce) => ({ reduce, tile: 'invocation' }) as const),
  { reduce: 'serial', tile: 'quad' }, // its gradient by four
] as const;

describe.each(FORMS)('rmsnorm, $reduce reduction, $tile tiles', (forms) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ ...forms, gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  describe.each([{ isChosen: false }, { isChosen: true }])('%o', (options) => {
    const shapes = SHAPES.filter(([, C]) => forms.tile !== 'quad' || C % 16 === 0); // others take no quads
    it.each(shapes)('matches the reference at N=%i C=%i in %i slices', async (...shape) => {
      const p = problem(shape, options);

      const { first, second } = await solve(gpu, p, p.N);

      expect(complaint(p, first)).toBeUndefined();
      expect(second).toEqual(first); // a replay gives the same bits
    });

    it.each(HARD_NUMBERS)('matches the reference on %s', async (_, value) => {
      const numbers = (n: number): Numbers => Float32Array.from({ length: n }, (__, i) => value(i));
      const p = problem([5, 20, 2], { ...options, numbers });

      expect(complaint(p, (await solve(gpu, p, p.N)).first)).toBeUndefined();
    });

    it.each([0, 1, 11, 29, 66])('leaves rows past %i alone when 70 would fit', async (used) => {
      const p = problem([70, 8, 4], options);
      spoil(p.N, used, p.dy, ...(p.index ? [] : [p.x]));
      const rows = new Size('rows', p.N);
      rows.value = used;

      const { first } = await solve(gpu, p, rows);

      expect(complaint(p, first, used)).toBeUndefined();
      const beyond = [...first.y.subarray(used * p.C), ...first.rstd.subarray(used)];
      expect(beyond.every(Number.isNaN)).toBe(true);
    });
  });

  it('refuses shapes that do not fit', () => {
    const plan = new Plan(gpu, 'refused');
    const alloc = (...shape: number[]) => gpu.alloc('x', shape);
    const good = { x: alloc(5, 8), weight: alloc(8), y: alloc(3, 8), rstd: alloc(3) };

    expect(() => rmsnormForward(plan, good)).toThrow('rmsnormForward: x is [5,8], expected [3,8].');
    expect(() => rmsnormForward(plan, { ...good, index: alloc(5) })).toThrow('expected [3]');
  });
});
