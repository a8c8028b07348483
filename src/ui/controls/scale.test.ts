import { expect, it } from 'vitest';
import { scaleOf } from './scale';

const SIZES = { scale: 'log', step: undefined, isInteger: true } as const;

it.each([
  { ...SIZES, min: 1, max: 1024 },
  { ...SIZES, min: 1, max: 4096 },
  { ...SIZES, min: 0.001, max: 10, isInteger: false },
])('every step of a logarithmic slider from $min to $max is another value', (range) => {
  const { min, max, toPosition, toValue } = scaleOf(range);
  const values = Array.from({ length: max - min + 1 }, (_, i) => toValue(min + i));
  expect([values[0], values.at(-1)]).toEqual([range.min, range.max]);
  expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
  values.forEach((value, i) => expect(toPosition(value)).toBe(min + i));
});

it('a value between two stops stands at the nearer one', () => {
  const { toPosition, toValue } = scaleOf({ ...SIZES, min: 1, max: 1024 });
  expect(toValue(toPosition(65))).toBe(64);
  expect(toValue(toPosition(1000))).toBe(1024);
});
