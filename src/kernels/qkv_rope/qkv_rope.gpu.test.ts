import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TILE_VARIANTS } from '../../shared/kernelForms';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim } from '../../gpu/tensor';
import { permutation, rng } from '../../shared/rng';
import { qkvWidth, type Heads } from '../attention/heads';
import { matmulForwardRef } from '../matmul/matmul.ref';
import { worstBeyond } from '../testing/close';
import { atCapacity, FLUSHED, HARD_NUMBERS, normals, ROUNDING, spoil } from '../testing/inputs';
import { openTestGpu } from '../testing/testGpu';
import { qkvRopeCached, qkvRopeForward, ropeTable } from './qkv_rope';
import { cacheRef, ropeRef } from './qkv_rope.ref';

// N tokens of K inputs, H, Hkv, D, and neighboring rows that share a token. Tiles are 8, 16 or 64 wide
// and half of one holds first halves of heads, so heads end within tiles and tiles within heads. The
// last one folds the grid of every variant under gridLimit 7.
const SHAPES = [
  ...[1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 257].map((N) => [N, 8, 2, 1, 8, 1] as const),
  ...[4, 12, 16, 20, 60, 64, 68].map((K) => [5, K, 1, 1, 8, 2] as const),
  ...[1, 2, 3, 6, 7].map((Hkv) => [3, 4, 2 * Hkv, Hkv, 24, 1] as const),
  [13, 8, 1, 1, 24, 3],
  [11, 4, 4, 2, 128, 2],
  [300, 4, 8, 4, 24, 1],
] as const;
const BASE = 10_000;

type Numbers = Float32Array<ArrayBuffer>;

interface Problem extends Heads {
  readonly N: number;
  readonly K: number;
  readonly fan: number;
  readonly R: number; // cache rows
  readonly T: number; // positions of each
  readonly x: Numbers;
  readonly w: Numbers;
  readonly row: Int32Array<ArrayBuffer>;
  readonly position: Int32Array<ArrayBuffer>;
}

/** Tokens go to distinct random places of a cache with room to spare. */
function problem(
  [N, K, H, Hkv, D, fan]: readonly [number, number, number, number, number, number],
  numbers: (seed: number, n: number) => Numbers = normals,
): Problem {
  const T = 7 + Math.ceil(N / 5);
  const groups = 1 + Math.ceil(N / T);
  const places = permutation(groups * T, rng(N, D)).subarray(0, N);
  const heads = { H, Hkv, D };
  return {
    ...heads,
    ...{ N, K, fan, T, R: groups * fan },
    x: numbers(1, N * K),
    w: numbers(2, qkvWidth(heads) * K),
    row: places.map((place) => fan * Math.floor(place / T)),
    position: places.map((place) => place % T),
  };
}

/** What a cache holds before, its first number apart. */
const canaries = ({ R, T, Hkv, D }: Problem, first: number): Numbers =>
  Float32Array.from({ length: R * T * Hkv * D }, (_, i) => first + i);
const [KEYS, VALUES] = [0.5, 0.25];

async function solve(gpu: Gpu, p: Problem, tokens: Dim) {
  const { N, K, H, Hkv, D, R, T } = p;
  const unwritten = (label: string, width: number) =>
    gpu.upload(label, [tokens, width], new Float32Array(N * width).fill(NaN));
  const shared = {
    x: gpu.upload('x', [tokens, K], p.x),
    w: gpu.upload('w', [qkvWidth(p), K], p.w),
    position: gpu.upload('position', [tokens], p.position),
    table: gpu.upload('table', [T, D], ropeTable(T, D, BASE)),
  };
  const qkv = unwritten('qkv', qkvWidth(p));
  const cache = {
    row: gpu.upload('row', [tokens], p.row),
    y: unwritten('y', H * D),
    keys: gpu.upload('keys', [R, T, Hkv * D], canaries(p, KEYS)),
    values: gpu.upload('values', [R, T, Hkv * D], canaries(p, VALUES)),
  };
  const plan = new Plan(gpu, 'qkv_rope');
  qkvRopeForward(plan, { ...shared, qkv }, p);
  qkvRopeCached(plan, { ...shared, ...cache }, p, p.fan);
  const replay = async () => {
    await plan.run();
    return {
      qkv: await gpu.download(atCapacity(qkv)),
      y: await gpu.download(atCapacity(cache.y)),
      keys: await gpu.download(cache.keys),
      values: await gpu.download(cache.values),
    };
  };
  const first = await replay();
  const second = await replay();
  plan.destroy();
  gpu.free(...Object.values(shared), qkv, ...Object.values(cache));
  return { first, second };
}

