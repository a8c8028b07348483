import { expect, it } from 'vitest';

it.each([
  ['an element', Float32Array.of(1, 2), Float32Array.of(1, 3)],
  ['a length', Float32Array.of(1, 2), Float32Array.of(1, 2, 0)],
  ['a sign of zero', Float32Array.of(0), Float32Array.of(-0)],
  ['a type', Float32Array.of(1), Uint32Array.of(1)],
])('typed arrays that differ in %s are not equal', (_, a, b) => {
  expect({ a }).not.toEqual({ a: b });
});

it('typed arrays of the same numbers are equal, NaN too', () => {
  expect([Float32Array.of(1, NaN, -0)]).toEqual([Float32Array.of(1, NaN, -0)]);
});
