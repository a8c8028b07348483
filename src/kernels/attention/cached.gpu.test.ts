import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim } from '../../gpu/tensor';
import { rng } from '../../shared/rng';
import { qkvRopeCached, ropeTable } from '../qkv_rope/qkv_rope';
import { qkvRopeForwardRef } from '../qkv_rope/qkv_rope.ref';
import { relativeDistance, worstMismatch } from '../testing/close';
import { packed } from '../testing/packed';
import { openTestGpu } from '../testing/testGpu';
import { attentionCached } from './attention';
import { attentionCachedRef, attentionForwardRef } from './attention.ref';
import { qkvWidth, type Heads } from './heads';

// New tokens, cache rows R and length T, then H, Hkv, D. Lengths straddle the keys that a workgroup takes
// at once (128, 64 and 32 with heads of 8, 16 and more), so that lanes without a key, with one and with
// several all occur; 20 rows fold under gridLimit 7.
const SHAPES: readonly (readonly number[])[] = [
  // N, R, T, H, Hkv, D
  [1, 1, 1, 1, 1, 8],
  [1, 1, 2, 2, 1, 8],
  [2, 3, 5, 2, 2, 16],
  [3, 2, 17, 4, 1, 8],
  [5, 5, 31, 4, 2, 8],
  [1, 2, 63, 2, 1, 16],
  [2, 2, 64, 1, 1, 32],
  [3, 3, 65, 3, 1, 24],
  [1, 1, 127, 4, 2, 16],
  [2, 1, 128, 2, 1, 8],
  [2, 4, 129, 1, 1, 40],
  [1, 2, 129, 2, 1, 8],
  [2, 1, 33, 2, 2, 128],
  [1, 2, 191, 2, 2, 32],
  [1, 1, 255, 2, 1, 16],
  [2, 2, 256, 1, 1, 16],
  [1, 2, 257, 2, 1, 64],
  [7, 7, 9, 6, 3, 8],
  [20, 11, 13, 1, 1, 8],
  [13, 20, 33, 5, 1, 8],
  [3, 4, 70, 2, 1, 64],
  [1, 1, 66, 2, 1, 128],
  [2, 3, 5, 1, 1, 128],
  [67, 67, 3, 1, 1, 8],
];

// Unit normals, as in attention.gpu.test.ts.
const DISTANCE = 1e-5;
const WORST = 1e-4;

type Floats = Float32Array<ArrayBuffer>;

function problem(N: number, R: number, T: number, heads: Heads, scale = 1) {
  const random = rng(1000 * T + N);
  const normals = (length: number): Floats => Float32Array.from({ length }, random.normal);
  const width = heads.Hkv * heads.D;
  const row = Int32Array.from({ length: N }, (_, n) => (R - 1 + n) % R);
  const position = Int32Array.from({ length: N }, (_, n) => (n === 0 ? T - 1 : random.int(T)));
  const keys = normals(R * T * width).map((x) => scale * x);
  const values = normals(R * T * width);
  for (let r = 0; r < R; r++) {
    let seen = -1;
    row.forEach((own, n) => (seen = own === r ? Math.max(seen, position[n]!) : seen));
    keys.fill(NaN, (r * T + seen + 1) * width, (r + 1) * T * width); // not yet written: never to be read
    values.fill(NaN, (r * T + seen + 1) * width, (r + 1) * T * width);
  }
  const q = normals(N * heads.H * heads.D).map((x) => scale * x);
  return { N, R, T, q, keys, values, row, position };
}

function upload(gpu: Gpu, p: ReturnType<typeof problem>, N: Dim, { H, Hkv, D }: Heads) {
  const { R, T } = p;
  return {
    q: gpu.upload('q', [N, H * D], p.q),
    keys: gpu.upload('keys', [R, T, Hkv * D], p.keys),
    values: gpu.upload('values', [R, T, Hkv * D], p.values),
    row: gpu.upload('row', [N], p.row),
    position: gpu.upload('position', [N], p.position),
    y: gpu.upload('y', [N, H * D], new Float32Array(p.N * H * D).fill(NaN)),
  };
}

