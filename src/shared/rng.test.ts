import { describe, expect, it } from 'vitest';
import { pcg4d, permutation, rng, STREAM } from './rng';

/** The paper's listing in exact integers, as a second opinion on the 32-bit arithmetic. */
function pcg4dExact(counter: readonly number[]): number[] {
  const wrap = (v: bigint): bigint => BigInt.asUintN(32, v);
  const v = counter.map((c) => wrap(BigInt(c) * 1664525n + 1013904223n));
  const mix = (): void => {
    v[0] = wrap(v[0]! + v[1]! * v[3]!);
    v[1] = wrap(v[1]! + v[2]! * v[0]!);
    v[2] = wrap(v[2]! + v[0]! * v[1]!);
    v[3] = wrap(v[3]! + v[1]! * v[2]!);
  };
  mix();
  v.forEach((x, i) => (v[i] = x ^ (x >> 16n)));
  mix();
  return v.map(Number);
}

/** Pearson's correlation of two samples. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]): number => x.reduce((s, y) => s + y, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  const covariance = (x: readonly number[], mx: number, y: readonly number[], my: number): number =>
    x.reduce((s, xi, i) => s + (xi - mx) * (y[i]! - my), 0);
  return covariance(a, ma, b, mb) / Math.sqrt(covariance(a, ma, a, ma) * covariance(b, mb, b, mb));
}

/** Chi-square of counts that should be equal, as standard deviations from its mean. */
function chiSquareSigmas(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  const chi2 = counts.reduce((s, c) => s + (c - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (chi2 - freedom) / Math.sqrt(2 * freedom);
}

const n = 20_000;
const take = (length: number, draw: () => number): number[] => Array.from({ length }, draw);

describe('pcg4d', () => {
  it('equals the published function in exact integers, edges included', () => {
    const edges = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
    for (const a of edges)
      for (const b of edges)
        for (const c of edges)
          for (const d of edges) expect(pcg4d(a, b, c, d)).toEqual(pcg4dExact([a, b, c, d]));
    let counter = [1, 2, 3, 4];
    for (let i = 0; i < 1000; i++) {
      const [a, b, c, d] = counter as [number, number, number, number];
      const next = pcg4d(a, b, c, d);
      expect(next).toEqual(pcg4dExact(counter));
      counter = next;
    }
  });

  it.each([0, 1, 2, 3])(
    'flips each bit of word 0 half of the time as coordinate %i counts',
    (at) => {
      const ones = Array<number>(32).fill(0);
      for (let i = 0; i < n; i++) {
        const counter: [number, number, number, number] = [1, 4, 10, 7];
        counter[at] = i;
        const [word] = pcg4d(...counter);
        counter[at] = i + 1;
        const changed = word ^ pcg4d(...counter)[0];
        for (let bit = 8; bit < 32; bit++) ones[bit]! += (changed >>> bit) & 1; // those uniform() uses
      }
      for (const count of ones.slice(8)) {
        expect(Math.abs(count - n / 2)).toBeLessThan(6 * Math.sqrt(n / 4)); // 96 counts, 6 sigma
      }
    },
  );
});

describe('rng', () => {
  it.each([0, 1, 2, 0xffff_ffff])('is uniform in 256 bins for seed %i', (seed) => {
    const random = rng(seed, STREAM.rollout);
    const counts = Array<number>(256).fill(0);
    for (let i = 0; i < 10 * n; i++) counts[Math.floor(256 * random.uniform())]! += 1;
    expect(Math.abs(chiSquareSigmas(counts))).toBeLessThan(5);
  });

  it('is uniform in pairs: 32 × 32 bins of successive draws', () => {
    const random = rng(3);
    const counts = Array<number>(1024).fill(0);
    for (let i = 0; i < 10 * n; i++) {
      counts[32 * Math.floor(32 * random.uniform()) + Math.floor(32 * random.uniform())]! += 1;
    }
    expect(Math.abs(chiSquareSigmas(counts))).toBeLessThan(5);
  });

  it('has streams, seeds and rows that do not correlate', () => {
    const samples = [
      ...Object.values(STREAM).map((stream) => take(n, rng(1, stream).uniform)),
      take(n, rng(2, STREAM.init).uniform),
      take(n, rng(1, STREAM.init, 1).uniform),
    ];
    samples.forEach((a, i) =>
      samples.slice(i + 1).forEach((b) => {
        expect(Math.abs(correlation(a, b))).toBeLessThan(5 / Math.sqrt(n));
      }),
    );
  });

  it('repeats itself for the same seed, stream and row', () => {
    expect(take(9, rng(5, 6, 7).uniform)).toEqual(take(9, rng(5, 6, 7).uniform));
  });

  it('has normal draws of mean 0, variance 1 and kurtosis 3', () => {
    const x = take(10 * n, rng(4).normal);
    const moment = (k: number): number => x.reduce((s, y) => s + y ** k, 0) / x.length;
    expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(x.length));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / x.length));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / x.length));
    expect(x.every(Number.isFinite)).toBe(true);
  });

  it('draws every integer below n, and picks, equally often', () => {
    const random = rng(6);
    const counts = Array<number>(7).fill(0);
    const picked = new Map([
      ['a', 0],
      ['b', 0],
      ['c', 0],
    ]);
    for (let i = 0; i < n; i++) {
      counts[random.int(7)]! += 1;
      const letter = random.pick(['a', 'b', 'c']);
      picked.set(letter, picked.get(letter)! + 1);
    }
    expect(counts).toHaveLength(7);
    expect(Math.abs(chiSquareSigmas(counts))).toBeLessThan(5);
    expect(Math.abs(chiSquareSigmas([...picked.values()]))).toBeLessThan(5);
  });
});

describe('permutation', () => {
  it.each([0, 1, 2, 100])('holds each of %i numbers once', (length) => {
    const sorted = permutation(length, rng(1)).toSorted();
    expect(sorted).toEqual(Int32Array.from({ length }, (_, i) => i));
  });

  it('has all 24 orders of four equally often', () => {
    const random = rng(8);
    const counts = new Map<string, number>();
    for (let i = 0; i < n; i++) {
      const order = permutation(4, random).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(Math.abs(chiSquareSigmas([...counts.values()]))).toBeLessThan(5);
  });
});
