import { describe, expect, it } from 'vitest';
import { sampleRef } from './sample.ref';

const row = [Math.log(0.2), Math.log(0.5), Math.log(0.2), Math.log(0.1)];
const plain = { temperature: 1, topK: 0, topP: 1 };
const draws = (options: typeof plain, us: readonly number[]): number[] =>
  us.map((u) => sampleRef(row, options, u).id);

describe('sampleRef', () => {
  it('inverts the distribution function in id order', () => {
    expect(draws(plain, [0, 0.19, 0.21, 0.69, 0.71, 0.89, 0.91, 0.999])).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3,
    ]);
  });

  it('scores the token at temperature 1, whatever it was drawn with', () => {
    for (const options of [plain, { temperature: 0, topK: 0, topP: 1 }, { ...plain, topK: 1 }]) {
      const { id, logp } = sampleRef(row, options, 0.5);
      expect(id).toBe(1);
      expect(logp).toBeCloseTo(Math.log(0.5), 12);
    }
  });

  it('at temperature ½ squares the odds', () => {
    const total = 0.04 + 0.25 + 0.04 + 0.01;
    const cdf = [0.04, 0.29, 0.33].map((x) => x / total);
    const half = { ...plain, temperature: 0.5 };
    expect(
      draws(
        half,
        cdf.flatMap((x) => [x - 1e-9, x + 1e-9]),
      ),
    ).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it('top-k keeps the k likeliest, lower ids first among equals', () => {
    const cdf = 0.2 / 0.7; // tokens 0 and 1 are left
    const two = { ...plain, topK: 2 };
    expect(draws(two, [cdf - 1e-9, cdf + 1e-9, 0.999])).toEqual([0, 1, 1]);
    expect(draws({ ...plain, topK: 1 }, [0, 0.5, 0.999])).toEqual([1, 1, 1]);
  });

  it('top-p keeps tokens until they hold p, and always the first', () => {
    expect(draws({ ...plain, topP: 0.01 }, [0, 0.5, 0.999])).toEqual([1, 1, 1]);
    const cdf = 0.2 / 0.7; // 0.5 < 0.6 lets token 0 in; 0.7 ≥ 0.6 ends it
    expect(draws({ ...plain, topP: 0.6 }, [cdf - 1e-9, cdf + 1e-9, 0.999])).toEqual([0, 1, 1]);
    expect(draws({ ...plain, topP: 0.95 }, [0.999])).toEqual([3]);
  });
});
