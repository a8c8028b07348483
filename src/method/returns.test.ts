import { describe, expect, it } from 'vitest';
import { discountedReturn, formatPenalty, repeatPenalty } from './returns';

describe('numbers as Python reads them', () => {
  it.each([
    ['0.5', 0.5],
    [' -1_0.5e-1\n', -1.05],
    ['.5', 0.5],
    ['5.', 5],
    ['+1E2', 100],
    [true, 1],
    [false, 0],
    ['True', 0],
    ['', 0],
    ['  ', 0],
    ['0x10', 0],
    ['1__0', 0],
    ['_1', 0],
    ['1_', 0],
    ['.', 0],
    ['1 0', 0],
    [null, 0],
    [undefined, 0],
    [[1], 0],
    [{}, 0],
  ])('%j is %f', (value, number) => expect(discountedReturn({ t1: value }, 1)).toBe(number));

  it.each(['inf', '-Infinity', 'nan', '1e999', Infinity, NaN])('%s is not finite: 0', (value) =>
    expect(discountedReturn({ t1: value, t2: 1 }, 1)).toBe(1),
  );
});

describe('discountedReturn', () => {
  it('is γ^(t−1) for a success at turn t', () => {
    expect(discountedReturn({ t1: 0, t2: 0, t3: 1, t4: 0, t5: 0 }, 0.5)).toBe(0.25);
  });

  it('rewards only the first turn at γ = 0', () => {
    expect(discountedReturn({ t1: 1, t2: 1 }, 0)).toBe(1);
    expect(discountedReturn({ t1: 0, t2: 1 }, 0)).toBe(0);
  });

  it('refuses t0 at γ = 0, where it is infinite', () => {
    expect(() => discountedReturn({ t0: 1 }, 0)).toThrow(
      expect.objectContaining({ code: 'file-invalid' }),
    );
  });

  it.each([null, undefined, [1, 1], 't1', 1, {}])('%j gives 0', (rewards) =>
    expect(discountedReturn(rewards, 0.9)).toBe(0),
  );
});

describe('repeatPenalty', () => {
  it('never counts what Python calls false as new', () => {
    expect(repeatPenalty([0, false, '', null, [], {}, '1'], 0.7)).toBeCloseTo(0.6, 15);
  });

  it('is 0 for one answer, for no list and for a negative λ', () => {
    expect(repeatPenalty(['7'], 0.5)).toBe(0);
    expect(repeatPenalty('77', 0.5)).toBe(0);
    expect(repeatPenalty(['7', '7'], -1)).toBe(0);
  });

  it('compares a boolean as Python writes it', () => {
    expect(repeatPenalty([true, 'True'], 0.5)).toBe(0.25);
    expect(repeatPenalty([true, 'true'], 0.5)).toBe(0);
  });
});

describe('formatPenalty', () => {
  it('falls back to trajectory_penalty only where format_penalty does not exist', () => {
    expect(formatPenalty({ trajectory_penalty: '-0.2' })).toBe(-0.2);
    expect(formatPenalty({ format_penalty: null, trajectory_penalty: -0.2 })).toBe(0);
    expect(formatPenalty({ trajectory_penalty: -0.2 }, true)).toBe(0);
    expect(formatPenalty({})).toBe(0);
  });
});
