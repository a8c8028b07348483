import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { numericGradient, worstMismatch } from '../testing/close';
import { rmsnormBackwardRef, rmsnormBackwardWeightRef, rmsnormForwardRef } from './rmsnorm.ref';

const SHAPE = { N: 5, C: 4 };
const CENTRAL = { rtol: 1e-6, atol: 1e-8 };

function draw(seed: number, n: number): Float64Array {
  return Float64Array.from({ length: n }, rng(seed).normal);
}

const inner = (a: ArrayLike<number>, b: Float64Array): number =>
  b.reduce((sum, value, i) => sum + value * a[i]!, 0);

describe('rmsnorm reference', () => {
  it('scales by the root mean square and the weight', () => {
    const shape = { N: 2, C: 2 };

    const { y, rstd } = rmsnormForwardRef([7, 1, 0, 0], [2, 10], shape);

    expect(rstd[0]).toBeCloseTo(0.2 * (1 - 0.5 * (1e-5 / 25)), 12); // mean square 25
    expect(rstd[1]).toBeCloseTo(Math.sqrt(1e5), 9); // nothing but ε
    expect(y[0]).toBeCloseTo(2.8, 5);
    expect(y[1]).toBeCloseTo(2, 5);
    expect([y[2], y[3]]).toEqual([0, 0]);
  });

  it('has the gradient of central differences', () => {
    const { N, C } = SHAPE;
    const [x, weight, dy] = [draw(1, N * C), draw(2, C), draw(3, N * C)];
    const numeric = numericGradient((at) => inner(rmsnormForwardRef(at, weight, SHAPE).y, dy), x);

    expect(
      worstMismatch(rmsnormBackwardRef(dy, x, weight, SHAPE), numeric, CENTRAL),
    ).toBeUndefined();
  });

  it.each([1, 2, 3, 7])('has the weight gradient of central differences in %i slices', (S) => {
    const { N, C } = SHAPE;
    const [x, weight, dy] = [draw(1, N * C), draw(2, C), draw(3, N * C)];
    const numeric = numericGradient((at) => inner(rmsnormForwardRef(x, at, SHAPE).y, dy), weight);

    const slices = rmsnormBackwardWeightRef(dy, x, SHAPE, S);

    const total = weight.map((_, c) => {
      let sum = 0;
      for (let s = 0; s < S; s++) sum += slices[s * C + c]!;
      return sum;
    });
    expect(worstMismatch(total, numeric, CENTRAL)).toBeUndefined();
  });

  it('gives each slice its own rows', () => {
    const shape = { N: 3, C: 1 };
    const slices = rmsnormBackwardWeightRef([1, 10, 100], [1, 1, 1], shape, 2);

    expect(slices[0]).toBeCloseTo(11, 3);
    expect(slices[1]).toBeCloseTo(100, 2);
  });
});
