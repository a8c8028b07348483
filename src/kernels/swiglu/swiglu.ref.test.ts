import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { matmulForwardRef } from '../matmul/matmul.ref';
import { numericGradient, worstMismatch } from '../testing/close';
import { activationRef, swigluBackwardRef, swigluForwardRef } from './swiglu.ref';

describe('swiglu reference', () => {
  it('gates by x · sigmoid(x)', () => {
    const third = Math.log(2); // sigmoid is 2/3 here and 1/3 at its negative
    const { y } = activationRef([third, -third, 0, 3, 5, 7], 3); // gates, then ups

    expect(y[0]).toBeCloseTo(2 * third, 12);
    expect(y[1]).toBeCloseTo((-5 / 3) * third, 12);
    expect(y[2]).toBe(0);
  });

  it('makes gates from the first half of the weights, ups from the second', () => {
    const [x, w] = [
      [2, 3], //               [1,2]
      [1, 0, 0, 1, 1, 1, 1, -1], // [4,2]
    ];
    const { gu, y } = swigluForwardRef(x, w, { N: 1, K: 2, F: 2 });

    expect([...gu]).toEqual([2, 3, 5, -1]);
    expect([...y]).toEqual([...activationRef([2, 3, 5, -1], 2).y]);
  });

  it('has the gradients of central differences', () => {
    const shape = { N: 5, F: 3, M: 2 };
    const random = rng(1);
    const draw = (n: number): Float64Array => Float64Array.from({ length: n }, random.normal);
    const [gu, w, dy] = [draw(30).map((g) => 2 * g), draw(6), draw(10)];
    const loss = (at: Float64Array, weight: Float64Array): number =>
      matmulForwardRef(activationRef(at, 3).y, weight, { N: 5, K: 3, M: 2 }).reduce(
        (sum, y, i) => sum + y * dy[i]!,
        0,
      );

    const { slopes, y: x } = activationRef(gu, 3);
    const { dgu, dw } = swigluBackwardRef(dy, w, x, slopes, shape);

    const close = { rtol: 1e-6, atol: 1e-8 };
    const ofGates = numericGradient((at) => loss(at, w), gu);
    const ofWeights = numericGradient((at) => loss(gu, at), w);
    expect(worstMismatch(dgu, ofGates, close)).toBeUndefined();
    expect(worstMismatch(dw, ofWeights, close)).toBeUndefined();
  });
});
