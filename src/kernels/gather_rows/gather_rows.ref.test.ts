import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { numericGradient, worstMismatch } from '../testing/close';
import { gatherRowsBackwardRef, gatherRowsForwardRef } from './gather_rows.ref';

describe('gather_rows reference', () => {
  it('copies the chosen rows', () => {
    expect([...gatherRowsForwardRef([1, 2, 3, 4, 5, 6], [2, 0], 2)]).toEqual([5, 6, 1, 2]);
  });

  it('has the gradient of central differences', () => {
    const index = [4, 0, 3]; // 1 and 2 are not chosen
    const random = rng(1);
    const x = Float64Array.from({ length: 10 }, random.normal);
    const dy = Float64Array.from({ length: 6 }, random.normal);
    const numeric = numericGradient(
      (at) => gatherRowsForwardRef(at, index, 2).reduce((sum, y, i) => sum + y * dy[i]!, 0),
      x,
    );

    expect(
      worstMismatch(gatherRowsBackwardRef(dy, index, { N: 5, C: 2 }), numeric, {
        rtol: 1e-7,
        atol: 1e-8,
      }),
    ).toBeUndefined();
  });
});
