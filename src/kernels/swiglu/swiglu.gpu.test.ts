import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TILE_VARIANTS } from '../../shared/kernelForms';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim } from '../../gpu/tensor';
import { matmulBackwardRef, matmulForwardRef } from '../matmul/matmul.ref';
import { worstBeyond, worstMismatch } from '../testing/close';
import { atCapacity, FLUSHED, HARD_NUMBERS, normals, ROUNDING, spoil } from '../testing/inputs';
import { addedTo, BEFORE, strideOf } from '../testing/slices';
import { openTestGpu } from '../testing/testGpu';
import { swigluBackward, swigluForward } from './swiglu';
import { silu, swigluBackwardRef, swigluForwardRef } from './swiglu.ref';

// N, K, F, M and the count of slices. Tiles are 8, 16 or 64 wide and half of a forward one is gates, so
// F straddles 4, 8 and 32 too; the last two fold the grid of every variant under gridLimit 7.
const SHAPES = [
  ...[1, 2, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 257].map((N) => [N, 8, 12, 4, 2] as const),
  ...[4, 8, 12, 16, 20, 28, 32, 36, 60, 64, 68].map((F) => [3, 4, F, 8, 1] as const),
  ...[4, 16, 20, 60, 64, 68].map((KM) => [10, KM, 8, KM, 3] as const),
  [300, 4, 200, 4, 1],
  [5, 8, 260, 100, 8],
] as const;

type Numbers = Float32Array<ArrayBuffer>;

interface Problem {
  readonly N: number;
  readonly K: number;
  readonly F: number;
  readonly M: number;
  readonly slices: number;
  readonly forward: {
    readonly x: Numbers;
    readonly w: Numbers;
    readonly isExact?: boolean; // gate and up, whatever the order of their sums
  };
  /** Independent of the forward inputs, so that each kernel is tested on numbers of its own. */
  readonly backward: {
    readonly dy: Numbers;
    readonly w: Numbers;
    readonly x: Numbers;
    readonly slopes: Numbers;
  };
}

function problem(
  [N, K, F, M, slices]: readonly [number, number, number, number, number],
  numbers: (seed: number, n: number) => Numbers = normals,
): Problem {
  return {
    ...{ N, K, F, M, slices },
    forward: { x: numbers(1, N * K), w: numbers(2, 2 * F * K) },
    backward: {
      dy: numbers(3, N * M),
      w: numbers(4, M * F),
      x: numbers(5, N * F),
      slopes: numbers(6, N * 2 * F),
    },
  };
}

async function solve(gpu: Gpu, p: Problem, rows: Dim) {
  const { N, K, F, M, slices: count, forward, backward } = p;
  const stride = strideOf(M * F);
  const partials = gpu.alloc('partials', [count, stride]);
  const unwritten = (label: string, width: number) =>
    gpu.upload(label, [rows, width], new Float32Array(N * width).fill(NaN));
  const f = {
    x: gpu.upload('x', [rows, K], forward.x),
    w: gpu.upload('w', [2 * F, K], forward.w),
    slopes: unwritten('slopes', 2 * F),
    y: unwritten('y', F),
  };
  const b = {
    dy: gpu.upload('dy', [rows, M], backward.dy),
    w: gpu.upload('w', [M, F], backward.w),
    x: gpu.upload('x', [rows, F], backward.x),
    slopes: gpu.upload('slopes', [rows, 2 * F], backward.slopes),
    dgu: unwritten('dgu', 2 * F),
    dw: { ...partials, shape: [M, F] },
  };
  const plan = new Plan(gpu, 'swiglu');
  swigluForward(plan, f);
  swigluBackward(plan, { ...b, slices: { count, stride } });
  const replay = async () => {
    gpu.write(partials, new Float32Array(count * stride).fill(BEFORE));
    await plan.run();
    return {
      slopes: await gpu.download(atCapacity(f.slopes)),
      y: await gpu.download(atCapacity(f.y)),
      dgu: await gpu.download(atCapacity(b.dgu)),
      partials: await gpu.download(partials),
    };
  };
  const first = await replay();
  const second = await replay();
  plan.destroy();
  gpu.free(...Object.values(f), ...Object.values(b));
  return { first, second };
}
type Got = Awaited<ReturnType<typeof solve>>['first'];

const size = (a: Numbers): Numbers => a.map(Math.abs);

/** WGSL's exp(-|g|) errs by 3 + 2|g| ulp, and exponents above 104 vanish either way. */
const lossAt = (gate: number): number => ROUNDING * (4 + Math.min(Math.abs(gate), 104));
const tiny = (...factors: readonly number[]): number =>
  FLUSHED * factors.reduce((product, x) => product * (1 + Math.abs(x)), 1);
const STEEPEST = 1.1; // |silu'| everywhere
const BENT = 0.5; // |silu''| everywhere

