import { expect, it } from 'vitest';
import { metricLines, rolloutLine } from './metricsJsonl';

it('writes TRL’s names, counts tokens on, and makes null of what JSON lacks', () => {
  const { text, tokens } = metricLines(
    {
      stage: 'train',
      step: [1, 2],
      loss: [0.5, NaN],
      nll: [1.25, Infinity],
      gradNorm: [3, 2],
      learningRate: [1e-7, 3e-4],
      tokensPerSecond: [4000, 1000 / 3],
      stepMs: [250, 30],
    },
    100,
  );
  expect(tokens).toBe(1110);
  expect(text).toBe(
    '{"stage":"train","step":1,"loss":0.5,"nll":1.25,"grad_norm":3,"learning_rate":1e-7,"num_tokens":1100,"step_time":0.25}\n' +
      '{"stage":"train","step":2,"loss":null,"nll":null,"grad_norm":2,"learning_rate":0.0003,"num_tokens":1110,"step_time":0.03}\n',
  );
});

it('writes what the rollouts are like, null where the entropy cannot be told', () => {
  const text = rolloutLine(
    {
      ...{ tokens: 900, reward: 0.25, rewardStd: 0.5, fracRewardZeroStd: 0.125, entropy: NaN },
      ...{ essFraction: 0.75, weightMax: 16, weightOnWrong: 0.01 },
    },
    0,
  );
  expect(text).toBe(
    '{"stage":"rollout","step":0,"reward":0.25,"reward_std":0.5,"frac_reward_zero_std":0.125,"entropy":null,' +
      '"drift/ess_fraction":0.75,"drift/weight_max":16,"drift/weight_on_wrong":0.01,"num_tokens":900}\n',
  );
});
