import { expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { numericGradient, worstMismatch } from '../testing/close';
import { gradNormRef } from './grad_norm.ref';

it('gives the values worked by hand', () => {
  const stretches = [
    { partials: [1, 5, 2, -1], slices: 2 },
    { partials: [4, 3, 5], slices: 3 },
  ];
  const { grad, norm, factor } = gradNormRef(stretches, 1);

  expect(grad).toEqual(Float64Array.of(3, 4, 12));
  expect(norm).toBe(13);
  expect(factor).toBeCloseTo(1 / 13, 6);
});

it('clips only what is longer than the clip', () => {
  const whole = (...partials: number[]) => [{ partials, slices: 1 }];
  expect(gradNormRef(whole(3, 4), 6).factor).toBe(1);
  expect(gradNormRef(whole(0, 0), 1)).toEqual({ grad: new Float64Array(2), norm: 0, factor: 1 });
});

it('is the norm: its derivative is the unit vector of the gradient (seed 2)', () => {
  const random = rng(2);
  const partials = Float64Array.from({ length: 2 * 5 }, random.normal);
  const of = (x: ArrayLike<number>) => gradNormRef([{ partials: x, slices: 2 }], 1);
  const { grad, norm } = of(partials);

  const numeric = numericGradient((x) => of(x).norm, partials);

  const unit = Float64Array.from(partials, (_, i) => grad[i % 5]! / norm);
  expect(worstMismatch(numeric, unit, { rtol: 1e-6, atol: 1e-9 })).toBeUndefined();
});

it('brings the gradient down to the clip', () => {
  const { norm, factor } = gradNormRef([{ partials: [30, 40], slices: 1 }], 2);

  expect(norm * factor).toBeCloseTo(2, 6);
});
