import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PlaygroundError } from '../shared/errors';
import type { TheoryClient, TheorySettings } from '../workers/contract';
import { createTheory, type TheoryStore } from './theoryStore';
import { theoryCurves } from './theoryViews';

let asked: { readonly settings: TheorySettings; readonly steps: number }[];
let store: TheoryStore;
const now = () => store.getState();
const taken = (): number => asked.reduce((n, { steps }) => n + steps, 0);

/** A model that moves a step per step, and counts from 0 again when it is reset. */
function createLab(): TheoryClient {
  let step = 0;
  let isBusy = false;
  return {
    async train(settings, steps) {
      expect(isBusy).toBe(false); // one thing at a time
      isBusy = true;
      await new Promise((resolve) => setTimeout(resolve, 10));
      isBusy = false;
      asked.push({ settings, steps });
      step += steps;
      return { step, reference: [0.2], policy: [0.3] };
    },
    async reset() {
      expect(isBusy).toBe(false);
      step = 0;
    },
    close() {},
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  store = createTheory(async () => createLab());
});
afterEach(() => vi.useRealTimers());

test('trains until nothing moves any more, and goes on when a setting changes', async () => {
  void now().train();
  expect(now().phase.name).toBe('opening');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(now().phase.name).toBe('settled');
  expect(now().point?.step).toBe(taken());
  const before = taken();
  now().change({ beta: 1 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(taken()).toBe(2 * before);
  expect(asked.at(-1)!.settings.beta).toBe(1);
});

test('follows a change while it trains, and leaves no point of another game', async () => {
  void now().train();
  await vi.advanceTimersByTimeAsync(500);
  now().change({ turns: 3 });
  expect(now().point).toBeUndefined();
  await vi.advanceTimersByTimeAsync(500);
  expect(asked.at(-1)!.settings.turns).toBe(3);
  expect(now().point).toBeDefined();
});

test('pauses, goes on and starts again, one call at a time', async () => {
  void now().train();
  await vi.advanceTimersByTimeAsync(505); // within a call
  now().pause();
  void now().train();
  await vi.advanceTimersByTimeAsync(505);
  void now().restart();
  await vi.advanceTimersByTimeAsync(1000);
  expect(now()).toMatchObject({ phase: { name: 'idle' }, point: undefined });
  const before = taken();
  await vi.advanceTimersByTimeAsync(1000);
  expect(taken()).toBe(before);
  void now().train();
  await vi.advanceTimersByTimeAsync(50);
  expect(now().point?.step).toBe(4);
});

test('says why it cannot train, and tries anew when asked again', async () => {
  let opened = 0;
  store = createTheory(async () => {
    if (opened++ === 0) throw new PlaygroundError('webgpu-unavailable', 'No GPU.');
    return createLab();
  });
  await now().train();
  expect(now().phase).toMatchObject({ name: 'failed', error: { message: 'No GPU.' } });
  void now().train();
  await vi.advanceTimersByTimeAsync(500);
  expect(now().phase.name).toBe('training');
});

test('curves: the reference stays below p_K, p_K below p*, and the distances are those of the points', () => {
  const settings: TheorySettings = { beta: 0.5, K: 16, turns: 1, trained: 'all' };
  const point = { step: 9, reference: [0.1, 0.6], policy: [0.1, 0.6] };
  const curves = theoryCurves(settings, point);
  curves.x.forEach((x, i) => {
    expect(curves.fixedPoint[i]).toBeGreaterThan(x);
    expect(curves.optimum[i]).toBeGreaterThan(curves.fixedPoint[i]!);
  });
  expect(curves.x).toContain(60);
  const trained = { ...point, policy: [0.389249, curves.fixedPoint[curves.x.indexOf(60)]! / 100] };
  expect(theoryCurves(settings, trained).fromFixedPoint).toBeCloseTo(0, 6); // p_16 at .1, DRIFT's table
});
