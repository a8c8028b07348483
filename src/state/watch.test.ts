import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { PlaygroundError } from '../shared/errors';
import { eventually } from '../shared/testing/eventually';
import type { LoadRecording } from '../workers/contract';
import { readRecording } from '../workers/recordedRun';
import { encodeLink } from './shareUrl';
import { createPlayground, type PlaygroundStore } from './store';
import { createMemoryClient, type MemoryClient } from './testing/memoryClient';
import { shownLesson } from './watchSlice';

const FOLDER = join(import.meta.dirname, '../../public/recordings');
const load: LoadRecording = async (preset) =>
  readRecording(readFileSync(join(FOLDER, `${preset}.jsonl`), 'utf8'), preset);

let memory: MemoryClient;
let store: PlaygroundStore;
const now = () => store.getState();

/** Watches to the end, as fast as it goes. */
async function watchAtOnce(preset?: string): Promise<void> {
  const watched = now().watch(preset);
  await eventually(() => expect(now().phase.name).toBe('running'));
  now().setSpeed(Infinity);
  await watched;
}

beforeEach(() => {
  memory = createMemoryClient();
  store = createPlayground(memory.open, load);
});

test('a recording runs through the store like a live run, and opens no worker', async () => {
  await watchAtOnce();
  const run = now().watching!;
  const { prompts, trajectories } = run.config.rollout;
  expect(now().phase).toEqual({ name: 'finished', end: run.end });
  expect(now().rollouts?.weights.length).toBe(prompts * trajectories);
  expect(now().metrics.length).toBe(run.end.step);
  expect(now().prepared?.adapter).toEqual(run.prepared.adapter);
  expect(now().reference?.greedy.success.at(-1)).toBeLessThan(0.45);
  expect(now().evaluations.at(-1)?.greedy.success.at(-1)).toBeGreaterThan(0.9);
  expect(memory.calls).toEqual([]);
  expect(now().history).toEqual([]); // no run of this visit
});

test('γ, β and λ act on the recorded tries, and the recording goes on with its own', async () => {
  const watched = now().watch();
  await eventually(() => expect(now().rollouts).toBeDefined());
  now().pause();
  await watched;
  expect(now().phase.name).toBe('paused');
  const before = now().rollouts!;
  now().setSetting('drift.beta', 100);
  expect(now().rollouts!.trajectories).toBe(before.trajectories);
  expect(now().rollouts!.weights).not.toEqual(before.weights);
  now().setSetting('optimizer.learningRate', 1e-2);
  now().setSpeed(Infinity);
  await now().run();
  expect(now().phase.name).toBe('finished');
  expect(now().ranWith).toEqual(now().watching!.config);
  expect(now().metrics.length).toBe(now().watching!.end.step); // went on, did not begin again
});

test('reset goes back to the first tries, and the run can be seen again', async () => {
  await watchAtOnce();
  await now().reset();
  expect(now().phase).toEqual({ name: 'idle' });
  expect(now().metrics.length).toBe(0);
  expect(now().rollouts!.weights.length).toBeGreaterThan(0);
  await now().run();
  await now().run(); // again
  expect(now().metrics.length).toBe(now().watching!.end.step);
});

test('the settings of a link outlast a recording', async () => {
  now().openLink('v=1&preset=first-visit&drift.beta=0.5&seed=7');
  const own = now().config;
  await watchAtOnce();
  expect(now().config).toEqual(now().watching!.config);
  expect(now().own?.config).toBe(own);
  now().setSetting('drift.gamma', 0.2);
  await now().goLive();
  expect(now().watching).toBeUndefined();
  expect(now().config).toBe(own);
  expect(now().stepsPerSecond).toBe(Infinity);
  expect(now().ranWith).toBeUndefined();
  expect(now().rollouts!.config).toBe(own); // a live preview
  expect(memory.calls).toContain('preview');
});

test('another link leaves the recording and waits', async () => {
  await watchAtOnce();
  now().openLink('v=1&preset=first-visit&seed=9');
  expect(now().watching).toBeUndefined();
  expect(now().config.seed).toBe(9);
  expect(memory.calls).toEqual([]);
});

test('the preset menu changes the recording', async () => {
  const lesson = { title: 'Look at the loss', text: '', hides: [] };
  now().setLesson(lesson);
  await watchAtOnce();
  expect(shownLesson(now())).toEqual(lesson);
  const link = encodeLink(now().own!.config, now().own!.preset);
  now().choosePreset('try-something-else');
  await eventually(() => expect(now().watching?.preset).toBe('try-something-else'));
  expect(now().preset.name).toBe('try-something-else');
  expect(shownLesson(now())).toBeUndefined(); // it is about another experiment
  expect(encodeLink(now().own!.config, now().own!.preset)).toBe(link);
  now().stopWatching();
  expect(shownLesson(now())).toEqual(lesson);
});

test('a live run that is given up for a recording says no more', async () => {
  const release = memory.hold();
  const live = now().run();
  await eventually(() => expect(now().reference).toBeDefined());
  await watchAtOnce();
  release();
  await live;
  expect(now().phase).toEqual({ name: 'finished', end: now().watching!.end });
  expect(memory.calls).toContain('close');
});

test('a run that is begun while a recording loads goes on', async () => {
  const watching = now().watch();
  const running = now().run();
  await Promise.all([watching, running]);
  expect(now().watching).toBeUndefined();
  expect(now().phase.name).toBe('finished');
});

test('of two recordings the last one asked for is watched', async () => {
  const first = now().watch('first-visit');
  await Promise.all([first, watchAtOnce('try-something-else')]);
  expect(now().watching?.preset).toBe('try-something-else');
});

test('a recording that cannot be loaded is said', async () => {
  const broken = createPlayground(memory.open, () =>
    Promise.reject(new PlaygroundError('file-invalid', 'No.')),
  );
  await broken.getState().watch();
  expect(broken.getState().phase).toMatchObject({ name: 'failed', error: { message: 'No.' } });
  expect(broken.getState().watching).toBeUndefined();
});
