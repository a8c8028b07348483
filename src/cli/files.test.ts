import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder, openOutputFolder, readInputText, writeFileAtomic } from './files';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'drift-files-'))));
afterEach(() => rm(folder, { recursive: true }));

const refused = (code: string, message: RegExp): Error =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

it('writes a file whole, makes its folder, and leaves nothing else behind', async () => {
  const path = join(folder, 'a', 'b', 'config.json');
  await writeFileAtomic(path, 'old');
  await writeFileAtomic(path, new Uint8Array([110, 101, 119]));
  expect(await readFile(path, 'utf8')).toBe('new');
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['config.json']);
});

it('names a file that cannot be written and cleans up', async () => {
  await mkdir(join(folder, 'taken'));
  await expect(writeFileAtomic(join(folder, 'taken'), 'x')).rejects.toThrow(
    refused('file-invalid', /taken cannot be written: it is a folder\.$/),
  );
  expect(await readdir(folder)).toEqual(['taken']);
});

it('never opens the folder of another run without force', async () => {
  const run = join(folder, 'run');
  await openOutputFolder(run, false);
  await openOutputFolder(run, false); // still empty
  await writeFile(join(run, 'config.json'), '{}');
  await expect(openOutputFolder(run, false)).rejects.toThrow(
    refused('config-invalid', /already holds a run; .*--force/),
  );
  await openOutputFolder(run, true);
  expect(await readdir(run)).toEqual(['config.json']);
  await expect(openOutputFolder(join(run, 'config.json'), true)).rejects.toThrow(
    refused('file-invalid', /cannot be used: it is a file\.$/),
  );
});

it('makes folders, and names one that cannot be made', async () => {
  await makeFolder(join(folder, 'a', 'b'));
  await makeFolder(join(folder, 'a', 'b')); // there already
  await writeFile(join(folder, 'a', 'file'), '');
  await expect(makeFolder(join(folder, 'a', 'file', 'runs'))).rejects.toThrow(
    refused('file-invalid', /file\/runs cannot be used: a part of the path is a file\.$/),
  );
  await expect(makeFolder('')).rejects.toThrow(refused('file-invalid', /^"" cannot be used/));
});

it('reads UTF-8 and names what it cannot read', async () => {
  const path = join(folder, 'in.txt');
  await writeFile(path, 'β');
  expect(await readInputText(path)).toBe('β');
  await writeFile(path, new Uint8Array([0x61, 0x0a, 0xff, 0x0a]));
  await expect(readInputText(path)).rejects.toThrow(
    refused('file-invalid', /in\.txt:2: not UTF-8 text\.$/),
  );
  await expect(readInputText(join(folder, 'none'))).rejects.toThrow(
    refused('file-invalid', /none cannot be read: there is no such file\.$/),
  );
});
