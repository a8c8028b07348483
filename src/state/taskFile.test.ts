import { readFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { createPlayground, type PlaygroundStore } from './store';
import { encodeLink } from './shareUrl';
import { createMemoryClient, noRecording, type MemoryClient } from './testing/memoryClient';

const CAPITALS = readFileSync('public/tasks/capitals.json', 'utf8');
/** A file that no other test has opened: the tasks of opened files stay. */
const fileOf = (title: string) => {
  const text = CAPITALS.replace('"Capitals"', `"${title}"`);
  return { name: 'my.json', size: text.length, text: async () => text };
};

let memory: MemoryClient;
let store: PlaygroundStore;
const now = () => store.getState();

beforeEach(() => {
  memory = createMemoryClient();
  store = createPlayground(memory.open, noRecording);
});

test('an opened file is the task, its reference pretrained, and undo leaves it', async () => {
  const { config } = now();
  await now().openTaskFile(fileOf('One'));
  const [spec] = now().openedTasks;
  expect(now().config).toMatchObject({
    task: spec!.name,
    reference: { source: 'pretrain' },
    rollout: { turns: 4 },
  });
  expect(memory.calls).toEqual([]); // nothing starts without a click
  now().undo();
  expect(now().config).toEqual(config);
});

test('workers are told of every file before they are asked about it, also those opened anew', async () => {
  await now().openTaskFile(fileOf('Two'));
  now().setSetting('task', 'facts');
  await now().run();
  expect(memory.calls.slice(0, 2)).toEqual(['open', 'openTask Two']);
  await now().openTaskFile(fileOf('Three'));
  await now().openTaskFile(fileOf('Three'));
  now().giveUp();
  now().setSetting('task', 'facts');
  await now().run();
  const told = memory.calls.filter((call) => call.startsWith('open'));
  expect(told).toEqual([
    'open',
    'openTask Two',
    'openTask Three',
    'open',
    'openTask Two',
    'openTask Three',
  ]);
});

test('a bad file is named and changes nothing', async () => {
  const { config, preset } = now();
  const bad = CAPITALS.replace('"paris"', '"Paris"');
  await now().openTaskFile({ name: 'bad.json', size: bad.length, text: async () => bad });
  expect(now().fileError?.message).toMatch(/^bad\.json:\d+: field prompts\.0\.accept\.0: has “P”/);
  expect(now()).toMatchObject({ config, preset, openedTasks: [] });
  const huge = { name: 'huge.json', size: 2 ** 21, text: () => Promise.reject(new Error('read')) };
  await now().openTaskFile(huge);
  expect(now().fileError?.message).toMatch(/^huge\.json has 2,097,\d+ bytes/);
  now().dismissFileError();
  expect(now().fileError).toBeUndefined();
});

test('a link to a task file waits for that file, and no other', async () => {
  await now().openTaskFile(fileOf('Four'));
  now().setSetting('drift.beta', 0.25);
  const { config, preset } = now();
  const link = encodeLink(config, preset).replace(/file-[0-9a-f]{8}/, 'file-00000000');
  expect(now().openLink(link)).toBe(true);
  expect(now().config.task).toBe('facts');
  expect(now().waitingLink?.task).toMatch(/^file-00000000/);
  await now().openTaskFile(fileOf('Five'));
  expect(now().waitingLink).toBeDefined();
  now().dismissWaitingLink();
  expect(now().waitingLink).toBeUndefined();
});

test('a reload finds the file of its link again, and a tab without it waits', async () => {
  const kept = new Map<string, string>();
  const storage = () => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  });
  store = createPlayground(memory.open, noRecording, undefined, storage);
  await now().openTaskFile(fileOf('Seven'));
  const { name } = now().openedTasks[0]!;
  const [[key, text]] = [...kept] as [[string, string]];
  // This process knows the task: a link that waits for it stands in for a page that is new.
  const fragment = encodeLink(now().config, now().preset);
  const reloaded = async (tab: typeof storage): Promise<void> => {
    store = createPlayground(memory.open, noRecording, undefined, tab);
    store.setState({ waitingLink: { task: name, fragment } });
    await now().recallTaskFile();
  };
  expect(key).toContain(name);
  expect(text).toContain('"Seven"');
  await reloaded(storage);
  expect(now().config.task).toBe(name);
  expect(now().waitingLink).toBeUndefined();
  await reloaded(() => {
    throw new Error('refused');
  });
  expect(now().waitingLink).toBeDefined();
});

test('the file that a link waits for opens the link', async () => {
  await now().openTaskFile(fileOf('Six'));
  now().setSetting('drift.beta', 0.25);
  const link = encodeLink(now().config, now().preset);
  // What a visitor sees who has the link only: a task that is not open here.
  const other = link.replace(/file-[0-9a-f]{16}/, 'file-ffffffffffffffff');
  now().openLink(other);
  const { waitingLink } = now();
  store.setState({
    waitingLink: { ...waitingLink!, task: now().openedTasks[0]!.name, fragment: link },
  });
  await now().openTaskFile(fileOf('Six'));
  expect(now().config.drift.beta).toBe(0.25);
  expect(now().config.task).toBe(now().openedTasks[0]!.name);
  expect(now().waitingLink).toBeUndefined();
});