function forwardComplaint({ forward, ...p }: Problem, got: Got, N: number): string | undefined {
  const { K, F } = p;
  const { gu, slopes, y } = swigluForwardRef(forward.x, forward.w, { N, K, F });
  const terms = matmulForwardRef(size(forward.x), size(forward.w), { N, K, M: 2 * F });
  const lost = (i: number): number =>
    forward.isExact ? 0 : ROUNDING * Math.sqrt(K) * terms[i]! + K * FLUSHED;
  /** What gate and up of a result are, and what either may have lost. */
  const behind = (n: number, f: number) => {
    const at = n * 2 * F + f;
    const [gate, up] = [gu[at]!, gu[at + F]!];
    return { gate, up, lostGate: lost(at), lostUp: lost(at + F) };
  };
  return (
    worstBeyond(got.y.subarray(0, N * F), y, (i) => {
      const { gate, up, lostGate, lostUp } = behind(Math.floor(i / F), i % F);
      const passedOn =
        STEEPEST * lostGate * (Math.abs(up) + lostUp) + Math.abs(silu(gate)) * lostUp;
      return passedOn + lossAt(gate) * Math.abs(y[i]!) + tiny(gate, up);
    }) ??
    worstBeyond(got.slopes.subarray(0, N * 2 * F), slopes, (i) => {
      const column = i % (2 * F);
      const { gate, up, lostGate, lostUp } = behind(Math.floor(i / (2 * F)), column % F);
      const sigmoid = 1 / (1 + Math.exp(-gate));
      if (column >= F) {
        return STEEPEST * lostGate + lossAt(gate) * Math.abs(silu(gate)) + tiny(gate);
      }
      const parts = sigmoid * (1 + Math.abs(gate) * (1 - sigmoid)); // of silu', before they cancel
      const most = Math.abs(up) + lostUp;
      return BENT * lostGate * most + parts * (lostUp + lossAt(gate) * most) + tiny(gate, up);
    })
  );
}

function backwardComplaint({ backward, ...p }: Problem, got: Got, N: number): string | undefined {
  const { F, M, slices } = p;
  const { dy, w, x, slopes } = backward;
  const { dgu, dw } = swigluBackwardRef(dy, w, x, slopes, { N, F, M }, slices);
  const shape = { N, K: F, M };
  const terms = matmulBackwardRef(size(dy), size(w), size(x), shape, slices);
  const sums = addedTo(terms.dw, M * F);
  return (
    worstBeyond(got.dgu.subarray(0, N * 2 * F), dgu, (i) => {
      const at = Math.floor(i / (2 * F)) * F + (i % F);
      const slope = Math.abs(slopes[i]!);
      const lost = ROUNDING * Math.sqrt(M) * terms.dx[at]! + M * FLUSHED;
      return slope * lost + ROUNDING * Math.abs(dgu[i]!) + tiny(slope);
    }) ??
    worstBeyond(
      got.partials,
      addedTo(dw, M * F),
      (i) => ROUNDING * Math.sqrt(N) * sums[i]! + N * FLUSHED,
    )
  );
}

/** What is wrong with the GPU's answer on the first N rows; undefined when nothing is. */
const complaint = (p: Problem, got: Got, N = p.N): string | undefined =>
  forwardComplaint(p, got, N) ?? backwardComplaint(p, got, N);

