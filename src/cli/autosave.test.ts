import { expect, it } from 'vitest';
import { Autosave } from './autosave';

it('saves every ten seconds, more rarely where saving itself takes long', async () => {
  let now = 0;
  const autosave = new Autosave(() => now);
  const dueAfter = (ms: number): boolean => {
    now += ms;
    return autosave.isDue;
  };
  expect([dueAfter(9_999), dueAfter(1)]).toEqual([false, true]);
  await autosave.save(async () => void (now += 100));
  expect([dueAfter(9_999), dueAfter(1)]).toEqual([false, true]);
  await autosave.save(async () => void (now += 3000));
  expect([dueAfter(59_999), dueAfter(1)]).toEqual([false, true]);
});
