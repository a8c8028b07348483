import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim, type Tensor } from '../../gpu/tensor';
import { rng } from '../../shared/rng';
import { ropeTable } from '../qkv_rope/qkv_rope';
import { relativeDistance, worstMismatch } from '../testing/close';
import { packed } from '../testing/packed';
import { TILE_VARIANTS, type TileVariant } from '../../shared/kernelForms';
import { openTestGpu } from '../testing/testGpu';
import { attentionBackwardKeyValue, attentionBackwardQuery, attentionForward } from './attention';
import { attentionBackwardRef, attentionForwardRef } from './attention.ref';
import { qkvWidth, type Heads } from './heads';

// Lengths of the packed sequences, then H, Hkv, D. Token counts straddle the workgroup size, alone
// and times the heads, and blocks of 16 and 32 rows; past 7 workgroups the grid folds (gridLimit 7). Heads
// of 40 are the first whose last chunk is not full.
const SHAPES: readonly (readonly [lengths: number[], H: number, Hkv: number, D: number])[] = [
  [[1], 1, 1, 8],
  [[1, 1, 1], 2, 1, 8],
  [[2], 1, 1, 16],
  [[2, 1, 4], 4, 2, 8],
  [[5, 1, 7], 3, 1, 24],
  [[31, 1, 31], 1, 1, 16],
  [[63], 2, 2, 8],
  [[64], 1, 1, 32],
  [[1, 64], 4, 1, 16],
  [[32, 33], 4, 4, 8],
  [[13, 17, 1, 19], 6, 3, 16],
  [[127], 2, 1, 24],
  [[60, 3, 65], 4, 2, 32],
  [[129], 3, 3, 16],
  [[255], 1, 1, 16],
  [[1, 254, 1], 4, 2, 16],
  [[257], 2, 1, 32],
  [[100, 1, 56, 101], 8, 2, 16],
  [[15, ...Array<number>(17).fill(1), 2, 3, 30], 4, 2, 8],
  [[33, 15, 17], 2, 1, 40],
  [[41, 1, 2], 4, 2, 64],
  [[70], 2, 1, 64],
  [[37, 1, 30], 4, 1, 128],
  [[9], 2, 2, 128],
];

// Unit normals. A score is at most some tens and carries 2^-24·√D of that, which exp() hands on as a
// relative error of each probability: 1e-5 of the whole tensor, ten times that for its worst number.
const DISTANCE = 1e-5;
const WORST = 1e-4;

const BASE = 100; // such that every pair of a head turns far within a sequence
const POSITIONS = 300;

const normals = (seed: number, length: number, scale = 1): Float32Array<ArrayBuffer> => {
  const random = rng(seed);
  return Float32Array.from({ length }, () => scale * random.normal());
};

/** Every tensor of a forward and backward pass; outputs hold NaN, so that what is not written shows. */
function tensors(
  gpu: Gpu,
  N: Dim,
  heads: Heads,
  data: { qkv: Float32Array<ArrayBuffer>; dy: Float32Array<ArrayBuffer>; lengths: number[] },
) {
  const { H, D } = heads;
  const { start, end } = packed(data.lengths);
  const W = qkvWidth(heads);
  const rows = typeof N === 'number' ? N : N.capacity;
  const unwritten = (label: string, width: number): Tensor =>
    gpu.upload(label, [N, width], new Float32Array(rows * width).fill(NaN));
  return {
    qkv: gpu.upload('qkv', [N, W], data.qkv),
    start: gpu.upload('start', [N], start),
    end: gpu.upload('end', [N], end),
    dy: gpu.upload('dy', [N, H * D], data.dy),
    table: gpu.upload('table', [POSITIONS, D], ropeTable(POSITIONS, D, BASE)),
    y: unwritten('y', H * D),
    lse: unwritten('lse', H),
    delta: unwritten('delta', H),
    dqkv: unwritten('dqkv', W),
  };
}
type Tensors = ReturnType<typeof tensors>;

