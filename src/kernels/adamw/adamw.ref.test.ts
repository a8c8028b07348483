import { describe, expect, it } from 'vitest';
import { adamwStepRef, type AdamwRefSettings, type AdamwState } from './adamw.ref';

const PLAIN: AdamwRefSettings = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0,
  decayed: 0,
};

const stateOf = (...param: number[]): AdamwState => ({
  param: Float64Array.from(param),
  m: new Float64Array(param.length),
  v: new Float64Array(param.length),
});

describe('adamwStepRef', () => {
  it('moves by the learning rate against the sign of the first gradient', () => {
    const state = stateOf(1, 1, 1);

    adamwStepRef(state, [3, -0.001, 0], 1, 1, PLAIN);

    expect(state.param[0]).toBeCloseTo(0.9, 8);
    expect(state.param[1]).toBeCloseTo(1.1, 5);
    expect(state.param[2]).toBe(1);
  });

  it('gives the second step worked by hand', () => {
    const state = stateOf(0);

    adamwStepRef(state, [1], 1, 1, PLAIN);
    adamwStepRef(state, [-1], 1, 2, PLAIN);

    // m = 0.9·0.1 − 0.1 = −0.01, m̂ = −0.01/0.19; v = 0.99·0.01 + 0.01 = 0.0199, v̂ = 1.
    expect(state.m[0]).toBeCloseTo(-0.01, 15);
    expect(state.v[0]).toBeCloseTo(0.0199, 15);
    expect(state.param[0]).toBeCloseTo(-0.1 + 0.1 * (0.01 / 0.19), 8);
  });

  it('decays decoupled from the gradient, and only the first parameters', () => {
    const state = stateOf(2, 2);

    adamwStepRef(state, [0, 0], 1, 1, { ...PLAIN, weightDecay: 0.5, decayed: 1 });

    expect(state.param).toEqual(Float64Array.of(2 - 0.1 * 0.5 * 2, 2));
  });

  it('sees the gradient only after the clip', () => {
    const clipped = stateOf(1);
    const scaled = stateOf(1);

    adamwStepRef(clipped, [8], 0.25, 1, PLAIN);
    adamwStepRef(scaled, [2], 1, 1, PLAIN);

    expect(clipped).toEqual(scaled);
    expect(clipped.m[0]).toBeCloseTo(0.2, 15);
  });

  it('finds the minimum of a badly scaled bowl', () => {
    const state = stateOf(5, -3);

    for (let t = 1; t <= 2000; t++) {
      const [x = 0, y = 0] = state.param;
      adamwStepRef(state, [200 * (x - 1), 0.02 * (y - 2)], 1, t, { ...PLAIN, learningRate: 0.02 });
    }

    expect(state.param[0]).toBeCloseTo(1, 4);
    expect(state.param[1]).toBeCloseTo(2, 4);
  });
});