describe.each(TILE_VARIANTS)('swiglu, %s tiles', (tile) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ tile, gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  it.each(SHAPES)('matches the reference at N=%i K=%i F=%i M=%i in %i slices', async (...shape) => {
    const p = problem(shape);

    const { first, second } = await solve(gpu, p, p.N);

    expect(complaint(p, first)).toBeUndefined();
    expect(second).toEqual(first); // a replay gives the same bits
  });

  it.each(HARD_NUMBERS)('matches the reference on %s', async (_, value) => {
    const p = problem([19, 20, 12, 8, 3], (__, n) =>
      Float32Array.from({ length: n }, (___, i) => value(i)),
    );

    expect(complaint(p, (await solve(gpu, p, p.N)).first)).toBeUndefined();
  });

  it('matches the reference on every exponent', async () => {
    const K = 12;
    const exponents = (n: number): Numbers => Float32Array.from({ length: n }, (_, i) => 2 * i - n);
    const p = problem([10, K, K, 4, 2]);
    const copies = Float32Array.from({ length: 2 * K * K }, (_, i) =>
      Math.floor(i / K) % K === i % K ? 1 : 0,
    );
    const chosen = {
      ...p,
      forward: { x: exponents(10 * K), w: copies, isExact: true }, // gate = up = x
      backward: { ...p.backward, slopes: exponents(20 * K) },
    };

    expect(complaint(chosen, (await solve(gpu, chosen, p.N)).first)).toBeUndefined();
  });

  it.each([0, 1, 11, 29, 66])('leaves rows past %i alone when 70 would fit', async (used) => {
    const p = problem([70, 8, 12, 4, 4]);
    const { dy, x, slopes } = p.backward;
    spoil(p.N, used, p.forward.x, dy, x, slopes);
    const rows = new Size('rows', p.N);
    rows.value = used;

    const { first } = await solve(gpu, p, rows);

    expect(complaint(p, first, used)).toBeUndefined();
    const beyond = [
      ...first.slopes.subarray(used * 2 * p.F),
      ...first.y.subarray(used * p.F),
      ...first.dgu.subarray(used * 2 * p.F),
    ];
    expect(beyond.every(Number.isNaN)).toBe(true);
  });

  it('refuses shapes that do not fit', () => {
    const plan = new Plan(gpu, 'refused');
    const alloc = (...shape: number[]) => gpu.alloc('x', shape);
    const good = { x: alloc(5, 8), w: alloc(24, 8), slopes: alloc(5, 24), y: alloc(5, 12) };

    expect(() => swigluForward(plan, { ...good, w: alloc(12, 8) })).toThrow(
      'swigluForward: w is [12,8], expected [24,8].',
    );
    expect(() => swigluForward(plan, { ...good, slopes: good.y })).toThrow('expected [5,24]');
    expect(() => swigluForward(plan, { ...good, y: alloc(5, 6) })).toThrow(
      '6 is not a fixed multiple of 4',
    );
  });
});

/** The numbers of two float16 each, the lower one first. */
function halves(words: Uint32Array): Numbers {
  return Float32Array.from({ length: 2 * words.length }, (_, i) => {
    const bits = (words[i >> 1]! >>> (16 * (i % 2))) & 0xffff;
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    const magnitude =
      exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
    return bits >> 15 ? -magnitude : magnitude;
  });
}

describe.each(TILE_VARIANTS)('swiglu kept in float16, %s tiles', (tile) => {
  let gpus: readonly Gpu[];
  beforeAll(async () => {
    const open = async (store: 'f32' | 'f16') => openTestGpu({ tile, store, gridLimit: 7 });
    gpus = [await open('f32'), await open('f16')];
  });
  afterAll(() => gpus.forEach((gpu) => gpu.destroy()));

  /** The layer forward and back, on what the way forward has kept. */
  async function bothWays(gpu: Gpu, p: Problem) {
    const { N, K, F, M, forward, backward, slices: count } = p;
    const stride = strideOf(M * F);
    const partials = gpu.upload(
      'partials',
      [count, stride],
      new Float32Array(count * stride).fill(BEFORE),
    );
    const slopes = gpu.alloc('slopes', [N, 2 * F]);
    const y = gpu.alloc('y', [N, F]);
    const dgu = gpu.alloc('dgu', [N, 2 * F]);
    const plan = new Plan(gpu, 'swiglu');
    const [x, w] = [gpu.upload('x', [N, K], forward.x), gpu.upload('w', [2 * F, K], forward.w)];
    swigluForward(plan, { x, w, slopes, y });
    swigluBackward(plan, {
      dy: gpu.upload('dy', [N, M], backward.dy),
      w: gpu.upload('down', [M, F], backward.w),
      ...{ x: y, slopes, dgu, dw: { ...partials, shape: [M, F] }, slices: { count, stride } },
    });
    await plan.run();
    const got = { slopes: await gpu.download(slopes), y: await gpu.download(y) };
    return { ...got, dgu: await gpu.download(dgu), partials: await gpu.download(partials) };
  }

  it('rounds what is kept, not what is passed on, and its gradients are those of what is kept', async () => {
    const p = problem([37, 12, 20, 8, 3]);
    const [full, half] = [await bothWays(gpus[0]!, p), await bothWays(gpus[1]!, p)];
    const kept = halves(new Uint32Array(half.slopes.buffer)).subarray(0, full.slopes.length);

    expect(half.y).toEqual(full.y);
    expect(worstMismatch(kept, full.slopes, { rtol: 2 ** -11, atol: 2 ** -25 })).toBeUndefined();
    const back = { ...p, backward: { ...p.backward, x: half.y, slopes: kept } };
    expect(backwardComplaint(back, half, p.N)).toBeUndefined();
    expect(half.dgu).not.toEqual(full.dgu);
  });

  it('cuts what float16 cannot hold', async () => {
    const p = problem([3, 4, 4, 4, 1], (_, n) => new Float32Array(n).fill(300));
    const { slopes, dgu } = await bothWays(gpus[1]!, p); // of gates and ups of 360,000

    expect(Array.from(new Uint32Array(slopes.buffer, 0, 4))).toEqual(Array(4).fill(0x7bff7bff));
    expect(dgu.every(Number.isFinite)).toBe(true);
  });
});
