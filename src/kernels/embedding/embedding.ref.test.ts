import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { numericGradient, worstMismatch } from '../testing/close';
import { embeddingBackwardRef, embeddingForwardRef } from './embedding.ref';

describe('embedding reference', () => {
  it('looks rows up', () => {
    const w = [1, 2, 3, 4, 5, 6]; // [3,2]
    expect([...embeddingForwardRef([2, 0, 2], w, { V: 3, C: 2 })]).toEqual([5, 6, 1, 2, 5, 6]);
  });

  it('has the gradient of central differences', () => {
    const shape = { V: 4, C: 3 };
    const tokens = [1, 3, 1, 1, 0]; // 2 never occurs
    const random = rng(1);
    const w = Float64Array.from({ length: 12 }, random.normal);
    const dy = Float64Array.from({ length: 15 }, random.normal);
    const numeric = numericGradient(
      (at) => embeddingForwardRef(tokens, at, shape).reduce((sum, y, i) => sum + y * dy[i]!, 0),
      w,
    );

    expect(
      worstMismatch(embeddingBackwardRef(tokens, dy, shape), numeric, { rtol: 1e-7, atol: 1e-8 }),
    ).toBeUndefined();
  });

  it('gives each slice an equal share of every token, rounded up', () => {
    const tokens = [0, 1, 0, 0, 1, 0, 0];
    const dy = [1, 10, 2, 4, 20, 8, 16]; // [7,1]

    expect([...embeddingBackwardRef(tokens, dy, { V: 2, C: 1 }, 3)]).toEqual([
      3, 10, 12, 20, 16, 0,
    ]);
  });
});
