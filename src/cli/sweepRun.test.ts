import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSweep, type SweepRun } from '../formats/sweepJson';
import { EXIT } from './fail';
import { SweepFolder } from './sweepFolder';
import { sweepRun } from './sweepRun';

const ALIVE = `${hostname()} ${process.pid}\n`;
const DEAD = 2 ** 22 + 1; // above the highest id that Linux gives
const OWNED = { failure: expect.stringContaining('another process computes it') as string };

let path: string;
let folder: SweepFolder;
let run: SweepRun;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'drift-owner-'));
  folder = await SweepFolder.open(path, parseSweep('{"grid": {"seed": [0]}}', 'sweep.json'));
  [run] = folder.runs as [SweepRun];
});
afterEach(() => rm(path, { recursive: true }));

const owner = (): string => readFileSync(folder.owner(run), 'utf8');
const ownedBy = (text: string): void => writeFileSync(folder.owner(run), text);

/** Starts a process for a run, which computes nothing and ends as if it had been interrupted. */
function idle(pid: number, before = (): void => {}) {
  const seen: string[] = [];
  return {
    seen,
    async run(_: readonly string[], __: string, began: (pid: number) => void) {
      before();
      began(pid);
      seen.push(owner());
      return { code: EXIT.interrupted, said: '' };
    },
  };
}

describe('the owner of a run', () => {
  it('is the process that computes it, for as long as it does', async () => {
    const worker = idle(4711);
    expect(await sweepRun(folder, run, worker)).toBe('interrupted');
    expect(worker.seen).toEqual([`${hostname()} 4711\n`]);
    expect(owner).toThrow('ENOENT');
  });

  it('keeps the run to itself while it lives', async () => {
    ownedBy(ALIVE);
    const worker = idle(4711);
    expect(await sweepRun(folder, run, worker)).toEqual(OWNED);
    expect(worker.seen).toEqual([]);
    expect(owner()).toBe(ALIVE);
  });

  it('is the first of two that begin at the same moment', async () => {
    const worker = idle(4711, () => ownedBy(ALIVE));
    expect(await sweepRun(folder, run, worker)).toEqual(OWNED);
    expect(worker.seen).toEqual([]);
    expect(owner()).toBe(ALIVE);
  });

  it('is waited for where its file is being written', async () => {
    ownedBy('');
    setTimeout(() => ownedBy(ALIVE), 200);
    expect(await sweepRun(folder, run, idle(4711))).toEqual(OWNED);
  });

  it.each([
    ['a process that is gone', `${hostname()} ${DEAD}\n`],
    ['another machine', `elsewhere.example ${process.pid}\n`],
    ['a file that was cut short', ''],
  ])('is forgotten where it is %s', async (_, text) => {
    ownedBy(text);
    const worker = idle(4711);
    expect(await sweepRun(folder, run, worker)).toBe('interrupted');
    expect(worker.seen).toEqual([`${hostname()} 4711\n`]);
  });
});
