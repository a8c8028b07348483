import { expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { numericGradient, worstMismatch } from '../testing/close';
import { crossEntropyBackwardRef, crossEntropyForwardRef } from './cross_entropy.ref';

const EXACT = { rtol: 1e-14, atol: 1e-14 }; // a few roundings of float64

it('gives the values worked by hand', () => {
  // Row 0: odds 1 : 2 : 5; row 1: all equal, so ln 3; row 2: ignored. Column 3 is padding.
  const logits = [0, Math.log(2), Math.log(5), 99, 7, 7, 7, 99, 1, 2, 3, 99];
  const { nll, lse } = crossEntropyForwardRef(logits, [1, 0, -1], { M: 3, V: 3, stride: 4 });

  const last = 3 + Math.log(1 + Math.exp(-1) + Math.exp(-2));
  expect(worstMismatch(nll, [Math.log(4), Math.log(3), 0], EXACT)).toBeUndefined();
  expect(worstMismatch(lse, [Math.log(8), 7 + Math.log(3), last], EXACT)).toBeUndefined();
});

it('gives the gradient worked by hand', () => {
  const logits = [0, Math.log(2), Math.log(5), 99, 1, 2, 3, 99];
  const dlogits = crossEntropyBackwardRef(logits, [1, -1], [8, 1], { M: 2, V: 3, stride: 4 });

  expect(worstMismatch(dlogits, [1, -6, 5, 0, 0, 0, 0, 0], EXACT)).toBeUndefined();
});

it('stays finite where exp alone would not', () => {
  const { nll } = crossEntropyForwardRef([1e4, -1e4], [1], { M: 1, V: 2, stride: 2 });

  expect(nll[0]).toBe(2e4);
});

it('backward matches central differences (seed 1)', () => {
  const shape = { M: 3, V: 5, stride: 6 };
  const random = rng(1);
  const logits = Float64Array.from({ length: shape.M * shape.stride }, random.normal);
  const targets = [2, -1, 4];
  const coefficient = [1, 1, -0.25];
  const loss = (z: Float64Array): number =>
    crossEntropyForwardRef(z, targets, shape).nll.reduce(
      (sum, x, m) => sum + coefficient[m]! * x,
      0,
    );

  const analytic = crossEntropyBackwardRef(logits, targets, coefficient, shape);

  const numeric = numericGradient(loss, logits);
  expect(worstMismatch(analytic, numeric, { rtol: 1e-6, atol: 1e-9 })).toBeUndefined();
});
