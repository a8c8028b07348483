import { beforeEach, expect, test } from 'vitest';
import { FIRST_VISIT } from '../config/presets';
import { createPlayground, type PlaygroundStore } from './store';
import { createMemoryClient, noRecording } from './testing/memoryClient';

let store: PlaygroundStore;
const now = () => store.getState();

beforeEach(() => {
  store = createPlayground(createMemoryClient().open, noRecording);
});

test('a setting outside its range is refused with what it accepts', () => {
  expect(now().setSetting('drift.beta', -1)).toContain('0.001 to 100');
  expect(now().config.drift.beta).toBe(0.1);
  expect(now().setSetting('constructor', 1)).toContain('not a setting');
});

test('settings that do not fit each other are refused with the rule', () => {
  expect(now().setSetting('model.heads', 5)).toMatch(/heads/i);
  expect(now().config.model.heads).toBe(4);
});

test('undo takes back a whole drag of one slider, then nothing', () => {
  for (const beta of [0.2, 0.3, 0.4]) now().setSetting('drift.beta', beta);
  now().setSetting('drift.gamma', 0.5);
  now().undo();
  expect(now().config.drift).toMatchObject({ beta: 0.4, gamma: 0.9 });
  expect(now().before).toBeUndefined();
  now().setSetting('drift.beta', 0.5);
  now().setSetting('drift.beta', 0.6);
  now().undo();
  expect(now().config.drift.beta).toBe(0.4);
});

test('a preset replaces everything, and undo brings the settings back', () => {
  now().setSetting('seed', 7);
  now().choosePreset('try-something-else');
  expect(now().config.task).toBe('boxes');
  expect(now().config.seed).toBe(0);
  now().undo();
  expect(now().config).toEqual({ ...FIRST_VISIT.config, seed: 7 });
  expect(now().preset).toBe(FIRST_VISIT);
});

test('a link is taken as far as it can be, and says what was not', () => {
  now().openLink('v=1&preset=try-something-else&drift.beta=0.3&nonsense=1');
  expect(now().preset.name).toBe('try-something-else');
  expect(now().config.drift.beta).toBe(0.3);
  expect(now().notices).toHaveLength(1);
  now().dismissNotices();
  expect(now().notices).toEqual([]);
});

test('a link of a newer version changes nothing and says so', () => {
  now().openLink('v=99&drift.beta=0.3');
  expect(now().config).toEqual(FIRST_VISIT.config);
  expect(now().notices[0]).toContain('newer');
});

test('a preset is scaled down where there is no GPU, and says so by what differs', () => {
  const { prepared } = now();
  const adapter = { name: 'soft', isSoftware: true, features: [] };
  store.setState({
    prepared: {
      memory: { parts: [], totalBytes: 0, largestBufferBytes: 0, parameters: 0 },
      totalSteps: 1,
      ...prepared,
      adapter,
    },
  });
  now().choosePreset('try-something-else');
  expect(now().config.rollout.prompts).toBe(64);
  expect(now().preset.config.rollout.prompts).toBe(256);
  now().choosePreset('first-visit');
  expect(now().config).toEqual(FIRST_VISIT.config);
});
