import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RunFolder } from './runFolder';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'drift-run-'))));
afterEach(() => rm(folder, { recursive: true }));

const STEP = '{"stage": "train", "step": 1, "num_tokens": 5}\n';
const metrics = (): string => join(folder, 'metrics.jsonl');

it('reopens a run whose last metric was cut off', async () => {
  await writeFile(metrics(), `${STEP}{"stage": "tra`);
  await RunFolder.reopen(folder, 1);
  expect(await readFile(metrics(), 'utf8')).toBe(STEP);
});

it('names the line of the metrics that is broken, and leaves the file alone', async () => {
  const text = `${STEP}{"broken\n${STEP}`;
  await writeFile(metrics(), text);
  await expect(RunFolder.reopen(folder, 1)).rejects.toMatchObject({
    code: 'file-invalid',
    message: expect.stringMatching(/metrics\.jsonl:2: not a line of JSON/) as string,
  });
  expect(await readFile(metrics(), 'utf8')).toBe(text);
});
