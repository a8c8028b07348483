import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size } from '../../gpu/tensor';
import { permutation, rng } from '../../shared/rng';
import { qkvWidth } from '../attention/heads';
import { openTestGpu } from '../testing/testGpu';
import { kvAppend } from './kv_append';
import { kvAppendRef } from './kv_append.ref';

// N tokens, cache rows R and length T, then H, Hkv, D. Copies straddle the workgroup size and fold.
const SHAPES: readonly (readonly number[])[] = [
  [1, 1, 1, 1, 1, 4],
  [1, 3, 5, 2, 1, 4],
  [2, 2, 2, 2, 2, 8],
  [3, 1, 7, 4, 2, 4],
  [7, 4, 3, 3, 1, 12],
  [31, 31, 2, 1, 1, 4],
  [32, 8, 5, 1, 1, 4],
  [33, 11, 3, 1, 1, 4],
  [5, 5, 13, 4, 2, 16],
  [13, 3, 17, 4, 4, 16],
  [17, 17, 1, 6, 3, 20],
  [63, 7, 9, 2, 1, 8],
  [64, 64, 2, 2, 1, 8],
  [65, 5, 20, 2, 1, 8],
  [127, 127, 3, 1, 1, 16],
  [255, 16, 16, 1, 1, 4],
  [256, 16, 16, 2, 1, 4],
  [257, 20, 19, 4, 2, 4],
  [19, 4, 11, 8, 2, 32],
  [6, 3, 70, 4, 2, 64],
  [11, 2, 6, 4, 1, 128],
];

describe('kv_append_copy', () => {
  let gpu: Gpu;
  beforeAll(async () => void (gpu = await openTestGpu({ gridLimit: 7 })));
  afterAll(() => gpu.destroy());

  /** Appends `used` of N tokens, at distinct random places of `fan` rows, to a cache of canaries. */
  async function expectAppended(shape: readonly number[], used: number, fan = 1): Promise<void> {
    const [n, R, T, H, Hkv, D] = shape as [number, number, number, number, number, number];
    const heads = { H, Hkv, D };
    const random = rng(1000 * n + D);
    const places = permutation(Math.floor(R / fan) * T, random).subarray(0, n);
    const row = places.map((place) => fan * Math.floor(place / T));
    const position = places.map((place) => place % T);
    const qkv = Float32Array.from({ length: n * qkvWidth(heads) }, random.normal);
    const canaries = (first: number): Float32Array<ArrayBuffer> =>
      Float32Array.from({ length: R * T * Hkv * D }, (_, i) => first + i);
    const cache = { keys: canaries(0.5), values: canaries(0.25) };
    const N = new Size('N', n);
    const t = {
      qkv: gpu.upload('qkv', [N, qkvWidth(heads)], qkv),
      row: gpu.upload('row', [N], row),
      position: gpu.upload('position', [N], position),
      keys: gpu.upload('keys', [R, T, Hkv * D], cache.keys),
      values: gpu.upload('values', [R, T, Hkv * D], cache.values),
    };
    N.value = used;
    const plan = new Plan(gpu, 'append');
    kvAppend(plan, t, heads, fan);
    await plan.compile();
    await plan.run();
    await plan.run(); // a replay changes nothing
    const before = { keys: Array.from(cache.keys), values: Array.from(cache.values) };
    const want = kvAppendRef(qkv, row.subarray(0, used), position, before, T, heads, fan);
    expect(await gpu.download(t.keys)).toEqual(Float32Array.from(want.keys));
    expect(await gpu.download(t.values)).toEqual(Float32Array.from(want.values));
    plan.destroy();
    gpu.free(...Object.values(t));
  }

  it.each(SHAPES)('equals the reference at N=%i R=%i T=%i H=%i Hkv=%i D=%i', (...shape) =>
    expectAppended(shape, shape[0]!),
  );

  it.each([
    [2, [9, 7, 4, 4, 2, 8]],
    [3, [20, 13, 5, 2, 1, 16]],
    [5, [66, 37, 11, 2, 1, 8]],
  ])('equals the reference where tokens are shared by %i rows: %j', (fan, shape) =>
    expectAppended(shape, shape[0]!, fan),
  );

  it('leaves the tokens beyond those in use out', () => expectAppended([65, 5, 20, 2, 1, 8], 13));
});
