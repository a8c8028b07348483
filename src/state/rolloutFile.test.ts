import { beforeEach, expect, test } from 'vitest';
import { variantsOf } from '../config/variants';
import { PlaygroundError } from '../shared/errors';
import { createPlayground, type PlaygroundStore } from './store';
import { createMemoryClient, noRecording, type MemoryClient } from './testing/memoryClient';

/** The client in memory takes the number of groups for a file. */
const fileOf = (groups: number) => ({
  name: 'mine.jsonl',
  size: 1,
  text: async () => String(groups),
});

let memory: MemoryClient;
let store: PlaygroundStore;
const now = () => store.getState();
const count = (call: string) => memory.calls.filter((c) => c === call).length;

beforeEach(() => {
  memory = createMemoryClient();
  store = createPlayground(memory.open, noRecording);
  now().setSetting('rollout.prompts', 6);
  now().setSetting('rollout.trajectories', 4);
});

test('the tries of a file take the place of sampled ones, with settings that fit them', async () => {
  await now().run();
  await now().openRollouts(fileOf(3));
  expect(now().fileError).toBeUndefined();
  expect(now().config.rollout).toMatchObject({ prompts: 3, trajectories: 4 });
  expect(now().rollouts?.file?.name).toBe('mine.jsonl');
  expect(now().rollouts?.weights.length).toBe(12);
  expect(now().ranWith).toBeUndefined(); // the workers have forgotten the policy
  now().setSetting('drift.beta', 1);
  expect(now().rollouts?.file?.name).toBe('mine.jsonl');
  await now().run();
  expect(now().phase.name).toBe('finished');
  expect(now().rollouts?.weights.length).toBe(12);
});

test('they are brought again to workers that have forgotten them, and only then', async () => {
  await now().openRollouts(fileOf(3));
  await now().run(1);
  const told = count('openRollouts');
  await now().run(); // goes on
  expect(count('openRollouts')).toBe(told);
  await now().run(); // again
  expect(count('openRollouts')).toBe(told + 1);
  expect(now().rollouts?.weights.length).toBe(12);
  memory.failNext('run', new PlaygroundError('device-lost', 'Gone.'));
  await now().run();
  await now().run();
  expect(now().rollouts).toMatchObject({ file: { name: 'mine.jsonl' } });
  expect(now().rollouts?.weights.length).toBe(12);
});

test('other rollout settings, a race and Reset sample their own', async () => {
  await now().openRollouts(fileOf(3));
  now().setSetting('rollout.temperature', 0.5);
  await now().run();
  expect(now().rollouts?.file).toBeUndefined();
  await now().openRollouts(fileOf(2));
  const budget = { kind: 'steps', amount: 1 } as const;
  await now().startRace({ entries: variantsOf('facts').slice(0, 1), seeds: 1, budget });
  expect(now().rollouts?.file).toBeUndefined();
  await now().openRollouts(fileOf(2));
  await now().reset();
  expect(now().rollouts?.file).toBeUndefined();
});

test.each([
  ['is read', 0],
  ['is handed over', 1],
])('a run that is begun while a file %s samples its own', async (_, calls) => {
  const opening = now().openRollouts(fileOf(3));
  while (count('openRollouts') < calls) await Promise.resolve();
  const running = now().run();
  await Promise.all([opening, running]);
  expect(now().fileError?.message).toMatch(/^A run is under way/);
  expect(now().rollouts?.file).toBeUndefined();
  expect(now().rollouts?.trajectories.prompts).toHaveLength(6);
  expect(now().phase.name).toBe('finished');
});

test('a file that is refused changes nothing', async () => {
  await now().run();
  const { config, rollouts, ranWith } = now();
  const bad = new PlaygroundError('file-invalid', 'mine.jsonl:3: not a line of JSON.');
  memory.failNext('openRollouts', bad);
  await now().openRollouts(fileOf(3));
  expect(now().fileError).toBe(bad);
  await now().openRollouts({ ...fileOf(3), size: 65 * 2 ** 20 });
  expect(now().fileError?.message).toBe('mine.jsonl has 65.0 MiB; the page takes at most 64 MiB.');
  now().setSetting('method.name', 'grpo');
  await now().openRollouts(fileOf(3));
  expect(now().fileError?.message).toMatch(/^GRPO plays while it learns/);
  now().setSetting('method.name', 'drift');
  expect(now()).toMatchObject({ config, ranWith });
  expect(now().rollouts!.trajectories).toBe(rollouts!.trajectories);
});
