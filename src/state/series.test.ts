import { expect, test } from 'vitest';
import { Series } from './series';

test('grows past its capacity and keeps every value in order', () => {
  const series = new Series(['x', 'y'], 2);
  for (let i = 0; i < 9; i++) series.append({ x: [i, i + 0.5], y: [-i, -i] });
  expect(series.length).toBe(18);
  expect(Array.from(series.column('x').slice(0, 4))).toEqual([0, 0.5, 1, 1.5]);
  expect(series.column('x').at(-1)).toBe(8.5);
  expect(series.column('y').at(-1)).toBe(-8);
});

test('an empty series has empty columns', () => {
  expect(new Series(['x']).column('x').length).toBe(0);
});
