import { describe, expect, it } from 'vitest';
import { worstMismatch } from '../kernels/testing/close';
import { attention, linear, rmsnorm, rotate, type Frame } from './ops.ref';

const EXACT = { rtol: 1e-14, atol: 1e-14 }; // a few roundings of float64

describe('ops.ref, by hand', () => {
  it('linear multiplies by the transposed matrix', () => {
    const y = linear(Float64Array.of(1, 2), Float64Array.of(1, 10, 2, 20, 3, 30), 2);

    expect(y).toEqual(Float64Array.of(21, 42, 63));
  });

  it('rmsnorm divides by the root mean square, with 1e-5 under the root', () => {
    const y = rmsnorm(Float64Array.of(3, -4, 0, 0), Float64Array.of(2, 1, 1, 1));

    const rms = Math.sqrt(25 / 4 + 1e-5);
    expect(worstMismatch(y, [6 / rms, -4 / rms, 0, 0], EXACT)).toBeUndefined();
  });

  it('rotate pairs dimension i with i + D/2', () => {
    const x = Float64Array.of(1, 1, 0, 0); // one token, one head, D = 4: angles 3 and 3·100^(−1/2)

    rotate(x, [3], 4, 100, 1);

    const want = [Math.cos(3), Math.cos(0.3), Math.sin(3), Math.sin(0.3)];
    expect(worstMismatch(x, want, EXACT)).toBeUndefined();
    rotate(x, [3], 4, 100, -1);
    expect(worstMismatch(x, [1, 1, 0, 0], EXACT)).toBeUndefined();
  });

  it('attention shares a key-value head among neighboring query heads', () => {
    const frame: Frame = { N: 1, C: 4, H: 4, Hkv: 2, D: 1, base: 1, start: [0], position: [0] };

    const y = attention(frame, {
      q: new Float64Array(4),
      k: new Float64Array(2),
      v: Float64Array.of(5, 7),
    });

    expect(y).toEqual(Float64Array.of(5, 5, 7, 7));
  });

  it('attention is the softmax of q·k/√D over the own sequence so far', () => {
    // D = 4, so scores are halved; tokens 0 and 1 | 2 and 3 are two sequences.
    const four = (...x: number[]) => Float64Array.from(x.flatMap((a) => [a, 0, 0, 0]));
    const frame: Frame = {
      ...{ N: 4, C: 4, H: 1, Hkv: 1, D: 4, base: 1 },
      ...{ start: [0, 0, 2, 2], position: [0, 1, 0, 1] },
    };
    const q = four(1, 2, 1, 1);

    const y = attention(frame, { q, k: four(0, Math.log(3), 9, 9), v: four(8, 16, 3, 5) });

    // Token 1: odds 1 : 3. Token 3: equal odds, blind to tokens 0 and 1.
    expect(worstMismatch(y, four(8, 14, 3, 4), EXACT)).toBeUndefined();
  });
});
