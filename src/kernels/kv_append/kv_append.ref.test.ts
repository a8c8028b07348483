import { expect, it } from 'vitest';
import { kvAppendRef } from './kv_append.ref';

const heads = { H: 2, Hkv: 1, D: 4 };
const token = (t: number): number[] => [
  ...Array<number>(8).fill(-1), // q heads
  ...[0, 1, 2, 3].map((i) => 10 * t + i), // k
  ...[4, 5, 6, 7].map((i) => 10 * t + i), // v
];

it('puts k and v of each token at its row and position and leaves the rest', () => {
  const [R, T] = [2, 3];
  const empty = Array<number>(R * T * 4).fill(0);
  const cache = kvAppendRef(
    [...token(1), ...token(2)],
    [1, 0],
    [0, 2],
    { keys: empty, values: empty },
    T,
    heads,
  );
  const rest = Array<number>(8).fill(0);
  expect(cache.keys).toEqual([...rest, 20, 21, 22, 23, 10, 11, 12, 13, ...rest]);
  expect(cache.values).toEqual([...rest, 24, 25, 26, 27, 14, 15, 16, 17, ...rest]);
});

it('puts a shared token into neighboring rows', () => {
  const empty = Array<number>(3 * 4).fill(0);
  const before = { keys: empty, values: empty };
  const cache = kvAppendRef(token(3), [1], [0], before, 1, heads, 2);
  expect(cache.keys).toEqual([0, 0, 0, 0, 30, 31, 32, 33, 30, 31, 32, 33]);
  expect(cache.values).toEqual([0, 0, 0, 0, 34, 35, 36, 37, 34, 35, 36, 37]);
});
