import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { numericGradient, worstMismatch } from '../testing/close';
import { swigluBackwardRef, swigluForwardRef } from './swiglu.ref';

describe('swiglu reference', () => {
  it('gates by x · sigmoid(x)', () => {
    const third = Math.log(2); // sigmoid is 2/3 here and 1/3 at its negative
    const gu = [third, -third, 0, 3, 5, 7]; // gates, then ups
    const y = swigluForwardRef(gu, { N: 1, F: 3 });

    expect(y[0]).toBeCloseTo(2 * third, 12);
    expect(y[1]).toBeCloseTo((-5 / 3) * third, 12);
    expect(y[2]).toBe(0);
  });

  it('has the gradient of central differences', () => {
    const shape = { N: 4, F: 5 };
    const random = rng(1);
    const gu = Float64Array.from({ length: 40 }, () => 2 * random.normal());
    const dy = Float64Array.from({ length: 20 }, random.normal);
    const numeric = numericGradient(
      (at) => swigluForwardRef(at, shape).reduce((sum, y, i) => sum + y * dy[i]!, 0),
      gu,
    );

    expect(
      worstMismatch(swigluBackwardRef(gu, dy, shape), numeric, { rtol: 1e-6, atol: 1e-8 }),
    ).toBeUndefined();
  });
});
