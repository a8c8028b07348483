/** One run of a sweep: `drift run` with one configuration file, in a process of its own or one that has done others. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SweepRun } from '../formats/sweepJson';
import { divergedRow, finishedRow, timingLine } from '../formats/sweepRow';
import { EXIT } from './fail';
import { isInterrupted, recoverFolder } from './files';
import { FILES } from './runFolder';
import type { CommandEnd } from './main';
import type { SweepFolder } from './sweepFolder';
import type { SweepWorker } from './sweepWorker';

const GOING_MS = 5000; // a process whose parent was killed needs this long to notice, at most
const WRITING_MS = 1000; // from a file that is there to what it says, and much more

/** Whoever runs command lines: see SweepWorker. */
type Worker = Pick<SweepWorker, 'run'>;

/** How a run ended: its row is kept, it was asked to stop, or why it failed. */
export type RunEnd = 'done' | 'interrupted' | { readonly failure: string };

/** Goes through a run, on from where it was interrupted, and keeps its row. */
export async function sweepRun(
  folder: SweepFolder,
  run: SweepRun,
  worker: Worker,
): Promise<RunEnd> {
  if (await isOwned(folder, run)) return owned(folder, run);
  const path = folder.run(run);
  const evaluation = join(path, FILES.evaluation);
  const made = await rowIn(evaluation, run);
  if (!made) {
    rmSync(evaluation, { force: true }); // one that cannot be read is made again
    const end = await compute(folder, run, worker);
    if (end === 'owned') return owned(folder, run);
    if (end?.code === EXIT.interrupted) return 'interrupted';
    if (end?.code === EXIT.diverged) {
      await folder.finish(run, divergedRow(run, await lastGoodStep(path)), '');
      return 'done';
    }
    if (end?.code !== EXIT.ok) return { failure: await lastWords(end?.said, folder.log(run)) };
  }
  const { row, timing } = made ?? (await readRow(evaluation, run));
  await folder.finish(run, row, timing);
  return 'done';
}

interface MadeRow {
  readonly row: string;
  readonly timing: string;
}

async function readRow(evaluation: string, run: SweepRun): Promise<MadeRow> {
  const text = await readFile(evaluation, 'utf8');
  const row = finishedRow(run, text, evaluation);
  return { row, timing: timingLine(run, text, evaluation) };
}

/** What a process that ended before it kept its row has left; undefined where that is nothing whole. */
const rowIn = async (evaluation: string, run: SweepRun): Promise<MadeRow | undefined> =>
  existsSync(evaluation) ? readRow(evaluation, run).catch(() => undefined) : undefined;

async function compute(
  folder: SweepFolder,
  run: SweepRun,
  worker: Worker,
): Promise<CommandEnd | 'owned' | undefined> {
  const args = await argumentsOf(folder, run);
  const log = folder.log(run);
  await mkdir(dirname(log), { recursive: true });
  let isOurs = false;
  try {
    return await worker.run(args, log, (pid) => {
      writeFileSync(folder.owner(run), `${hostname()} ${pid}\n`, { flag: 'wx' });
      isOurs = true;
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST' && !isOurs) return 'owned';
    throw cause;
  } finally {
    if (isOurs) rmSync(folder.owner(run), { force: true });
  }
}

/** `drift run` anew, or on with what is in the folder. */
async function argumentsOf(folder: SweepFolder, run: SweepRun): Promise<string[]> {
  const path = folder.run(run);
  await recoverFolder(join(path, FILES.checkpoint));
  const names = await readdir(path).catch(() => []);
  if (isInterrupted(path, names)) return ['run', '--resume', path];
  return ['run', '--config', folder.config(run), '--out', path, '--force'];
}

/** Whether a process on this machine computes the run, and does not end soon; forgets one that has. */
async function isOwned(folder: SweepFolder, run: SweepRun): Promise<boolean> {
  const path = folder.owner(run);
  for (let waited = 0; waited <= GOING_MS; waited += 100) {
    const owner = (await readFile(path, 'utf8').catch(() => undefined))?.trim();
    if (owner === undefined) return false; // nobody, or it has just ended
    const [host, pid] = owner.split(' ');
    // of another host: a scheduler has moved the run here
    const isGone = host !== hostname() || !isAlive(Number(pid));
    if (owner === '' ? waited >= WRITING_MS : isGone) {
      rmSync(path, { force: true });
      return false;
    }
    await sleep(100);
  }
  return true;
}

function owned(folder: SweepFolder, run: SweepRun): RunEnd {
  const path = folder.owner(run);
  const failure = `another process computes it; wait for that, or remove ${path}`;
  return { failure };
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0); // signal 0 only asks
  } catch {
    return false;
  }
}

async function lastGoodStep(path: string): Promise<number> {
  const file = join(path, FILES.checkpoint, 'trainer_state.json');
  return (JSON.parse(await readFile(file, 'utf8')) as { step: number }).step;
}

/** Why a run failed: the last line that it said. */
async function lastWords(said: string | undefined, log: string): Promise<string> {
  const text = said ?? (await readFile(log, 'utf8').catch(() => ''));
  return (
    text
      .trimEnd()
      .split('\n')
      .at(-1)!
      .replace(/^drift: /, '') || 'its process ended without a word'
  );
}
