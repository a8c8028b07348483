import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDrift, type Ended } from './testing/drift';

const SETTINGS = {
  ...{ 'model.layers': 1, 'model.channels': 16, 'model.heads': 2, 'model.kvHeads': 2 },
  ...{ 'model.mlp': 32, 'reference.steps': 5, 'reference.batch': 8, 'rollout.prompts': 4 },
  ...{ 'rollout.trajectories': 4, 'optimizer.batch': 4, 'eval.prompts': 4, 'eval.every': 0 },
};
const set = Object.entries(SETTINGS).flatMap(([name, value]) => ['--set', `${name}=${value}`]);

let folder: string;
let begun: Ended;
const drift = (...args: string[]): Promise<Ended> => runDrift(args, { cwd: folder });
const read = (path: string): Promise<Buffer> => readFile(join(folder, path));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drift-task-'));
  await copyFile('public/tasks/capitals.json', join(folder, 'mine.json'));
  begun = await drift('run', '--task-file', 'mine.json', ...set, '--out', 'run');
});
afterAll(() => rm(folder, { recursive: true }));

describe('a run on a task file', () => {
  it('keeps a copy, with which its folder can be gone on with and evaluated', async () => {
    expect(begun, begun.err).toMatchObject({ code: 0 });
    expect(await read('run/task.json')).toEqual(await read('mine.json'));
    const results = await read('run/eval.json');
    await rm(join(folder, 'run/eval.json'));
    const resumed = await drift('train', '--resume', 'run');
    expect(resumed, resumed.err).toMatchObject({ code: 0 });
    const evaluated = await drift('eval', '--checkpoint', 'run/checkpoint', '--out', 'evaluated');
    expect(evaluated, evaluated.err).toMatchObject({ code: 0 });
    const scores = (text: Buffer): unknown =>
      (JSON.parse(String(text)) as Record<string, unknown>).policy;
    expect(scores(await read('run/eval.json'))).toEqual(scores(results));
    expect(scores(await read('evaluated/eval.json'))).toEqual(scores(results));
  });

  it('is found by the runs of a sweep in its folder', async () => {
    const grid = { seed: [1] };
    await writeFile(join(folder, 'sweep.json'), JSON.stringify({ set: SETTINGS, grid }));
    const sweep = ['sweep', 'sweep.json', '--out', 'sweep', '--task-file', 'mine.json'];
    const planned = await drift(...sweep, '--plan');
    expect(planned, planned.err).toMatchObject({ code: 0 });
    const played = await drift('rollout', '--config', 'sweep/configs/0000.json', '--out', 'played');
    expect(played, played.err).toMatchObject({ code: 0 });
    expect(await read('played/task.json')).toEqual(await read('mine.json'));
    const { task } = JSON.parse(String(await read('played/config.json'))) as { task: string };
    expect(task).toMatch(/^file-[0-9a-f]{16}$/);
  });
});
