import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { cacheRef, ropeRef } from '../qkv_rope/qkv_rope.ref';
import { numericGradient, worstMismatch } from '../testing/close';
import { packed } from '../testing/packed';
import { attentionBackwardRef, attentionCachedRef, attentionForwardRef } from './attention.ref';
import { qkvWidth } from './heads';

const EXACT = { rtol: 1e-12, atol: 1e-12 }; // float64 against a value worked out by hand
const heads = { H: 4, Hkv: 2, D: 4 };
const BASE = 100;
const { N, start, position } = packed([3, 1, 4]);

const normals = (seed: number, length: number): Float64Array => {
  const random = rng(seed);
  return Float64Array.from({ length }, random.normal);
};

describe('attentionForwardRef', () => {
  it('returns the value of a token that is alone', () => {
    const qkv = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const { y, lse } = attentionForwardRef(qkv, [0], { H: 1, Hkv: 1, D: 4 });
    expect(Array.from(y)).toEqual([9, 10, 11, 12]);
    expect(Array.from(lse)).toEqual([35]); // (1·5 + 2·6 + 3·7 + 4·8) / √4
  });

  it('weighs two tokens 1 : 3 where the second score is larger by ln 3', () => {
    const first = [9, 9, 9, 9, /* k */ 0, 0, 0, 0, /* v */ 4, 0, 0, 8];
    const second = [2, 0, 0, 0, /* k */ Math.log(3), 0, 0, 0, /* v */ 0, 4, 0, 16];
    const { y, lse } = attentionForwardRef([...first, ...second], [0, 0], { H: 1, Hkv: 1, D: 4 });
    expect(worstMismatch(y, [4, 0, 0, 8, 1, 3, 0, 14], EXACT)).toBeUndefined();
    expect(worstMismatch(lse, [0, Math.log(4)], EXACT)).toBeUndefined();
  });

  it('gives query heads 0, 1 the first key-value head and 2, 3 the second', () => {
    const qkv = [...normals(1, 16), ...normals(2, 8), 1, 1, 1, 1, 2, 2, 2, 2];
    const { y } = attentionForwardRef(qkv, [0], heads);
    expect(Array.from(y)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
  });

  it('sees neither later tokens nor other sequences', () => {
    const qkv = normals(3, N * qkvWidth(heads));
    const before = attentionForwardRef(qkv, start, heads).y;
    const token = 5; // the second of the third sequence
    const changed = qkv.map((x, i) => (Math.floor(i / qkvWidth(heads)) === token ? -x : x));
    const after = attentionForwardRef(changed, start, heads).y;
    const touched = [...Array(N).keys()].filter((n) =>
      before.subarray(n * 16, n * 16 + 16).some((x, i) => x !== after[n * 16 + i]),
    );
    expect(touched).toEqual([5, 6, 7]);
  });
});

describe('attentionBackwardRef', () => {
  it('matches central differences through the rotation (seed 4)', () => {
    const straight = normals(4, N * qkvWidth(heads));
    const rotated = (x: Float64Array): Float64Array => ropeRef(x, position, heads, BASE, 1);
    const dy = normals(5, N * heads.H * heads.D);
    const loss = (x: Float64Array): number =>
      attentionForwardRef(rotated(x), start, heads).y.reduce((sum, y, i) => sum + y * dy[i]!, 0);
    const { dqkv, delta } = attentionBackwardRef(rotated(straight), start, dy, heads, BASE);
    const numeric = numericGradient(loss, straight);
    expect(worstMismatch(dqkv, numeric, { rtol: 1e-6, atol: 1e-8 })).toBeUndefined();

    const { y } = attentionForwardRef(rotated(straight), start, heads);
    const rows = Float64Array.from(delta, (_, i) =>
      [0, 1, 2, 3].reduce((sum, d) => sum + dy[4 * i + d]! * y[4 * i + d]!, 0),
    );
    expect(worstMismatch(delta, rows, EXACT)).toBeUndefined();
  });
});

describe('attentionCachedRef', () => {
  it('equals attention without a cache', () => {
    const T = 5;
    const qkv = normals(6, 2 * T * qkvWidth(heads)); // two sequences of T tokens: rows 1 and 0 of the cache
    const { start: begin, position: at } = packed([T, T]);
    const row = begin.map((s) => (s === 0 ? 1 : 0));
    const none = (): Float64Array => new Float64Array(2 * T * heads.Hkv * heads.D);
    const cache = { keys: none(), values: none(), T };
    const q = cacheRef(qkv, row, at, cache, heads);
    const y = attentionCachedRef(q, { ...cache, row, position: at }, heads);
    expect(worstMismatch(y, attentionForwardRef(qkv, begin, heads).y, EXACT)).toBeUndefined();
  });
});
