import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driftWeights, effectiveSampleSize, weighRows } from './weights';

const SHIFT_RTOL = 1e-9; // |R|/β ≤ 50 leaves 50 ulp of the exponent at most
const group = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
  minLength: 1,
  maxLength: 32,
});
const tilt = fc.double({ min: 0.04, max: 10, noNaN: true }); // return

const expectClose = (got: ArrayLike<number>, expected: ArrayLike<number>, rtol: number): void => {
  expect(got.length).toBe(expected.length);
  for (let i = 0; i < got.length; i++) {
    const error = Math.abs(got[i]! - expected[i]!);
    expect(error, `element ${i}`).toBeLessThanOrEqual(rtol * Math.abs(expected[i]!));
  }
};

const successes = (m: number, K: number): number[] => Array.from({ length: K }, (_, k) => +(k < m));

describe('invariants of a group', () => {
  it('mean weight is one and no weight exceeds the group', () => {
    fc.assert(
      fc.property(group, tilt, (R, beta) => {
        const w = driftWeights(R, beta);
        expect(w.reduce((a, b) => a + b) / R.length).toBeCloseTo(1, 9);
        expect(Math.max(...w)).toBeLessThanOrEqual(R.length);
        expect(Math.min(...w)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('a constant added to all returns changes nothing', () => {
    fc.assert(
      fc.property(group, tilt, fc.double({ min: -2, max: 2, noNaN: true }), (R, beta, shift) => {
        const moved = R.map((r) => r + shift);
        expectClose(driftWeights(moved, beta), driftWeights(R, beta), SHIFT_RTOL);
      }),
    );
  });

  it('(β, R) → (cβ, cR) changes nothing', () => {
    fc.assert(
      fc.property(group, tilt, fc.double({ min: 0.1, max: 10, noNaN: true }), (R, beta, c) => {
        const scaled = R.map((r) => c * r);
        expectClose(driftWeights(scaled, c * beta), driftWeights(R, beta), SHIFT_RTOL);
      }),
    );
  });

  it('a group of one weighs 1/(1 + 1e-12), whatever its return', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e3, max: 1e3, noNaN: true }), tilt, (R, beta) => {
        expect(driftWeights([R], beta)[0]).toBe(1 / (1 + 1e-12));
      }),
    );
  });
});

describe('limits', () => {
  it('β → ∞ weighs all alike, as SFT does', () => {
    expectClose(driftWeights([1, 0.3, -0.4, 0], 1e9), [1, 1, 1, 1], 1e-8);
    expectClose(driftWeights([1, 0.3, -0.4, 0], Infinity), [1, 1, 1, 1], 1e-11);
  });

  it('β → 0 leaves the best of K, with weight K', () => {
    const [best, ...others] = driftWeights([0.9, 0.81, 0, -0.1], 1e-3);
    expect(best).toBeCloseTo(4, 9);
    expect(Math.max(...others)).toBeLessThan(1e-30);
  });

  it.each([0, 1, 3, 16])(
    '0/1 returns, β → 0, %i of 16 solved: K/m each, or 1 for a failed group',
    (m) => {
      const expected = successes(m, 16).map((solved) => (m === 0 ? 1 : (solved * 16) / m));
      const weights = driftWeights(successes(m, 16), 1e-3);
      expectClose(weights, expected, 1e-10); // ε is 1.6e-11 of the mean where m = 1
    },
  );

  it('AWR with V = β·log Ẑ and no clip is the same weight', () => {
    const [R, beta] = [[1, 0.81, 0, -0.3], 0.5];
    const V = beta * Math.log(R.reduce((a, r) => a + Math.exp(r / beta), 0) / R.length);
    expectClose(
      driftWeights(R, beta),
      R.map((r) => Math.exp((r - V) / beta)),
      1e-11,
    );
  });

  it('w − 1 → (R − mean R)/β for β far above the spread', () => {
    const [R, beta] = [[1, 0.5, 0, -0.5], 1e4];
    const scaled = [...driftWeights(R, beta)].map((w) => (w - 1) * beta);
    [0.75, 0.25, -0.25, -0.75].forEach((expected, i) => expect(scaled[i]).toBeCloseTo(expected, 3));
  });

  // K/(1 + 15·e^(−R/β)), to the four places worked out beforehand.
  it.each([
    [0.9, 0.1, 5, 15.6676],
    [0.3, 0.1, 3, 2.254],
    [0.7, 0.2, 2, 11.012],
    [0.9, 0.5, 4, 3.5631],
  ])('γ %f, β %f: one success at turn %i among 15 failures weighs %f', (gamma, beta, t, w) => {
    const R = [gamma ** (t - 1), ...successes(0, 15)];
    expect(driftWeights(R, beta)[0]).toBeCloseTo(w, 4);
  });
});

describe('refusals', () => {
  it.each([0, -1, NaN])('β = %f', (beta) => {
    expect(() => driftWeights([1], beta)).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });

  it.each([
    [[NaN, 1], 1],
    [[1, Infinity], 1],
    [[1e300], 1e-300],
  ])('returns %j at β = %f', (returns, beta) => {
    expect(() => driftWeights(returns, beta)).toThrow(
      expect.objectContaining({ code: 'file-invalid' }),
    );
  });
});

describe('effectiveSampleSize', () => {
  it('is K/(1 + CV²)', () => {
    const w = [3, 1, 0, 0]; // mean 1, variance (4 + 0 + 1 + 1)/4
    expect(effectiveSampleSize(w)).toBeCloseTo(4 / (1 + 1.5), 12);
    expect(effectiveSampleSize([0, 0])).toBe(0);
  });
});

describe('weighRows', () => {
  const rules = { gamma: 0.9, beta: 0.1, lambda: 0.5 };
  const row = fc.record({
    prompt_id: fc.constantFrom('a', 'b', 'c', 1, '1'),
    turn_rewards: fc.record({ t1: fc.constantFrom(0, 1), t2: fc.constantFrom(0, 1) }),
    answer_norms: fc.array(fc.constantFrom('3', '4', ''), { maxLength: 5 }),
    format_penalty: fc.constantFrom(0, -0.1, null),
  });

  it('permuting rows permutes weights', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (rows, keys) => {
        const order = rows
          .map((_, i) => ({ i, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ i }) => i);
        const weights = weighRows(rows, rules).map((r) => r.weight);
        const permuted = weighRows(
          order.map((i) => rows[i]!),
          rules,
        ).map((r) => r.weight);
        expectClose(
          permuted,
          order.map((i) => weights[i]!),
          1e-12,
        ); // sums run in another order
      }),
    );
  });

  it('splitting the prompts into batches changes no bit', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
        const isFirst = (r: (typeof rows)[number]): boolean => String(r.prompt_id) < 'b';
        const all = weighRows(rows, rules);
        const parts = [
          weighRows(rows.filter(isFirst), rules),
          weighRows(
            rows.filter((r) => !isFirst(r)),
            rules,
          ),
        ];
        expect(parts[0]).toEqual(all.filter((_, i) => isFirst(rows[i]!)));
        expect(parts[1]).toEqual(all.filter((_, i) => !isFirst(rows[i]!)));
      }),
    );
  });

  it.each([null, undefined, ''])('refuses prompt id %j', (prompt_id) => {
    expect(() => weighRows([{ prompt_id, turn_rewards: {} }], rules)).toThrow(
      expect.objectContaining({ code: 'file-invalid', facts: { row: 1 } }),
    );
  });

  it('takes 0 and false for ids', () => {
    const rows = [{ prompt_id: 0 }, { prompt_id: '0' }, { prompt_id: false }];
    expect(weighRows(rows, rules).map((r) => r.weight)).toEqual(Array(3).fill(1 / (1 + 1e-12)));
  });

  it('asks the row or the table whether format_penalty exists', () => {
    const rows = [
      { prompt_id: 'a', trajectory_penalty: -1 },
      { prompt_id: 'a', format_penalty: -0.1 },
    ];
    const penalties = (presence: 'row' | 'table'): number[] =>
      weighRows(rows, { ...rules, presence }).map((r) => r.formatPenalty);
    expect(penalties('row')).toEqual([-1, -0.1]);
    expect(penalties('table')).toEqual([0, -0.1]);
  });

  it('γ = 1, λ = 0 and no format penalty make weights depend on success alone', () => {
    const rows = [{ t1: 1 }, { t5: 1 }, { t1: 0 }, { t4: 0 }].map((turn_rewards) => ({
      prompt_id: 'a',
      turn_rewards,
      answer_norms: ['3', '3'],
    }));
    const [early, late, wrong, alsoWrong] = weighRows(rows, { gamma: 1, beta: 0.5, lambda: 0 });
    expect(early!.weight).toBe(late!.weight);
    expect(wrong!.weight).toBe(alsoWrong!.weight);
    expect(early!.weight / wrong!.weight).toBeCloseTo(Math.exp(2), 9);
  });
});
