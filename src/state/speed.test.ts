import { expect, test } from 'vitest';
import { speedAt } from './speed';

test('a speed is of the last second', () => {
  const rate = [900, 100, 300, 200];
  const ms = [1000, 500, 500, 250];
  expect([0, 1, 2, 3].map((i) => speedAt(rate, ms, i))).toEqual([
    900,
    950 / 1.5, // the step that fills the second counts as a whole
    200,
    (50 + 150 + 50) / 1.25,
  ]);
});

test('two steps noticed at once do not look fast', () => {
  const rate = [1000, 500, 1e7]; // 500 tokens each, the third .05 ms after the second
  const ms = [500, 1000, 0.05];
  expect(speedAt(rate, ms, 2)).toBeCloseTo(1000, 0);
});