function recordAll(plan: Plan, t: Tensors, heads: Heads): void {
  const { end, y, ...flow } = t;
  const { qkv, start, lse } = flow;
  attentionForward(plan, { qkv, start, y, lse }, heads);
  attentionBackwardQuery(plan, { ...flow, y }, heads);
  attentionBackwardKeyValue(plan, { ...flow, end }, heads);
}

const OUTPUTS = ['y', 'lse', 'delta', 'dqkv'] as const;

async function downloadAll(gpu: Gpu, t: Tensors) {
  const [y, lse, delta, dqkv] = await Promise.all(OUTPUTS.map((name) => gpu.download(t[name])));
  return { y: y!, lse: lse!, delta: delta!, dqkv: dqkv! };
}

function references(
  qkv: Float32Array,
  dy: Float32Array,
  start: Int32Array,
  heads: Heads,
): Record<(typeof OUTPUTS)[number], Float64Array> {
  return {
    ...attentionForwardRef(qkv, start, heads),
    ...attentionBackwardRef(qkv, start, dy, heads, BASE),
  };
}

/** Wide tiles have code of their own for heads up to 32 channels; two sizes stand for them, since they compile long. */
const shapesOf = (tile: TileVariant): typeof SHAPES =>
  tile === 'wide' ? SHAPES.filter(([, , , D]) => D === 16 || D === 32) : SHAPES;

