import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim } from '../../gpu/tensor';
import { worstBeyond } from '../testing/close';
import { atCapacity, FLUSHED, HARD_NUMBERS, normals, ROUNDING } from '../testing/inputs';
import { openTestGpu } from '../testing/testGpu';
import { swigluBackward, swigluForward } from './swiglu';
import { swigluBackwardRef, swigluForwardRef, type SwigluShape } from './swiglu.ref';

// Four elements an invocation, 64 invocations a workgroup: F = 252, 256, 260 straddle one, and more
// than 1792 elements fold under gridLimit 7.
const SHAPES = [
  ...[4, 8, 12, 60, 64, 68, 252, 256, 260, 1020, 1028].map((F) => [3, F] as const),
  ...[1, 2, 5, 7, 13, 63, 64, 65, 255, 256, 257].map((N) => [N, 12] as const),
];

type Numbers = Float32Array<ArrayBuffer>;

interface Problem extends SwigluShape {
  readonly gu: Numbers;
  readonly dy: Numbers;
}

async function solve(gpu: Gpu, { N, F, ...p }: Problem, rows: Dim) {
  const t = {
    gu: gpu.upload('gu', [rows, 2 * F], p.gu),
    dy: gpu.upload('dy', [rows, F], p.dy),
    y: gpu.upload('y', [rows, F], new Float32Array(N * F).fill(NaN)),
    dgu: gpu.upload('dgu', [rows, 2 * F], new Float32Array(N * 2 * F).fill(NaN)),
  };
  const plan = new Plan(gpu, 'swiglu');
  swigluForward(plan, { gu: t.gu, y: t.y });
  swigluBackward(plan, { gu: t.gu, dy: t.dy, dgu: t.dgu });
  await plan.compile();
  const replay = async () => {
    await plan.run();
    return { y: await gpu.download(atCapacity(t.y)), dgu: await gpu.download(atCapacity(t.dgu)) };
  };
  const first = await replay();
  const second = await replay();
  plan.destroy();
  gpu.free(...Object.values(t));
  return { first, second };
}

/** WGSL's exp(-|g|) errs by 3 + 2|g| ulp, and exponents above 104 vanish either way. */
const lossAt = (gate: number): number => ROUNDING * (4 + Math.min(Math.abs(gate), 104));

/** What is wrong with the GPU's answer on the first N rows; undefined when nothing is. */
function complaint(p: Problem, got: Awaited<ReturnType<typeof solve>>['first'], N = p.N) {
  const { F, gu, dy } = p;
  const shape = { N, F };
  const y = swigluForwardRef(gu, shape);
  const dgu = swigluBackwardRef(gu, dy, shape);
  const inputs = (i: number): { gate: number; up: number; out: number } => {
    const [n, f] = [Math.floor(i / F), i % F];
    return { gate: gu[n * 2 * F + f]!, up: gu[n * 2 * F + F + f]!, out: dy[i]! };
  };
  const tiny = (...factors: readonly number[]): number =>
    FLUSHED * factors.reduce((product, x) => product * (1 + Math.abs(x)), 1);
  return (
    worstBeyond(got.y.subarray(0, N * F), y, (i) => {
      const { gate, up } = inputs(i);
      return lossAt(gate) * Math.abs(y[i]!) + tiny(gate, up);
    }) ??
    worstBeyond(got.dgu.subarray(0, N * 2 * F), dgu, (i) => {
      const [n, column] = [Math.floor(i / (2 * F)), i % (2 * F)];
      const { gate, up, out } = inputs(n * F + (column % F));
      if (column >= F) return lossAt(gate) * Math.abs(dgu[i]!) + tiny(gate, out);
      const sigmoid = 1 / (1 + Math.exp(-gate));
      const terms = Math.abs(out * up) * sigmoid * (1 + Math.abs(gate) * (1 - sigmoid));
      return lossAt(gate) * terms + tiny(gate, up, out);
    })
  );
}

describe('swiglu', () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  it.each(SHAPES)('matches the reference at N=%i F=%i', async (N, F) => {
    const p = { N, F, gu: normals(N, N * 2 * F, 4), dy: normals(F, N * F) };

    const { first, second } = await solve(gpu, p, N);

    expect(complaint(p, first)).toBeUndefined();
    expect(second).toEqual(first); // a replay gives the same bits
  });

  it.each([...HARD_NUMBERS, ['every exponent', (i: number) => (i - 60) * 2] as const])(
    'matches the reference on %s',
    async (_, value) => {
      const fill = (n: number): Numbers => Float32Array.from({ length: n }, (__, i) => value(i));
      const p = { N: 5, F: 12, gu: fill(120), dy: fill(60) };

      expect(complaint(p, (await solve(gpu, p, p.N)).first)).toBeUndefined();
    },
  );

  it.each([0, 1, 11, 29])('leaves rows past %i alone when 30 would fit', async (used) => {
    const p = { N: 30, F: 8, gu: normals(1, 480), dy: normals(2, 240) };
    const rows = new Size('rows', p.N);
    rows.value = used;

    const { first } = await solve(gpu, p, rows);

    expect(complaint(p, first, used)).toBeUndefined();
    const beyond = [...first.y.subarray(used * p.F), ...first.dgu.subarray(used * 2 * p.F)];
    expect(beyond.every(Number.isNaN)).toBe(true);
  });
});
