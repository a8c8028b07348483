import { expect, it } from 'vitest';
import { median, quantile } from './quantile';

it('takes quantiles between neighbors', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 9])).toBe(9.5);
  expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75);
  expect(quantile(new Set([4, 1, 3, 2]), 1)).toBe(4);
});
