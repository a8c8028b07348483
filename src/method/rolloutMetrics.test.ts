import { expect, it } from 'vitest';
import { DEFAULT_RUN, RunConfig } from '../config/runConfig';
import { isDrawnPlainly, rolloutMetrics, type PlayedEpisodes } from './rolloutMetrics';

/** Two groups of two: solved at turns 1 and 2, and nobody; γ 0.5, no penalties. */
const played: PlayedEpisodes = {
  promptOf: [0, 1, 0, 1],
  turns: [1, 1, 2, 1],
  solvedAt: [1, 0, 2, 0],
  answers: [['1'], ['2'], ['3', '1'], ['4']],
  turnOf: [0, 1, 0, 1, 0, 1, 0, 2, 0, 1],
  logp: [0, -1, 0, -2, 0, -3, 0, -4, 0, -5],
};
const config = RunConfig.parse({ drift: { gamma: 0.5, beta: 1, lambda: 0 } });

it('reads rewards as TRL does, with Bessel’s correction', () => {
  const metrics = rolloutMetrics(played, config, true);
  expect(metrics.reward).toBeCloseTo((1 + 0.5) / 4, 12);
  expect(metrics.rewardStd).toBeCloseTo((Math.sqrt(2 * 0.25 ** 2) + 0) / 2, 12);
  expect(metrics.fracRewardZeroStd).toBe(0.5);
  expect(metrics.tokens).toBe(10);
  expect(metrics.entropy).toBe(3);
});

it('reads the weights of the run’s method', () => {
  const better = Math.exp(1);
  const worse = Math.exp(0.5);
  const metrics = rolloutMetrics(played, config, true);
  expect(metrics.weightMax).toBeCloseTo((2 * better) / (better + worse), 9);
  expect(metrics.essFraction).toBeCloseTo(
    ((better + worse) ** 2 / (better ** 2 + worse ** 2) / 2 + 1) / 2,
    9,
  );
  expect(metrics.weightOnWrong).toBeCloseTo(0.5, 9);
  const rft = { ...config, method: { ...config.method, name: 'rft' as const } };
  expect(rolloutMetrics(played, rft, true)).toMatchObject({ weightMax: 1, weightOnWrong: 0 });
});

it('tells no entropy where the sampler was another, or the log-probs are unknown', () => {
  expect(rolloutMetrics(played, config, false).entropy).toBeNaN();
  expect(rolloutMetrics({ ...played, logp: Array(10).fill(NaN) }, config, true).entropy).toBeNaN();
  expect(isDrawnPlainly(DEFAULT_RUN)).toBe(true);
  for (const change of [{ temperature: 0 }, { topK: 3 }, { topP: 0.9 }]) {
    expect(isDrawnPlainly(RunConfig.parse({ rollout: change }))).toBe(false);
  }
});

it('counts a group of one as without spread', () => {
  const alone = { ...played, promptOf: [0, 1, 2, 3] };
  expect(rolloutMetrics(alone, config, true)).toMatchObject({ rewardStd: 0, fracRewardZeroStd: 1 });
});
