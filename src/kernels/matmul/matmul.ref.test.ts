import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { numericGradient, worstMismatch } from '../testing/close';
import { matmulBackwardRef, matmulForwardRef } from './matmul.ref';

const SHAPE = { N: 5, K: 3, M: 4 };
const CENTRAL = { rtol: 1e-7, atol: 1e-8 }; // the function is linear: only rounding is left

function draw(seed: number, n: number): Float64Array {
  return Float64Array.from({ length: n }, rng(seed).normal);
}

const inner = (a: ArrayLike<number>, b: Float64Array): number =>
  b.reduce((sum, value, i) => sum + value * a[i]!, 0);

describe('matmul reference', () => {
  it('multiplies rows by rows', () => {
    const x = [1, 2, 3, 4]; // [2,2]
    const w = [1, 0, 0, 1, 1, -1]; // [3,2]
    const shape = { N: 2, K: 2, M: 3 };

    expect([...matmulForwardRef(x, w, shape)]).toEqual([1, 2, -1, 3, 4, -1]);
    const residual = [10, 20, 30, 40, 50, 60];
    expect([...matmulForwardRef(x, w, shape, residual)]).toEqual([11, 22, 29, 43, 54, 59]);
  });

  it.each([1, 2, 3])('has the gradients of central differences in %i slices', (S) => {
    const { N, K, M } = SHAPE;
    const [x, w, dy] = [draw(1, N * K), draw(2, M * K), draw(3, N * M)];

    const { dx, dw } = matmulBackwardRef(dy, w, x, SHAPE, S);

    const ofInput = numericGradient((at) => inner(matmulForwardRef(at, w, SHAPE), dy), x);
    const ofWeight = numericGradient((at) => inner(matmulForwardRef(x, at, SHAPE), dy), w);
    const total = w.map((_, i) => {
      let sum = 0;
      for (let s = 0; s < S; s++) sum += dw[s * M * K + i]!;
      return sum;
    });
    expect(worstMismatch(dx, ofInput, CENTRAL)).toBeUndefined();
    expect(worstMismatch(total, ofWeight, CENTRAL)).toBeUndefined();
  });

  it('gives each slice its own rows, in fours', () => {
    const dy = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]; // [9,1]
    const ones = new Float64Array(9).fill(1);
    const slices = (S: number): number[] => {
      return [...matmulBackwardRef(dy, [1], ones, { N: 9, K: 1, M: 1 }, S).dw];
    };

    expect(slices(2)).toEqual([11_111_111, 1e8]);
    expect(slices(3)).toEqual([1111, 11_110_000, 1e8]);
    expect(slices(4)).toEqual([1111, 11_110_000, 1e8, 0]);
  });
});
