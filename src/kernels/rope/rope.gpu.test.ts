import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size } from '../../gpu/tensor';
import { rng } from '../../shared/rng';
import { qkvWidth } from '../attention/heads';
import { worstMismatch } from '../testing/close';
import { openTestGpu } from '../testing/testGpu';
import { ropeApply, ropeTable } from './rope';
import { ropeRef } from './rope.ref';

// N tokens, then H, Hkv, D. Pairs in all straddle the workgroup size; from 449 the grid folds.
const SHAPES: readonly (readonly number[])[] = [
  [1, 1, 1, 4],
  [2, 1, 1, 8],
  [3, 2, 1, 4],
  [7, 3, 1, 4],
  [9, 4, 2, 4],
  [63, 1, 1, 4],
  [64, 1, 1, 4],
  [65, 1, 1, 4],
  [5, 4, 2, 12],
  [13, 4, 1, 16],
  [31, 2, 2, 16],
  [17, 6, 3, 20],
  [255, 1, 1, 8],
  [256, 2, 1, 4],
  [257, 4, 2, 16],
  [37, 8, 2, 32],
  [19, 4, 4, 32],
  [11, 4, 2, 64],
  [41, 1, 1, 64],
  [3, 4, 1, 128],
  [23, 2, 2, 128],
];
const T = 600;
const BASE = 10_000;
// Two products and one sum of three rounded numbers each: 4·2^-24·(|a| + |b|), unit normals.
const F32 = { rtol: 0, atol: 4 * 2 ** -24 * 8 };

describe('rope_apply', () => {
  let gpu: Gpu;
  beforeAll(async () => void (gpu = await openTestGpu({ gridLimit: 7 })));
  afterAll(() => gpu.destroy());

  it.each(SHAPES)('matches the reference at N=%i H=%i Hkv=%i D=%i', async (...shape) => {
    const [N, H, Hkv, D] = shape as [number, number, number, number];
    const heads = { H, Hkv, D };
    const random = rng(1000 * N + D);
    const data = Float32Array.from({ length: N * qkvWidth(heads) }, random.normal);
    const position = Int32Array.from({ length: N }, (_, n) => (n === 0 ? T - 1 : random.int(T)));
    const t = {
      qkv: gpu.upload('qkv', [N, qkvWidth(heads)], data),
      position: gpu.upload('position', [N], position),
      table: gpu.upload('table', [T, D], ropeTable(T, D, BASE)),
    };
    const results: Float32Array[] = [];
    for (const direction of [1, -1] as const) {
      const plan = new Plan(gpu, 'rope');
      ropeApply(plan, t, heads, direction);
      await plan.compile();
      for (let replay = 0; replay < 2; replay++) {
        gpu.write(t.qkv, data);
        await plan.run();
        results.push(await gpu.download(t.qkv));
      }
      const [first, second] = results.slice(-2) as [Float32Array, Float32Array];
      const want = ropeRef(data, position, heads, BASE, direction);
      expect(worstMismatch(first, want, F32)).toBeUndefined();
      expect(second).toEqual(first); // a replay gives the same bits
      const v = (H + Hkv) * D;
      const width = qkvWidth(heads);
      const untouched = first.every((x, i) => i % width < v || x === data[i]);
      expect(untouched).toBe(true);
      plan.destroy();
    }
    gpu.free(...Object.values(t));
  });

  it.each([1e4, 0, 1e-39])('matches where every number is %f', async (value) => {
    const heads = { H: 2, Hkv: 1, D: 16 };
    const position = Int32Array.from({ length: 5 }, (_, n) => 99 * n);
    const data = new Float32Array(5 * qkvWidth(heads)).fill(value);
    const t = {
      qkv: gpu.upload('qkv', [5, qkvWidth(heads)], data),
      position: gpu.upload('position', [5], position),
      table: gpu.upload('table', [T, 16], ropeTable(T, 16, BASE)),
    };
    const plan = new Plan(gpu, 'rope');
    ropeApply(plan, t, heads, 1);
    await (await plan.compile()).run();
    const want = ropeRef(data, position, heads, BASE, 1);
    const atol = 4 * 2 ** -24 * 2 * value + 1e-37; // a GPU may take denormals for zero
    expect(worstMismatch(await gpu.download(t.qkv), want, { rtol: 0, atol })).toBeUndefined();
  });

  it('leaves the rows beyond those in use alone', async () => {
    const heads = { H: 2, Hkv: 1, D: 8 };
    const N = new Size('N', 40);
    const data = new Float32Array(40 * qkvWidth(heads)).fill(1);
    const t = {
      qkv: gpu.upload('qkv', [N, qkvWidth(heads)], data),
      position: gpu.upload('position', [N], new Int32Array(40).fill(3)),
      table: gpu.upload('table', [T, 8], ropeTable(T, 8, BASE)),
    };
    N.value = 7;
    const plan = new Plan(gpu, 'rope');
    ropeApply(plan, t, heads, 1);
    await (await plan.compile()).run();
    const got = await gpu.download({ ...t.qkv, shape: [40, 32] });
    const want = ropeRef(data.subarray(0, 7 * 32), new Int32Array(7).fill(3), heads, BASE, 1);
    expect(worstMismatch(got.subarray(0, 7 * 32), want, F32)).toBeUndefined();
    expect(got.subarray(7 * 32).every((x) => x === 1)).toBe(true);
  });
});
