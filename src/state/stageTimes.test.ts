import { expect, test } from 'vitest';
import { DEFAULT_RUN } from '../config/runConfig';
import { NO_COSTS } from '../data/results';
import { eventually } from '../shared/testing/eventually';
import type { FinishedRun } from './resultsSlice';
import { besideOnline, costsOf, measuredSaving, stageTimes } from './stageTimes';
import { createPlayground } from './store';
import { createMemoryClient, noRecording } from './testing/memoryClient';

const COSTS = {
  ...NO_COSTS,
  overlapSeconds: 2,
  evaluationOverlapSeconds: 1.5,
  seconds: { pretrain: 100, rollout: 5, train: 8, evaluate: 3 },
};

/** The default run as it would be in the history, for what matters here. */
const finished = (overlap: boolean, costs = COSTS, isWarm = true): FinishedRun =>
  ({
    config: { ...DEFAULT_RUN, engine: { ...DEFAULT_RUN.engine, overlap } },
    costs,
    isWarm,
  }) as FinishedRun;

test('stages add up to more than they took by what overlapped; pretraining is none of them', () => {
  expect(stageTimes(COSTS)).toEqual({ took: 12.5, addUpTo: 16, overlapped: 3.5, playedBeside: 2 });
});

test('what overlap saves is told once the same run was there with and without', () => {
  const inTurn = { ...COSTS, overlapSeconds: 0, evaluationOverlapSeconds: 0 };
  const both = [finished(true), finished(false, inTurn)];
  expect(measuredSaving([finished(true)], DEFAULT_RUN)).toEqual({ overlapping: 12.5 });
  expect(measuredSaving(both, DEFAULT_RUN)).toEqual({ overlapping: 12.5, inTurn: 16 });
  expect(measuredSaving(both, both[1]!.config)).toEqual({ overlapping: 12.5, inTurn: 16 });
  expect(measuredSaving(both, { ...DEFAULT_RUN, seed: 9 })).toEqual({});
  const first = finished(true, COSTS, false); // its kernels compiled meanwhile
  expect(measuredSaving([first, both[1]!], DEFAULT_RUN)).toEqual({ inTurn: 16 });
});

test('a run stands beside the last one of the other kind that did as much on the same prompts', () => {
  const { config } = finished(true);
  const grpo = { ...config, method: { ...config.method, name: 'grpo' } };
  const waiting = { ...NO_COSTS, seconds: { ...COSTS.seconds, rollout: 9, train: 10 } };
  const online = { config: grpo, costs: waiting, isWarm: false } as FinishedRun;
  const history = [finished(true), online];
  const both = {
    online: { method: 'grpo', seconds: 19, isWarm: false },
    offline: { method: 'drift', seconds: 11, isWarm: true },
  };
  expect(besideOnline(history, config)).toEqual(both);
  expect(besideOnline(history, grpo)).toEqual(both);
  expect(besideOnline([finished(false), online], grpo)).toBeUndefined();
  const others = [
    { ...grpo, seed: 9 },
    { ...grpo, online: { ...grpo.online, passes: 2 } },
    { ...grpo, rollout: { ...grpo.rollout, prompts: 7 } },
  ].map((other) => ({ ...online, config: other }));
  expect(besideOnline([finished(true), ...others], config)).toBeUndefined();
});

test('the costs so far are those of the last progress, then those of the end', async () => {
  const memory = createMemoryClient();
  const store = createPlayground(memory.open, noRecording);
  store.getState().setSetting('rollout.prompts', 2);
  const release = memory.hold();
  const run = store.getState().run();
  await eventually(() => expect(store.getState().reference).toBeDefined());
  expect(costsOf(store.getState().phase)).toBeUndefined();
  const progress = { kind: 'progress', stage: 'train', done: 1, total: 4 } as const;
  store.getState().receive({ ...progress, secondsLeft: undefined, costs: COSTS });
  expect(costsOf(store.getState().phase)).toBe(COSTS);
  release();
  await run;
  expect(costsOf(store.getState().phase)?.trainedTokens).toBe(40);
});
