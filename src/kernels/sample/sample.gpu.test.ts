import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REDUCE_VARIANTS } from '../../shared/kernelForms';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim } from '../../gpu/tensor';
import { pcg4d, permutation, rng } from '../../shared/rng';
import { openTestGpu } from '../testing/testGpu';
import { sampleStep, type SampleOptions } from './sample';
import { sampleRef } from './sample.ref';

type Floats = Float32Array<ArrayBuffer>;
type Words = Uint32Array<ArrayBuffer>;

const OPTIONS = {
  temperature: 1,
  topK: 0,
  topP: 1,
  seed: 0xdead_beef, // above 2^31: words are unsigned
  stream: 4,
  slot: 1,
};
const SLOTS = 3;
const CANARY = -99;

// A sum of V shares is known to about V·2^-24, and exp() to some ulp: draws nearer than this to a
// step of the distribution, or cuts nearer to top-p, may fall on either side.
const ROUNDING = 2e-5;
const LOGP = 2e-5; // nats, relative to 1 + |logp|: a log of a sum of V exponentials

interface Problem {
  readonly V: number;
  readonly stride: number;
  readonly logits: Floats;
  readonly key: Words;
  readonly position: Int32Array<ArrayBuffer>;
}

/** B rows of V logits; the columns past V hold numbers that would win if they were read. */
function problem(B: number, V: number, stride: number, scale = 3): Problem {
  const random = rng(1000 * B + V);
  const logits = Float32Array.from({ length: B * stride }, (_, i) =>
    i % stride < V ? scale * random.normal() : 1e30,
  );
  const key = Uint32Array.from({ length: B }, (_, b) => pcg4d(B, 9, 0, b)[0]);
  const position = Int32Array.from({ length: B }, (_, b) => (b === 0 ? 0 : random.int(2000)));
  return { V, stride, logits, key, position };
}

const uniformOf = (p: Problem, b: number, step = 1): number =>
  (pcg4d(OPTIONS.seed, OPTIONS.stream, p.position[b]! + step, p.key[b]!)[0] >>> 8) / 2 ** 24;

function uploadTo(gpu: Gpu, p: Problem, B: Dim = p.key.length) {
  const rows = p.key.length;
  const ints = (n: number) => new Int32Array(n).fill(CANARY);
  return {
    logits: gpu.upload('logits', [B, p.stride], p.logits),
    key: gpu.upload('key', [B], p.key),
    position: gpu.upload('position', [B], p.position),
    token: gpu.upload('token', [B], ints(rows)),
    sampled: gpu.upload('sampled', [SLOTS, B], ints(SLOTS * rows)),
    logp: gpu.upload('logp', [SLOTS, B], new Float32Array(SLOTS * rows).fill(CANARY)),
  };
}

