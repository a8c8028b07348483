import { expect, test } from 'vitest';
import { DEFAULT_RUN, type RunConfig } from '../config/runConfig';
import { concatTrajectories } from '../data/trajectories';
import { createPlayground } from './store';
import type { Rollouts } from './rolloutSlice';
import { groupView, inspectorView, orderRows, trajectoryView, weightBins } from './rolloutViews';
import { createMemoryClient, groupOf, noRecording } from './testing/memoryClient';

const CONFIG: RunConfig = { ...DEFAULT_RUN, rollout: { ...DEFAULT_RUN.rollout, trajectories: 4 } };

function rolloutsOf(groups: number): Rollouts {
  const store = createPlayground(createMemoryClient().open, noRecording);
  const batches = Array.from({ length: groups }, (_, i) => groupOf(CONFIG, i));
  store.getState().acceptTrajectories(concatTrajectories(batches), CONFIG, false);
  return store.getState().rollouts!;
}

test('rows are ordered and filtered, ties as sampled', () => {
  const rollouts = rolloutsOf(2);
  expect(orderRows(rollouts, 'sampled', 'all')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(orderRows(rollouts, 'weight', 'all').slice(0, 2)).toEqual([0, 4]);
  expect(orderRows(rollouts, 'solved', 'all').slice(0, 2)).toEqual([0, 4]);
  expect(orderRows(rollouts, 'return', 'solved')).toEqual([0, 4]);
  expect(orderRows(rollouts, 'sampled', 'failed')).toHaveLength(6);
  expect(orderRows(rollouts, 'sampled', 'repeats')).toEqual([1, 2, 3, 5, 6, 7]);
});

test('a row shows each answer with its verdict, repeats marked', () => {
  const rollouts = rolloutsOf(1);
  const solved = trajectoryView(rollouts, 0);
  expect(solved.turns.map((turn) => turn.isCorrect)).toEqual([true]);
  const failed = trajectoryView(rollouts, 1);
  expect(failed.turns.map((turn) => turn.isRepeat)).toEqual([false, true, true, true, true]);
  expect(failed.turns[0]!.answer).toMatchObject({ text: '99', isReadable: true });
});

test('a group is sorted by weight and wraps around', () => {
  const rollouts = rolloutsOf(3);
  expect(groupView(rollouts, -1).index).toBe(2);
  const group = groupView(rollouts, 0);
  expect(group.count).toBe(3);
  expect(group.rows.map((row) => row.isSolved)).toEqual([true, false, false, false]);
  expect(group.effectiveSize).toBeCloseTo(1, 3);
});

test('the bins of the histogram count every trajectory once', () => {
  const bins = weightBins(rolloutsOf(3), 10);
  expect(bins.reduce((sum, bin) => sum + bin.solved + bin.failed, 0)).toBe(12);
  expect(bins[0]!.failed).toBe(9);
  expect(bins.at(-1)!.solved).toBe(3);
});

test('advantages have bins below 0, and tries that the policy played replace the preview', () => {
  const store = createPlayground(createMemoryClient().open, noRecording);
  const now = () => store.getState();
  now().acceptTrajectories(groupOf(CONFIG, 0), CONFIG, false);
  now().setSetting('method.name', 'grpo');
  now().acceptTrajectories(groupOf(CONFIG, 0), CONFIG, true);
  now().acceptTrajectories(groupOf(CONFIG, 1), CONFIG, true);
  const rollouts = now().rollouts!;
  expect(rollouts.weights).toHaveLength(8);
  const bins = weightBins(rollouts, 10);
  expect(bins[0]!.from).toBe(rollouts.weights[1]);
  expect(bins[0]).toMatchObject({ solved: 0, failed: 6 });
  expect(bins.at(-1)).toMatchObject({ solved: 2, failed: 0 });
});

test('the inspector’s arithmetic adds up', () => {
  const rollouts = rolloutsOf(2);
  const view = inspectorView(rollouts, 1, CONFIG.drift.beta);
  expect(view.discounted + view.formatPenalty - view.repeatPenalty).toBeCloseTo(view.return, 12);
  expect(view.repeatPenalty).toBeCloseTo(0.5 * (1 - 1 / 5), 12);
  expect(view.tilt / view.partition).toBeCloseTo(view.driftWeight, 9);
  expect(view.tokens.filter((token) => token.turn > 0)).toHaveLength(25);
  expect(view.logp).toBeCloseTo(-12.5, 6);
});
