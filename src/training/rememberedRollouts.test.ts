import { expect, it } from 'vitest';
import type { AdapterReport } from '../data/results';
import type { Played } from './rollout';
import type { ChunkRequest, RolloutPort, RolloutSetup } from './rolloutService';
import { RememberedRollouts } from './rememberedRollouts';

const REQUEST: ChunkRequest = {
  ...{ seed: 0, firstPrompt: 0, prompts: 1, trajectories: 1, turns: 1 },
  ...{ temperature: 1, topK: 0, topP: 1 },
};

/** Counts what it is asked to play; nothing else is needed to see what is remembered. */
class Counting {
  played = 0;
  open = (): Promise<AdapterReport> =>
    Promise.resolve({ name: 'none', isSoftware: true, features: [] });
  chunk = (): Promise<Played> => Promise.resolve({ passes: ++this.played } as Played);
}

const opened = (): [RememberedRollouts, Counting] => {
  const counting = new Counting();
  return [new RememberedRollouts(counting as unknown as RolloutPort), counting];
};

it('plays the reference once for each request', async () => {
  const [port, counting] = opened();
  const first = await port.chunk(REQUEST);
  expect(await port.chunk({ ...REQUEST })).toBe(first);
  expect(await port.chunk({ ...REQUEST, seed: 1 })).not.toBe(first);
  expect(counting.played).toBe(2);
});

it('plays a policy whenever it is asked', async () => {
  const [port, counting] = opened();
  const policy = new Float32Array(1);
  await port.chunk({ ...REQUEST, policy });
  await port.chunk({ ...REQUEST, policy });
  await port.chunk(REQUEST);
  expect(counting.played).toBe(3);
});

it('forgets everything with another reference', async () => {
  const [port, counting] = opened();
  await port.chunk(REQUEST);
  await port.open({} as RolloutSetup);
  await port.chunk(REQUEST);
  expect(counting.played).toBe(2);
});
