import { beforeEach, expect, test } from 'vitest';
import { PlaygroundError } from '../shared/errors';
import { createPlayground, type PlaygroundStore } from './store';
import { createMemoryClient, noRecording, type MemoryClient } from './testing/memoryClient';

let memory: MemoryClient;
let store: PlaygroundStore;
const now = () => store.getState();
const settled = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  memory = createMemoryClient();
  store = createPlayground(memory.open, noRecording);
  now().setSetting('rollout.prompts', 6);
  now().setSetting('rollout.trajectories', 4);
});

test('a trajectory is scored under the policy once that is trained, and again when it has moved', async () => {
  await now().lookAhead();
  now().inspect(1);
  await settled();
  expect(memory.scores).toEqual([]); // there is no policy yet
  await now().run(1);
  await settled();
  const { offsets, tokens, turnOf } = now().rollouts!.trajectories;
  const [from, to] = [offsets[1]!, offsets[2]!];
  expect(memory.scores).toEqual([
    {
      who: 'policy',
      tokens: [...tokens.subarray(from, to)],
      turnOf: [...turnOf.subarray(from, to)],
    },
  ]);
  expect(now().inspectedLogp).toHaveLength(to - from);
  const rest = now().run();
  expect(now().inspectedLogp).toBeUndefined();
  await rest;
  await settled();
  expect(memory.scores).toHaveLength(2);
  expect(now().inspectedLogp).toHaveLength(to - from);
  now().inspect(undefined);
  expect(now().inspectedLogp).toBeUndefined();
});

test('why it cannot be scored is kept, and nothing else is disturbed', async () => {
  await now().run();
  memory.failNext('score', new PlaygroundError('over-limit', 'No.'));
  now().inspect(0);
  await settled();
  expect(now().inspectedLogp).toMatchObject({ code: 'over-limit' });
  expect(now().phase.name).toBe('finished');
});
