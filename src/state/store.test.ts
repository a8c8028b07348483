import { beforeEach, expect, test, vi } from 'vitest';
import { NO_COSTS } from '../data/results';
import { TASKS } from '../data/tasks/registry';
import { PlaygroundError } from '../shared/errors';
import { eventually } from '../shared/testing/eventually';
import { metricsText } from './runExport';
import { createPlayground, type PlaygroundStore } from './store';
import {
  createMemoryClient,
  groupOf,
  noRecording,
  type MemoryClient,
} from './testing/memoryClient';

let memory: MemoryClient;
let store: PlaygroundStore;
const now = () => store.getState();

beforeEach(() => {
  memory = createMemoryClient();
  store = createPlayground(memory.open, noRecording);
  now().setSetting('rollout.prompts', 6);
  now().setSetting('rollout.trajectories', 4);
});

test('nothing is opened before somebody asks', () => {
  now().setSetting('drift.beta', 0.2);
  expect(memory.calls).toEqual([]);
  expect(now().phase).toEqual({ name: 'idle' });
});

test('looking ahead samples the first groups, which the run keeps', async () => {
  await now().lookAhead();
  expect(now().phase).toEqual({ name: 'idle' });
  expect(now().rollouts?.weights.length).toBe(16); // 4 groups of 4
  await now().run();
  expect(now().rollouts?.weights.length).toBe(24);
  expect(memory.calls.filter((call) => call === 'prepare')).toHaveLength(1);
});

test('a run goes from running to finished and is kept', async () => {
  const release = memory.hold();
  const run = now().run();
  await eventually(() => expect(now().reference).toBeDefined());
  expect(now().phase.name).toBe('running');
  release();
  await run;
  expect(now().phase).toMatchObject({ name: 'finished', end: { step: 4 } });
  expect(Array.from(now().metrics.column('step'))).toEqual([1, 2, 3, 4]);
  expect(now().evaluations.map((e) => e.step)).toEqual([4]);
  expect(now().history).toMatchObject([{ id: 1, weightsHash: 'abc' }]);
  expect(now().history[0]!.durationSeconds).toBeLessThan(5); // wall time, not the sum of stages
});

test('an axis of steps is as long as the run from its first word on', async () => {
  const release = memory.hold();
  const run = now().run();
  await eventually(() => expect(now().reference).toBeDefined());
  const progress = { kind: 'progress', done: 1, secondsLeft: undefined, costs: NO_COSTS } as const;
  now().receive({ ...progress, stage: 'train', total: 9 });
  now().receive({ ...progress, stage: 'rollout', total: 6 });
  expect(now().totalSteps).toEqual({ pretrain: 0, train: 9 });
  release();
  await run;
  now().beginRun(now().config);
  expect(now().totalSteps).toEqual({ pretrain: 0, train: 0 });
});

test('a step pauses, and the next run goes on where it was', async () => {
  await now().run(1);
  expect(now().phase).toMatchObject({ name: 'paused', end: { step: 1 } });
  await now().run();
  expect(Array.from(now().metrics.column('step'))).toEqual([1, 2, 3, 4]);
  expect(now().phase.name).toBe('finished');
});

test('a changed weight setting trains again from the start, on the same tries', async () => {
  await now().run(2);
  const { trajectories } = now().rollouts!;
  now().setSetting('drift.beta', 1);
  await now().run(1);
  expect(now().rollouts!.trajectories).toBe(trajectories);
  expect(now().metrics.length).toBe(1);
});

test('moving β re-weighs at once, and samples nothing', async () => {
  await now().run();
  const before = now().rollouts!;
  const calls = memory.calls.length;
  now().setSetting('drift.beta', 100);
  const after = now().rollouts!;
  expect(after.trajectories).toBe(before.trajectories);
  expect(before.weights[0]).toBeGreaterThan(3.9); // the one success of four takes nearly all
  expect(after.weights[0]).toBeCloseTo(1, 1); // β → ∞: all alike
  expect(memory.calls.length).toBe(calls);
});

