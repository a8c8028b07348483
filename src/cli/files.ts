/** The command line's files: whole or not at all, and never over another run. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { PlaygroundError } from '../shared/errors';

/** Bytes of a file, or of standard input for '-'. */
export async function readInput(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(path === '-' ? await buffer(process.stdin) : await readFile(path));
  } catch (cause) {
    throw new PlaygroundError(
      'file-invalid',
      `${path} cannot be read: ${reason(cause)}.`,
      {},
      {
        cause,
      },
    );
  }
}

/** UTF-8 text of a file, or of standard input for '-'. */
export async function readInputText(path: string): Promise<string> {
  const bytes = await readInput(path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const where = `${path}:${firstForeignLine(bytes)}`;
    throw new PlaygroundError('file-invalid', `${where}: not UTF-8 text.`, {}, { cause });
  }
}

/** The first line of bytes that UTF-8 does not allow, from 1. */
function firstForeignLine(bytes: Uint8Array): number {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const next = end < 0 ? bytes.length : end + 1;
    try {
      utf8.decode(bytes.subarray(start, next));
    } catch {
      break; // the caller already holds the reason
    }
    start = next;
  }
  return line;
}

/** Writes a file so that a reader finds the old content or the new, never a part; makes its folder. */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync(); // the rename must not reach the disk before the content
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new PlaygroundError(
      'file-invalid',
      `${path} cannot be written: ${reason(cause)}.`,
      {},
      {
        cause,
      },
    );
  }
}

/**
 * Writes a folder of files so that a reader finds all of the old ones or all of the new, or, for an
 * instant, none.
 */
export async function writeFolderAtomic(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> {
  const beside = (suffix: string): string =>
    join(dirname(folder), `.${basename(folder)}.${randomUUID()}.${suffix}`);
  const temporary = beside('tmp');
  const old = beside('old');
  for (const [name, content] of files) await writeFileAtomic(join(temporary, name), content);
  if (existsSync(folder)) await rename(folder, old);
  await rename(temporary, folder);
  await rm(old, { recursive: true, force: true });
}

/** Undoes what a crash in `writeFolderAtomic` left behind: the old folder comes back if it was away. */
export async function recoverFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  const names = await readdir(parent).catch(() => []);
  const leftovers = names.filter((n) => n.startsWith(`.${basename(folder)}.`));
  for (const name of leftovers) {
    if (name.endsWith('.old') && !existsSync(folder)) await rename(join(parent, name), folder);
    else await rm(join(parent, name), { recursive: true });
  }
}

/** Makes a folder and those it lies in, where they are missing; returns the first one made. */
export async function makeFolder(folder: string): Promise<string | undefined> {
  return usingFolder(folder, mkdir(folder, { recursive: true }));
}

/** Waits for `work` on a folder; says which folder it was where that fails. */
async function usingFolder<T>(folder: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const message = `${folder || '""'} cannot be used: ${reason(cause)}.`;
    throw new PlaygroundError('file-invalid', message, { folder }, { cause });
  }
}

/**
 * Makes the folder of a run. One that holds files already is refused, so that no run is overwritten
 * by mistake; with `force` its files are replaced one by one and others are left alone. Returns
 * whether the folder is new.
 */
export async function openOutputFolder(folder: string, force: boolean): Promise<boolean> {
  const made = await makeFolder(folder);
  const entries = await usingFolder(folder, readdir(folder));
  if (entries.length > 0 && !force) {
    const what = entries.includes('config.json') ? 'a run' : 'files';
    const goesOn = isInterrupted(folder, entries) ? `go on with it by --resume ${folder}, ` : '';
    throw new PlaygroundError(
      'config-invalid',
      `${folder} already holds ${what}; ${goesOn}name another --out, or add --force to write over it.`,
      { folder },
    );
  }
  return made !== undefined;
}

/** Whether a folder is that of a run which can be gone on with. */
export const isInterrupted = (folder: string, entries: readonly string[]): boolean =>
  entries.includes('run_state.json') ||
  (!entries.includes('eval.json') && existsSync(join(folder, 'checkpoint/trainer_state.json')));

const REASONS: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of the path is a file'],
  ['EEXIST', 'it is a file'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'it is not allowed'],
  ['EROFS', 'the disk is read-only'],
  ['ENOSPC', 'the disk is full'],
]);

const reason = (cause: unknown): string =>
  REASONS.get((cause as NodeJS.ErrnoException).code) ?? String(cause);