// By workgroups or by single invocations; 'subgroups' takes the same kernel as 'tree'.
describe.each(['tree', 'serial'] as const)('attention_cached (%s)', (reduce) => {
  let gpu: Gpu;
  beforeAll(async () => void (gpu = await openTestGpu({ reduce, gridLimit: 7 })));
  afterAll(() => gpu.destroy());

  async function runOnce(p: ReturnType<typeof problem>, heads: Heads): Promise<Floats> {
    const t = upload(gpu, p, p.N, heads);
    const plan = new Plan(gpu, 'cached');
    attentionCached(plan, t, heads);
    await plan.run();
    const got = await gpu.download(t.y);
    await plan.run();
    expect(await gpu.download(t.y)).toEqual(got); // a replay gives the same bits
    plan.destroy();
    gpu.free(...Object.values(t));
    return got;
  }

  it.each(SHAPES)(
    'matches the reference at N=%i R=%i T=%i H=%i Hkv=%i D=%i',
    async (N, R, T, H, Hkv, D) => {
      const heads = { H: H!, Hkv: Hkv!, D: D! };
      const p = problem(N!, R!, T!, heads);
      const got = await runOnce(p, heads);
      const want = attentionCachedRef(p.q, p, heads);
      expect(relativeDistance(got, want)).toBeLessThan(DISTANCE);
      const atol = WORST * Math.max(...want.map(Math.abs));
      expect(worstMismatch(got, want, { rtol: 0, atol })).toBeUndefined();
    },
  );

  it('matches where one key outweighs all others: scores of ±1e4', async () => {
    const heads = { H: 2, Hkv: 1, D: 16 };
    const p = problem(3, 3, 67, heads, 60);
    const got = await runOnce(p, heads);
    const want = attentionCachedRef(p.q, p, heads);
    // A score of 1e4 is known to 1e4·2^-24·√D ≈ 2e-3, and so is a probability where two compete.
    expect(worstMismatch(got, want, { rtol: 0, atol: 2e-3 })).toBeUndefined();
  });

  it('leaves the rows beyond those in use alone', async () => {
    const heads = { H: 2, Hkv: 1, D: 8 };
    const p = problem(9, 9, 5, heads);
    const N = new Size('N', 9);
    const t = upload(gpu, p, N, heads);
    N.value = 3;
    const plan = new Plan(gpu, 'cached');
    attentionCached(plan, t, heads);
    await plan.run();
    const got = await gpu.download({ ...t.y, shape: [9, 16] });
    const want = attentionCachedRef(p.q, p, heads);
    const atol = WORST;
    expect(
      worstMismatch(got.subarray(0, 48), want.subarray(0, 48), { rtol: 0, atol }),
    ).toBeUndefined();
    expect(got.subarray(48).every(Number.isNaN)).toBe(true);
  });

  it('after qkv_rope_cached equals attention without a cache', async () => {
    const heads = { H: 4, Hkv: 2, D: 16 };
    const lengths = [11, 1, 6];
    const { N, start, position } = packed(lengths);
    const [K, T, base] = [8, 11, 100];
    const random = rng(31);
    const x = Float32Array.from({ length: N * K }, random.normal);
    const w = Float32Array.from({ length: qkvWidth(heads) * K }, random.normal);
    const row = Int32Array.from(lengths.flatMap((n, r) => Array<number>(n).fill(2 - r)));
    const none = new Float32Array(3 * T * 32);
    const q = new Float32Array(N * 64);
    const t = upload(gpu, { N, R: 3, T, q, keys: none, values: none, row, position }, N, heads);
    const plan = new Plan(gpu, 'project and attend');
    const { q: y, keys, values } = t;
    qkvRopeCached(
      plan,
      {
        x: gpu.upload('x', [N, K], x),
        w: gpu.upload('w', [qkvWidth(heads), K], w),
        table: gpu.upload('table', [T, 16], ropeTable(T, 16, base)),
        ...{ row: t.row, position: t.position, y, keys, values },
      },
      heads,
    );
    attentionCached(plan, t, heads);
    await plan.run();
    const want = attentionForwardRef(
      qkvRopeForwardRef(x, w, position, heads, base),
      start,
      heads,
    ).y;
    expect(relativeDistance(await gpu.download(t.y), want)).toBeLessThan(DISTANCE);
  });
});
