import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { qkvWidth } from '../attention/heads';
import { numericGradient, worstMismatch } from '../testing/close';
import { ropeTable } from './qkv_rope';
import { cacheRef, qkvRopeForwardRef, ropeRef } from './qkv_rope.ref';

const EXACT = { rtol: 1e-12, atol: 1e-12 }; // float64 against a value worked out by hand
const heads = { H: 2, Hkv: 1, D: 4 };
const one = { H: 1, Hkv: 1, D: 4 };
const BASE = 10_000;
const { cos, sin } = Math;

const normals = (seed: number, length: number): Float64Array => {
  const random = rng(seed);
  return Float64Array.from({ length }, random.normal);
};

describe('ropeRef', () => {
  it('turns pair (0, 2) by the position and pair (1, 3) by a hundredth of it', () => {
    const qkv = [1, 1, 0, 0, /* k */ 0, 0, 1, 1, /* v */ 5, 6, 7, 8];
    const q = [cos(3), cos(0.03), sin(3), sin(0.03)];
    const k = [-sin(3), -sin(0.03), cos(3), cos(0.03)];
    const out = ropeRef(qkv, [3], one, BASE, 1);
    expect(worstMismatch(out, [...q, ...k, 5, 6, 7, 8], EXACT)).toBeUndefined();
  });

  it('makes the product of q and k depend on their distance only', () => {
    const x = normals(1, qkvWidth(heads));
    const product = (m: number, n: number): number => {
      const q = ropeRef(x, [m], heads, BASE, 1).subarray(0, 4);
      const k = ropeRef(x, [n], heads, BASE, 1).subarray(8, 12);
      return q.reduce((sum, a, i) => sum + a * k[i]!, 0);
    };
    expect(product(9, 4)).toBeCloseTo(product(105, 100), 10);
    expect(Math.abs(product(9, 4) - product(9, 5))).toBeGreaterThan(0.01);
  });

  it('turned back is the gradient (central differences, seed 2)', () => {
    const position = [0, 3, 50];
    const x = normals(2, 3 * qkvWidth(heads));
    const dy = normals(3, 3 * qkvWidth(heads));
    const loss = (qkv: Float64Array): number =>
      ropeRef(qkv, position, heads, BASE, 1).reduce((sum, y, i) => sum + y * dy[i]!, 0);
    const dx = ropeRef(dy, position, heads, BASE, -1);
    const numeric = numericGradient(loss, x);
    expect(worstMismatch(dx, numeric, { rtol: 1e-6, atol: 1e-8 })).toBeUndefined();
  });
});

it('qkvRopeForwardRef multiplies, then rotates', () => {
  const x = [2, 10, /* second token */ 1, 0]; // [2,2]
  const w = Array.from({ length: 12 }, (_, m) => (m % 2 === 0 ? [1, 0] : [0, 1])).flat(); // copies x
  const qkv = qkvRopeForwardRef(x, w, [0, 3], one, BASE);

  const first = [2, 10, 2, 10, 2, 10, 2, 10, 2, 10, 2, 10]; // at position 0
  const rotated = [cos(3) - sin(3), 0, cos(3) + sin(3), 0]; // of 1, 0, 1, 0
  const second = [...rotated, ...rotated, 1, 0, 1, 0];
  expect(worstMismatch(qkv, [...first, ...second], EXACT)).toBeUndefined();
});

it('cacheRef puts keys and values of each token in its place, and in the rows that share it', () => {
  const narrow = { H: 2, Hkv: 1, D: 2 };
  const qkv = [1, 2, 3, 4, /* k */ 5, 6, /* v */ 7, 8, /* second */ 0, 0, 0, 9, 10, 11, 12, 13];
  const cache = { keys: new Float64Array(12), values: new Float64Array(12), T: 2 };

  const y = cacheRef(qkv, [1, 0], [1, 0], cache, narrow, 2);

  expect([...y]).toEqual([1, 2, 3, 4, 0, 0, 0, 9]);
  expect([...cache.keys]).toEqual([10, 11, 0, 0, 10, 11, 5, 6, 0, 0, 5, 6]);
  expect([...cache.values]).toEqual([12, 13, 0, 0, 12, 13, 7, 8, 0, 0, 7, 8]);
});

describe('ropeTable', () => {
  it('rounds the float64 cosines and sines once, far positions included', () => {
    const [T, D] = [2048, 8];
    const table = ropeTable(T, D, BASE);
    const want = Float64Array.from({ length: T * D }, (_, at) => {
      const [t, i] = [Math.floor(at / D), at % D];
      const angle = t / Math.pow(BASE, (2 * (i % (D / 2))) / D);
      return i < D / 2 ? cos(angle) : sin(angle);
    });
    expect(worstMismatch(table, want, { rtol: 2 ** -24, atol: 1e-12 })).toBeUndefined();
  });
});