test('the method decides what the tries weigh', async () => {
  await now().lookAhead();
  now().setSetting('method.name', 'rft');
  expect(Array.from(now().rollouts!.weights.slice(0, 4))).toEqual([1, 0, 0, 0]);
  now().setSetting('method.name', 'sft');
  expect(Array.from(now().rollouts!.weights.slice(0, 4))).toEqual([1, 1, 1, 1]);
});

test('pause asks the client and ends paused', async () => {
  const release = memory.hold();
  const run = now().run();
  await eventually(() => expect(now().reference).toBeDefined());
  now().pause();
  expect(now().phase).toMatchObject({ name: 'running', pausing: true });
  release();
  await run;
  expect(now().phase).toMatchObject({ name: 'paused', end: { step: 0 } });
});

test('a step is measured between runs, and what was measured belongs to its run', async () => {
  await now().measureStep();
  expect(now().profile).toBeUndefined(); // no step yet
  await now().run();
  await now().measureStep();
  const { phase, profile } = now();
  expect(profile?.step.kernels[0]?.label).toBe('matmul_forward');
  expect(phase.name === 'finished' && phase.end).toBe(profile?.of);
  memory.failNext('profile', new PlaygroundError('device-lost', 'Gone.'));
  await now().measureStep();
  expect(now()).toMatchObject({ isProfiling: false, profileError: { code: 'device-lost' } });
});

test('a failure is shown with its code, and the next run starts afresh', async () => {
  memory.failNext('run', new PlaygroundError('device-lost', 'Gone.'));
  await now().run();
  expect(now().phase).toMatchObject({ name: 'failed', error: { code: 'device-lost' } });
  await now().run();
  expect(now().phase.name).toBe('finished');
  expect(memory.calls.filter((call) => call === 'open')).toHaveLength(2);
  expect(memory.calls.filter((call) => call === 'prepare')).toHaveLength(2);
});

test('reset forgets tries and training and keeps finished runs', async () => {
  await now().run();
  await now().reset();
  expect(now().phase).toEqual({ name: 'idle' });
  expect(now().metrics.length).toBe(0);
  expect(now().evaluations).toEqual([]);
  expect(now().ranWith).toBeUndefined();
  expect(now().rollouts?.weights.length).toBe(16); // a fresh preview
  expect(now().history).toHaveLength(1);
});

test('a finished run gives the metrics file that the command line writes', async () => {
  await now().run();
  const lines = metricsText(now().history[0]!)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ stage, step }) => `${String(stage)} ${String(step)}`)).toEqual([
    ...['rollout 0', 'train 1', 'train 2', 'train 3', 'train 4'],
    ...['evaluate 0', 'evaluate 4'],
  ]);
  expect(lines[0]).toMatchObject({ frac_reward_zero_std: 0, entropy: 0.5 });
  expect(lines[4]).toMatchObject({ num_tokens: 40, step_time: 0.01 });
});

test('the same run again replaces the earlier one in the history', async () => {
  await now().run();
  await now().run();
  expect(now().history.map((run) => run.id)).toEqual([2]);
});

test('a run that differs in overlap alone plays anew, with the kernels of the run before', async () => {
  const isWarm = () => now().history.at(-1)!.isWarm;
  await now().run();
  expect(isWarm()).toBe(false);
  now().setSetting('engine.overlap', false);
  await now().run();
  expect(memory.calls.filter((call) => call === 'reset')).toHaveLength(1);
  expect(isWarm()).toBe(true);
  now().setSetting('engine.overlap', true);
  await now().run();
  expect(now().history.map((run) => run.isWarm)).toEqual([true, true]);
  now().setSetting('drift.beta', 0.3); // on the tries of the run before
  await now().run();
  expect(memory.calls.filter((call) => call === 'reset')).toHaveLength(2);
  expect(isWarm()).toBe(false);
  now().giveUp();
  await now().run();
  expect(isWarm()).toBe(false);
});