/** What is wrong with the GPU's answer for the first N tokens; undefined when nothing is. */
function complaint(p: Problem, got: Awaited<ReturnType<typeof solve>>['first'], N = p.N) {
  const { K, H, Hkv, D, T, fan } = p;
  const W = qkvWidth(p);
  const shape = { N, K, M: W };
  const size = (a: Numbers): Numbers => a.map(Math.abs);
  const [row, position] = [p.row.subarray(0, N), p.position.subarray(0, N)];
  const straight = matmulForwardRef(p.x, p.w, shape);
  const terms = matmulForwardRef(size(p.x), size(p.w), shape);
  // A rotated number has two products and a sum of its own, and what was lost in its pair.
  const bound = terms.map((_, i) => {
    const lost = (j: number): number => ROUNDING * Math.sqrt(K) * terms[j]! + K * FLUSHED;
    if (i % W >= (H + Hkv) * D) return lost(i);
    const other = i % D < D / 2 ? i + D / 2 : i - D / 2;
    const pair = Math.abs(straight[i]!) + Math.abs(straight[other]!);
    return lost(i) + lost(other) + ROUNDING * pair;
  });
  const want = ropeRef(straight, position, p, BASE, 1);
  const before = (first: number): Float64Array => Float64Array.from(canaries(p, first));
  const cache = { keys: before(KEYS), values: before(VALUES), T };
  const slack = { keys: cache.keys.map(() => 0), values: cache.values.map(() => 0), T };
  const y = cacheRef(want, row, position, cache, p, fan);
  const ySlack = cacheRef(bound, row, position, slack, p, fan); // 0 where no token went: canaries stay
  return (
    worstBeyond(got.qkv.subarray(0, N * W), want, (i) => bound[i]!) ??
    worstBeyond(got.y.subarray(0, N * H * D), y, (i) => ySlack[i]!) ??
    worstBeyond(got.keys, cache.keys, (i) => slack.keys[i]!) ??
    worstBeyond(got.values, cache.values, (i) => slack.values[i]!)
  );
}

describe.each(TILE_VARIANTS)('qkv_rope, %s tiles', (tile) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ tile, gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  it.each(SHAPES)(
    'matches the reference at N=%i K=%i H=%i Hkv=%i D=%i, a token in %i rows',
    async (...shape) => {
      const p = problem(shape);

      const { first, second } = await solve(gpu, p, p.N);

      expect(complaint(p, first)).toBeUndefined();
      expect(second).toEqual(first); // a replay gives the same bits
    },
  );

  it.each(HARD_NUMBERS)('matches the reference on %s', async (_, value) => {
    const p = problem([19, 20, 2, 1, 8, 2], (__, n) =>
      Float32Array.from({ length: n }, (___, i) => value(i)),
    );

    expect(complaint(p, (await solve(gpu, p, p.N)).first)).toBeUndefined();
  });

  it.each([0, 1, 11, 29, 66])('leaves tokens past %i out when 70 would fit', async (used) => {
    const p = problem([70, 8, 2, 1, 8, 3]);
    spoil(p.N, used, p.x);
    const tokens = new Size('tokens', p.N);
    tokens.value = used;

    const { first } = await solve(gpu, p, tokens);

    expect(complaint(p, first, used)).toBeUndefined();
    const beyond = [
      ...first.qkv.subarray(used * qkvWidth(p)),
      ...first.y.subarray(used * p.H * p.D),
    ];
    expect(beyond.every(Number.isNaN)).toBe(true);
  });

  it('refuses shapes and heads that do not fit', () => {
    const plan = new Plan(gpu, 'refused');
    const heads = { H: 2, Hkv: 1, D: 8 };
    const alloc = (...shape: number[]) => gpu.alloc('x', shape);
    const shared = { x: alloc(5, 8), w: alloc(32, 8), position: alloc(5), table: alloc(9, 8) };
    const good = { ...shared, qkv: alloc(5, 32) };
    const cache = { row: alloc(5), y: alloc(5, 16), keys: alloc(3, 9, 8), values: alloc(3, 9, 8) };

    expect(() => qkvRopeForward(plan, { ...good, w: alloc(16, 8) }, heads)).toThrow(
      'qkvRopeForward: w is [16,8], expected [32,8].',
    );
    expect(() => qkvRopeForward(plan, { ...good, table: alloc(9, 4) }, heads)).toThrow('[9,8]');
    expect(() => qkvRopeForward(plan, good, { H: 4, Hkv: 2, D: 4 })).toThrow('Head size 4');
    expect(() => qkvRopeCached(plan, { ...shared, ...cache, y: good.qkv }, heads)).toThrow(
      'qkvRopeCached: y is [5,32], expected [5,16].',
    );
    expect(() => qkvRopeCached(plan, { ...shared, ...cache, values: good.qkv }, heads)).toThrow(
      'expected [3,9,8]',
    );
  });
});
