import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Stage } from '../data/results';
import { Ledger } from './ledger';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Work of so many seconds. */
const work = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
const pass = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(1000 * seconds);
const at = async (seconds: number, begin: () => unknown): Promise<void> => {
  await work(seconds);
  begin();
};

it('counts how long each stage is at work, and how long two are at once', async () => {
  const ledger = new Ledger();
  const during = (stage: Stage, seconds: number) => () => void ledger.during(stage, work(seconds));
  during('rollout', 6)();
  void at(4, during('train', 5)); //    until 9, two of them beside rollouts
  void at(8, during('evaluate', 4)); // until 12, one beside training
  void at(11, during('train', 3)); //   until 14, one beside evaluation
  void at(12, during('train', 1)); //   a step in flight beside another counts once
  await pass(20);
  expect(ledger.costs.seconds).toEqual({ pretrain: 0, rollout: 6, train: 8, evaluate: 4 });
  expect(ledger.costs).toMatchObject({ overlapSeconds: 2, evaluationOverlapSeconds: 2 });
  ledger.forgetTraining();
  expect(ledger.costs.seconds).toEqual({ pretrain: 0, rollout: 6, train: 0, evaluate: 0 });
  expect(ledger.costs).toMatchObject({ overlapSeconds: 0, evaluationOverlapSeconds: 0 });
});

it('counts what is under way up to now', async () => {
  const ledger = new Ledger();
  void ledger.during('pretrain', work(9));
  await pass(4);
  expect(ledger.costs.seconds.pretrain).toBe(4);
  ledger.forgetRun();
  await pass(3);
  expect(ledger.costs.seconds.pretrain).toBe(7);
});

it('begins to count a request when those before it are answered', async () => {
  const ledger = new Ledger();
  const failed = ledger.served(
    'rollout',
    work(2).then(() => Promise.reject(new Error('no'))),
  );
  void ledger.served('evaluate', work(5)); // three of them while it is served
  void ledger.during('train', work(4)); //    beside both
  await Promise.all([expect(failed).rejects.toThrow('no'), pass(10)]);
  expect(ledger.costs.seconds).toEqual({ pretrain: 0, rollout: 2, train: 4, evaluate: 3 });
  expect(ledger.costs).toMatchObject({ overlapSeconds: 2, evaluationOverlapSeconds: 2 });
});
