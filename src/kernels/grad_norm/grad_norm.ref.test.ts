import { expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { numericGradient, worstMismatch } from '../testing/close';
import { gradNormRef } from './grad_norm.ref';

it('gives the values worked by hand', () => {
  const { grad, norm, factor } = gradNormRef([1, 5, 2, -1], 2, 2, 1);

  expect(grad).toEqual(Float64Array.of(3, 4));
  expect(norm).toBe(5);
  expect(factor).toBeCloseTo(0.2, 6);
});

it('clips only what is longer than the clip', () => {
  expect(gradNormRef([3, 4], 1, 2, 6).factor).toBe(1);
  expect(gradNormRef([0, 0], 1, 2, 1)).toEqual({ grad: new Float64Array(2), norm: 0, factor: 1 });
});

it('is the norm: its derivative is the unit vector of the gradient (seed 2)', () => {
  const random = rng(2);
  const partials = Float64Array.from({ length: 2 * 5 }, random.normal);
  const { grad, norm } = gradNormRef(partials, 2, 5, 1);

  const numeric = numericGradient((x) => gradNormRef(x, 2, 5, 1).norm, partials);

  const unit = Float64Array.from(partials, (_, i) => grad[i % 5]! / norm);
  expect(worstMismatch(numeric, unit, { rtol: 1e-6, atol: 1e-9 })).toBeUndefined();
});

it('brings the gradient down to the clip', () => {
  const { norm, factor } = gradNormRef([30, 40], 1, 2, 2);

  expect(norm * factor).toBeCloseTo(2, 6);
});