describe.each(REDUCE_VARIANTS)('sample_step, %s reduction', (reduce) => {
  let gpu: Gpu;
  beforeAll(async () => void (gpu = await openTestGpu({ reduce, gridLimit: 7 })));
  afterAll(() => gpu.destroy());

  const upload = (p: Problem, B?: Dim) => uploadTo(gpu, p, B);
  type Tensors = ReturnType<typeof upload>;

  function planOf(t: Tensors, options: SampleOptions): Plan {
    const plan = new Plan(gpu, 'sample');
    sampleStep(plan, t, options);
    return plan;
  }

  /** The tokens and their log-probabilities after one step. */
  async function step(p: Problem, options: Partial<SampleOptions> = {}) {
    const t = upload(p);
    const plan = planOf(t, { ...OPTIONS, V: p.V, ...options });
    await plan.run();
    const B = p.key.length;
    const slot = OPTIONS.slot * B;
    const token = await gpu.downloadInts(t.token);
    const sampled = await gpu.downloadInts(t.sampled);
    const logp = await gpu.download(t.logp);
    expect(sampled.slice(slot, slot + B)).toEqual(token);
    const others = [...sampled, ...logp].filter((_, i) => Math.floor((i % (SLOTS * B)) / B) !== 1);
    expect(others.every((x) => x === CANARY)).toBe(true); // the other slots
    expect(await gpu.downloadInts(t.position)).toEqual(p.position.map((at) => at + 1));
    plan.destroy();
    gpu.free(...Object.values(t));
    return { token, logp: logp.slice(slot, slot + B) };
  }

  /** Compares every row with the reference; where rounding leaves a choice, with each outcome. */
  async function expectReference(p: Problem, options: Partial<typeof OPTIONS> = {}): Promise<void> {
    const { token, logp } = await step(p, options);
    const all = { ...OPTIONS, ...options };
    let doubtful = 0;
    token.forEach((id, b) => {
      const row = p.logits.subarray(b * p.stride, b * p.stride + p.V);
      const u = uniformOf(p, b);
      const cuts = all.topP < 1 ? [all.topP - ROUNDING, all.topP + ROUNDING] : [all.topP];
      const outcomes = cuts.flatMap((topP) =>
        [Math.max(0, u - ROUNDING), u, u + ROUNDING].map((at) =>
          sampleRef(row, { ...all, topP }, at),
        ),
      );
      const want = outcomes.find((outcome) => outcome.id === id);
      if (!want) return expect.fail(`row ${b}: got ${id}, expected ${outcomes[1]!.id}`);
      if (outcomes.some((outcome) => outcome.id !== id)) doubtful++;
      const error = Math.abs(logp[b]! - want.logp) / (1 + Math.abs(want.logp));
      if (!(error < LOGP)) expect.fail(`row ${b}: logp ${logp[b]}, expected ${want.logp}`);
    });
    expect(doubtful).toBeLessThanOrEqual(Math.ceil(token.length / 50));
  }

  // B rows straddle the workgroup size and fold past 448; V as the row lengths of a vocabulary.
  it.each([
    [1, 1, 4],
    [1, 2, 4],
    [2, 3, 4],
    [3, 5, 8],
    [5, 4, 4],
    [7, 63, 64],
    [13, 64, 64],
    [31, 65, 68],
    [63, 17, 20],
    [64, 31, 32],
    [65, 97, 100],
    [66, 255, 256],
    [127, 7, 8],
    [128, 2, 4],
    [129, 13, 16],
    [193, 128, 128],
    [255, 40, 40],
    [256, 11, 12],
    [257, 256, 256],
    [449, 19, 20],
    [521, 96, 96],
    [3, 1021, 1024],
  ])('matches the reference at B=%i V=%i stride=%i', async (B, V, stride) => {
    const p = problem(B, V, stride);
    await expectReference(p);
    await expectReference(p, { temperature: 0.7, topK: 5, topP: 0.9 });
  });

  it.each([
    { temperature: 0 },
    { temperature: 1e-7 },
    { temperature: 0.01 },
    { temperature: 5 },
    { topK: 1 },
    { topK: 2 },
    { topK: 96 },
    { topK: 4096 },
    { topP: 0.01 },
    { topP: 0.5 },
    { topP: 0.999 },
    { temperature: 2, topK: 10, topP: 0.3 },
    { temperature: 0.3, topK: 3, topP: 0.99 },
  ])('matches the reference with %o', (options) => expectReference(problem(300, 97, 100), options));

  it.each([
    ['±1e4', (random: ReturnType<typeof rng>) => 1e4 * (2 * random.uniform() - 1)],
    ['all equal', () => 3],
    ['one-hot', (_: unknown, i: number) => (i % 20 === 7 ? 100 : 0)],
    ['denormal', () => 1e-39],
    ['in tied pairs', (_: unknown, i: number) => Math.floor((i % 20) / 2) % 5],
  ] as const)('matches the reference where logits are %s', async (_name, value) => {
    const random = rng(5);
    const plain = problem(200, 20, 20);
    const p = { ...plain, logits: plain.logits.map((_, i) => value(random, i)) };
    await expectReference(p);
    await expectReference(p, { temperature: 0 });
    await expectReference(p, { topK: 3 });
    await expectReference(p, { topK: 5 }); // of tied pairs one that stands before larger logits is cut off
    await expectReference(p, { topP: 0.47 });
  });

  it('draws each token as often as the softmax says: 5 sigma, 4096 keys', async () => {
    const [B, V] = [4096, 12];
    const row = problem(1, V, V, 1).logits;
    const logits = Float32Array.from({ length: B * V }, (_, i) => row[i % V]!);
    const key = Uint32Array.from({ length: B }, (_, b) => b);
    const p = { V, stride: V, logits, key, position: new Int32Array(B).fill(41) };
    const { token } = await step(p);
    const total = row.reduce((sum, z) => sum + Math.exp(z), 0);
    row.forEach((z, v) => {
      const prob = Math.exp(z) / total;
      const sigma = Math.sqrt(B * prob * (1 - prob));
      const count = token.filter((id) => id === v).length;
      expect(Math.abs(count - B * prob), `token ${v}`).toBeLessThan(5 * sigma);
    });
  });

  it('draws the same for a row in any batch, at any place in it', async () => {
    const p = problem(150, 40, 40);
    const { token, logp } = await step(p, { topP: 0.9 });
    const order = permutation(150, rng(3)).subarray(0, 70);
    const part: Problem = {
      ...p,
      logits: Float32Array.from({ length: 70 * 40 }, (_, i) => {
        return p.logits[order[Math.floor(i / 40)]! * 40 + (i % 40)]!;
      }),
      key: Uint32Array.from(order, (b) => p.key[b]!),
      position: order.map((b) => p.position[b]!),
    };
    const again = await step(part, { topP: 0.9 });
    expect(again.token).toEqual(order.map((b) => token[b]!));
    expect(again.logp).toEqual(Float32Array.from(order, (b) => logp[b]!)); // bit for bit
  });

  it('draws the last token by a number just below 1, however sums are rounded', async () => {
    const plain = problem(200, 255, 256, 1);
    const key = new Uint32Array(200).fill(7_064_658); // found by search
    const p = { ...plain, key, position: new Int32Array(200).fill(41) };
    expect(uniformOf(p, 0)).toBe(1 - 2 ** -24);

    const { token } = await step(p);

    expect(token.every((id) => id === 254)).toBe(true);
  });

  it('draws otherwise for another seed, stream, key or position', async () => {
    const p = problem(200, 64, 64, 0.1);
    const { token } = await step(p);
    const others = [
      await step(p, { seed: 1 }),
      await step(p, { stream: 5 }),
      await step({ ...p, key: p.key.map((k) => k + 1) }),
      await step({ ...p, position: p.position.map((at) => at + 1) }),
    ];
    for (const other of others) {
      const same = other.token.filter((id, b) => id === token[b]).length;
      expect(same).toBeLessThan(20); // 200 / 64 ≈ 3 by chance
    }
  });

  it('moves on in position and slot, and leaves rows that are not in use alone', async () => {
    const p = problem(90, 5, 8, 0.5);
    const B = new Size('B', 90);
    const slot = { value: 0 };
    const t = upload(p, B);
    B.value = 70;
    const plan = planOf(t, { ...OPTIONS, V: 5, slot });
    for (slot.value = 0; slot.value < SLOTS; slot.value++) {
      await plan.run();
      const whole = { ...t.sampled, shape: [SLOTS, 90] };
      const at = slot.value * 90;
      const sampled = (await gpu.downloadInts(whole)).subarray(at, at + 90);
      const logp = (await gpu.download({ ...t.logp, shape: [SLOTS, 90] })).subarray(at, at + 90);
      expect(await gpu.downloadInts(t.token)).toEqual(sampled.slice(0, 70));
      for (let b = 0; b < 70; b++) {
        const row = p.logits.subarray(b * 8, b * 8 + 5);
        const want = sampleRef(row, OPTIONS, uniformOf(p, b, slot.value + 1)).id;
        expect(sampled[b]).toBe(want);
        expect(logp[b]).toBeLessThan(0);
      }
      expect(sampled.subarray(70).every((x) => x === CANARY)).toBe(true); // rows not in use
      expect(logp.subarray(70).every((x) => x === CANARY)).toBe(true);
    }
    const position = await gpu.downloadInts({ ...t.position, shape: [90] });
    expect(position).toEqual(p.position.map((at, b) => (b < 70 ? at + SLOTS : at)));
  });
});