// Who shares what is loaded follows from the tiles' form: nobody, four invocations or a workgroup.
describe.each(TILE_VARIANTS)('attention forward and backward, %s', (tile) => {
  let gpu: Gpu;
  beforeAll(async () => void (gpu = await openTestGpu({ tile, gridLimit: 7 })));
  afterAll(() => gpu.destroy());

  async function runOnce(lengths: number[], heads: Heads, qkv: Float32Array<ArrayBuffer>) {
    const { N, start } = packed(lengths);
    const dy = normals(N + 1, N * heads.H * heads.D);
    const t = tensors(gpu, N, heads, { qkv, dy, lengths });
    const plan = new Plan(gpu, 'attention');
    recordAll(plan, t, heads);
    await plan.run();
    const got = await downloadAll(gpu, t);
    await plan.run();
    expect(await downloadAll(gpu, t)).toEqual(got); // a replay gives the same bits
    plan.destroy();
    gpu.free(...Object.values(t));
    return { got, want: references(qkv, dy, start, heads) };
  }

  it.each(shapesOf(tile))(
    'matches the reference: lengths %j H=%i Hkv=%i D=%i',
    async (lengths, H, Hkv, D) => {
      const heads = { H, Hkv, D };
      const { N } = packed(lengths);
      const { got, want } = await runOnce(lengths, heads, normals(N, N * qkvWidth(heads)));
      for (const name of OUTPUTS) {
        expect(relativeDistance(got[name], want[name]), name).toBeLessThan(DISTANCE);
        const atol = WORST * Math.max(...want[name].map(Math.abs));
        expect(worstMismatch(got[name], want[name], { rtol: 0, atol }), name).toBeUndefined();
      }
    },
  );

  it('matches where one key outweighs all others: scores of ±1e4', async () => {
    const heads = { H: 4, Hkv: 2, D: 16 };
    const lengths = [40, 1, 30];
    const { N } = packed(lengths);
    const W = qkvWidth(heads);
    const qkv = normals(71, N * W).map((x, i) => (i % W < 96 ? 60 * x : x)); // q and k, not v
    const { got, want } = await runOnce(lengths, heads, qkv);
    expect(Math.max(...want.lse)).toBeGreaterThan(1e4);
    // A score of 1e4 is known to 1e4·2^-24·√D ≈ 2e-3, and so is a probability where two compete.
    // dq and dk, products with q and k of 60, are differences that nearly vanish.
    for (const [name, size] of [
      ['y', 1],
      ['lse', 1e4],
      ['delta', 16],
      ['dqkv', 16 * 60],
    ] as const) {
      const tolerance = { rtol: 0, atol: 2e-3 * size };
      expect(worstMismatch(got[name], want[name], tolerance), name).toBeUndefined();
    }
  });

  it.each([
    ['all equal', 1],
    ['all zero', 0],
    ['denormal', 1e-39], // a GPU may take these for zero: scores are then equal too
  ])('matches on numbers that are %s', async (_name, value) => {
    const heads = { H: 2, Hkv: 1, D: 32 };
    const lengths = [1, 66];
    const { N } = packed(lengths);
    const qkv = new Float32Array(N * qkvWidth(heads)).fill(value);
    const { got, want } = await runOnce(lengths, heads, qkv);
    for (const name of OUTPUTS) {
      const atol = WORST * Math.max(1e-30, ...want[name].map(Math.abs));
      // All values being equal, dq and dk are differences of equals: their size is that of dv.
      expect(worstMismatch(got[name], want[name], { rtol: 0, atol }), name).toBeUndefined();
    }
  });

  it('writes its own heads only, and the rows in use only', async () => {
    const heads = { H: 2, Hkv: 1, D: 16 };
    const W = qkvWidth(heads);
    const lengths = [3, 1, 9];
    const { N: used, start } = packed(lengths);
    const N = new Size('N', 70);
    const [qkv, dy] = [normals(8, 70 * W), normals(9, 70 * 32)];
    const t = tensors(gpu, N, heads, { qkv, dy, lengths });
    const whole = { ...t, dqkv: { ...t.dqkv, shape: [70, W] }, y: { ...t.y, shape: [70, 32] } };
    const want = references(qkv.subarray(0, used * W), dy, start, heads);
    N.value = used;

    const query = new Plan(gpu, 'forward and query');
    const { end, y, ...flow } = t;
    attentionForward(query, { qkv: flow.qkv, start: flow.start, y, lse: flow.lse }, heads);
    attentionBackwardQuery(query, { ...flow, y }, heads);
    await query.run();
    const onlyQuery = await gpu.download(whole.dqkv);
    onlyQuery.forEach((x, i) => {
      const isWritten = i < used * W && i % W < 32;
      if (Number.isNaN(x) === isWritten) expect.fail(`dqkv[${i}] is ${x} after backward_query`);
    });
    const forward = await gpu.download(whole.y);
    expect(forward.subarray(used * 32).every(Number.isNaN)).toBe(true);

    gpu.write(t.dqkv, new Float32Array(70 * W).fill(NaN));
    const keyValue = new Plan(gpu, 'key and value');
    attentionBackwardKeyValue(keyValue, { ...flow, end }, heads);
    await keyValue.run();
    const onlyKeyValue = await gpu.download(whole.dqkv);
    onlyKeyValue.forEach((x, i) => {
      const isWritten = i < used * W && i % W >= 32;
      if (Number.isNaN(x) === isWritten) expect.fail(`dqkv[${i}] is ${x} after key_value`);
    });

    const both = onlyKeyValue.map((x, i) => (i % W < 32 ? onlyQuery[i]! : x)).subarray(0, used * W);
    expect(relativeDistance(both, want.dqkv)).toBeLessThan(DISTANCE);
    expect(relativeDistance(forward.subarray(0, used * 32), want.y)).toBeLessThan(DISTANCE);
  });

  it('refuses tensors and heads that do not fit', () => {
    const heads = { H: 2, Hkv: 1, D: 16 };
    const plan = new Plan(gpu, 'refused');
    const shaped = (shape: Dim[]): Tensor => gpu.alloc('x', shape);
    const good = {
      qkv: shaped([3, 64]),
      start: shaped([3]),
      y: shaped([3, 32]),
      lse: shaped([3, 2]),
    };
    expect(() => attentionForward(plan, { ...good, y: shaped([3, 64]) }, heads)).toThrow(
      'attentionForward: y is [3,64], expected [3,32].',
    );
    expect(() => attentionForward(plan, good, { H: 2, Hkv: 1, D: 132 })).toThrow('Head size 132');
    expect(() => attentionForward(plan, good, { H: 3, Hkv: 2, D: 16 })).toThrow('cannot share');
  });
});
