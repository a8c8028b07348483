import { expect, test } from 'vitest';
import { PlaygroundError } from '../shared/errors';
import type { RunEvent } from '../workers/contract';
import { Session } from './session';
import { createMemoryClient, evaluationOf } from './testing/memoryClient';

test('opens once, and runs jobs one after another', async () => {
  const memory = createMemoryClient();
  const session = new Session(memory.open, () => {});
  const order: string[] = [];
  const job = (name: string, ms: number) =>
    session.use(async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      order.push(`${name} ends`);
    });
  await Promise.all([job('a', 5), job('b', 0)]);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(memory.calls).toEqual(['open']);
});

test('drops the events of a closed client and rejects what waited for it', async () => {
  const memory = createMemoryClient();
  const events: RunEvent[] = [];
  const session = new Session(memory.open, (event) => events.push(event));
  await session.use(async () => {});
  const waiting = session.use(() => new Promise<void>((resolve) => setTimeout(resolve, 5)));
  await Promise.resolve();
  session.close();
  await memory.emits[0]!({ kind: 'evaluation', evaluation: evaluationOf('policy', 1, 1) });
  expect(events).toEqual([]);
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  expect(memory.calls).toContain('close');
});

test('a fatal failure ends the client, another does not', async () => {
  const memory = createMemoryClient();
  const session = new Session(memory.open, () => {});
  const failWith = (code: 'over-limit' | 'device-lost') =>
    session.use(() => Promise.reject(new PlaygroundError(code, 'No.')));
  await expect(failWith('over-limit')).rejects.toMatchObject({ code: 'over-limit' });
  expect(session.client).toBeDefined();
  await expect(failWith('device-lost')).rejects.toMatchObject({ code: 'device-lost' });
  expect(session.client).toBeUndefined();
  await session.use(async () => {});
  expect(memory.calls.filter((call) => call === 'open')).toHaveLength(2);
});

test('what waits for a client that fails is told why', async () => {
  const session = new Session(createMemoryClient().open, () => {});
  const failing = session.use(() => Promise.reject(new PlaygroundError('device-lost', 'Gone.')));
  const waiting = session.use(async () => {});
  await expect(failing).rejects.toMatchObject({ code: 'device-lost' });
  await expect(waiting).rejects.toMatchObject({ code: 'device-lost' });
  await session.use(async () => {});
});

test('a client that opens after the session was closed is closed too', async () => {
  const memory = createMemoryClient();
  let answer!: () => void;
  const asked = new Promise<void>((resolve) => (answer = resolve));
  const session = new Session(
    async (emit) => {
      await asked;
      return memory.open(emit);
    },
    () => {},
  );
  const job = session.use(async () => 'done');
  await Promise.resolve();
  session.close();
  answer();
  await expect(job).rejects.toMatchObject({ code: 'aborted' });
  expect(memory.calls).toEqual(['open', 'close']);
});