test('tries of other rollout settings make way, never mix', async () => {
  await now().lookAhead();
  const { config } = now();
  now().acceptTrajectories(groupOf(config, 4), config, false);
  expect(now().rollouts?.weights.length).toBe(20);
  const other = { ...config, rollout: { ...config.rollout, temperature: 2 } };
  now().acceptTrajectories(groupOf(other, 0), other, false);
  expect(now().rollouts?.weights.length).toBe(4);
});

test('a changed rollout setting is previewed after a rest', async () => {
  vi.useFakeTimers();
  try {
    await now().lookAhead();
    now().setSetting('rollout.temperature', 2);
    now().setSetting('rollout.temperature', 3);
    await vi.advanceTimersByTimeAsync(1000);
    expect(memory.calls.filter((call) => call === 'preview')).toHaveLength(2);
    expect(now().rollouts?.config.rollout.temperature).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});

test('a conversation asks both, with the answers so far, until its turns are used up', async () => {
  for (let turn = 0; turn < 7; turn++) await now().askBoth();
  expect(now().chat.reference).toHaveLength(5);
  expect(now().chat.policy).toHaveLength(5);
  expect(memory.chats).toHaveLength(10);
  expect(memory.chats.at(-1)).toMatchObject({ who: 'policy', temperature: 0 });
  const { promptTokens, answerTokens, feedbackTokens } = TASKS.get('facts')!;
  const told = promptTokens + 4 * (answerTokens + feedbackTokens);
  expect(memory.chats.at(-1)!.tokens).toHaveLength(told);
  now().chooseChatPrompt(3);
  expect(now().chat.reference).toEqual([]);
});

test('a failed answer is shown and the conversation goes on', async () => {
  memory.failNext('chat', new PlaygroundError('over-limit', 'No.'));
  await now().askBoth();
  expect(now().chatError).toMatchObject({ code: 'over-limit' });
  expect(now().chatBusy).toBe(false);
  await now().askBoth();
  expect(now().chatError).toBeUndefined();
  expect(now().chat.reference).toHaveLength(1);
});

test('a conversation ends where its prompts or its tokens are others', async () => {
  const ends = async (change: () => void): Promise<void> => {
    await now().askBoth();
    expect(now().chat.reference).toHaveLength(1);
    change();
    expect(now().chat.reference).toEqual([]);
  };
  await ends(() => now().setSetting('task', 'boxes'));
  await ends(() => now().undo());
  await ends(() => now().setSetting('seed', 5));
  await now().askBoth();
  now().setSetting('drift.beta', 0.5);
  expect(now().chat.reference).toHaveLength(1);
});

test('after a lost device the tries are sampled anew, not twice', async () => {
  await now().lookAhead();
  memory.failNext('run', new PlaygroundError('device-lost', 'Gone.'));
  await now().run();
  await now().run();
  expect(now().rollouts?.weights.length).toBe(24);
});

test('a policy is not given up for a slider, but for another task', async () => {
  vi.useFakeTimers();
  try {
    await now().run();
    now().setSetting('rollout.temperature', 2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(memory.calls).not.toContain('preview');
    expect(now().ranWith).toBeDefined();
    now().choosePreset('try-something-else');
    await vi.advanceTimersByTimeAsync(1000);
    expect(memory.calls).toContain('preview');
    expect(now().ranWith).toBeUndefined();
    expect(now().history).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

test('a reference that must be pretrained waits for Run', async () => {
  now().setSetting('reference.source', 'pretrain');
  await now().lookAhead();
  expect(memory.calls).toEqual([]);
  await now().askBoth();
  expect(now().chatError).toMatchObject({ code: 'config-invalid' });
  await now().run();
  expect(now().phase.name).toBe('finished');
  await now().askBoth();
  expect(now().chat.policy).toHaveLength(1);
});