it('a workgroup draws the tokens that an invocation draws, where it has a lane for each', async () => {
  const p = problem(500, 64, 64);
  const tokens: Int32Array[] = [];
  for (const reduce of REDUCE_VARIANTS) {
    const gpu = await openTestGpu({ reduce });
    const t = uploadTo(gpu, p);
    const plan = new Plan(gpu, 'sample');
    sampleStep(plan, t, { ...OPTIONS, V: p.V });
    await plan.run();
    tokens.push(await gpu.downloadInts(t.token));
    gpu.destroy();
  }
  expect(tokens[0]).toEqual(tokens[2]);
  expect(tokens[1]).toEqual(tokens[2]);
});

const PROBE = /* wgsl */ `
struct Params {
  N: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> counters: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> words: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> uniforms: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.N) { return; }
  words[id.x] = pcg4d(counters[id.x]);
  uniforms[id.x] = uniform01(words[id.x].x);
}`;

describe('lib/random.wgsl', () => {
  it('agrees with shared/rng.ts bit for bit', async () => {
    const gpu = await openTestGpu();
    const edges = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
    const random = rng(77);
    const counters = [
      ...edges.flatMap((a) =>
        edges.flatMap((b) => edges.flatMap((c) => edges.map((d) => [a, b, c, d]))),
      ),
      ...Array.from({ length: 4096 }, (_, i) => pcg4d(random.int(2 ** 24), 1, 2, i)),
    ];
    const N = counters.length;
    const t = {
      counters: gpu.upload('counters', [N, 4], Uint32Array.from(counters.flat())),
      words: gpu.alloc('words', [N, 4], 'u32'),
      uniforms: gpu.alloc('uniforms', [N]),
    };
    const plan = new Plan(gpu, 'random');
    plan.record(
      { label: 'random_probe', body: PROBE, libs: ['random'] },
      { params: { N }, bind: t, grid: { threads: () => N } },
    );
    await plan.run();
    const want = counters.map(([a, b, c, d]) => pcg4d(a!, b!, c!, d!));
    const words = new Uint32Array((await gpu.downloadInts(t.words)).buffer);
    expect(words).toEqual(Uint32Array.from(want.flat()));
    const uniforms = await gpu.download(t.uniforms);
    expect(uniforms).toEqual(Float32Array.from(want, ([x]) => (x >>> 8) / 2 ** 24));
    gpu.destroy();
  });
});
