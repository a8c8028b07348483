import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { numericGradient, worstMismatch } from '../testing/close';
import { chosenRef, rmsnormBackwardRef, rmsnormForwardRef } from './rmsnorm.ref';

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

  it.each([1, 2, 3])('has the gradients of central differences in %i slices', (S) => {
    const { N, C } = SHAPE;
    const [x, weight, dy] = [draw(1, N * C), draw(2, C), draw(3, N * C)];

    const { dx, dweight } = rmsnormBackwardRef(dy, x, weight, SHAPE, S);

    const ofInput = numericGradient((at) => inner(rmsnormForwardRef(at, weight, SHAPE).y, dy), x);
    const ofWeight = numericGradient((at) => inner(rmsnormForwardRef(x, at, SHAPE).y, dy), weight);
    const total = weight.map((_, c) => {
      let sum = 0;
      for (let s = 0; s < S; s++) sum += dweight[s * C + c]!;
      return sum;
    });
    expect(worstMismatch(dx, ofInput, CENTRAL)).toBeUndefined();
    expect(worstMismatch(total, ofWeight, CENTRAL)).toBeUndefined();
  });

  it('gives each slice its own rows, in fours', () => {
    const dy = [1, 10, 100, 1000, 1e4];
    const ones = new Float64Array(5).fill(1);
    const { dweight } = rmsnormBackwardRef(dy, ones, [1], { N: 5, C: 1 }, 3);

    expect(dweight[0]).toBeCloseTo(1111, 1);
    expect(dweight[1]).toBeCloseTo(1e4, 0);
    expect(dweight[2]).toBe(0);
  });

  it('takes the rows it is told to', () => {
    expect([...chosenRef([1, 2, 3, 4, 5, 6], [2, 0], 2)]).toEqual([5, 6, 1, 2]);
  });
});
