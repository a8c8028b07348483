import { parseSweep, type SweepRun } from '../formats/sweepJson';
import { PlaygroundError } from '../shared/errors';
import { openDawn, type Host } from './dawn';
import { PartlyFailed } from './fail';
import { readInputText } from './files';
import { Interrupt } from './interrupt';
import { duration } from './progress';
import { SweepFolder } from './sweepFolder';
import { sweepRun, type RunEnd } from './sweepRun';
import { SweepWorker } from './sweepWorker';
import { openTaskFile } from './taskFile';

const MOST_JOBS = 64;

export interface SweepFlags {
  readonly out: string;
  readonly jobs: string;
  readonly only?: string;
  readonly plan?: boolean;
  readonly reuse?: boolean;
  readonly taskFile?: string;
}

/** Goes through the runs of a sweep that are not done, `jobs` at a time. */
export async function sweep(file: string, flags: SweepFlags, host: Host): Promise<void> {
  const task = flags.taskFile === undefined ? {} : await openTaskFile(flags.taskFile);
  const runs = parseSweep(await readInputText(file), file, task);
  const jobs = jobsFlag(flags.jobs);
  const asked = flags.only === undefined ? runs : chosenRuns(runs, flags.only);
  if (flags.plan) {
    const { path } = await SweepFolder.open(flags.out, runs);
    return say(`${path} has the configurations of ${runs.length} runs`);
  }
  const folder = await runSweep(runs, flags.out, {
    asked,
    jobs,
    host,
    reuse: flags.reuse ?? false,
  });
  const done = runs.filter((run) => folder.isDone(run)).length;
  const count = done === runs.length ? `all ${done}` : `${done} of ${runs.length}`;
  say(`${folder.path}/results.jsonl has ${count} runs; drift report ${folder.path} sums up`);
}

/** How a sweep is gone through. */
export interface SweepOptions {
  readonly asked?: readonly SweepRun[]; // of the runs; all where it is missing
  readonly jobs: number;
  readonly host: Host;
  readonly reuse: boolean; // a process does run after run, and finds what the ones before left in it
  readonly until?: number; // ms of performance.now() from which no other run begins
  readonly later?: number; // runs that come after the sweep, for the time left
  readonly interrupt?: Interrupt; // of whoever goes through several sweeps
  readonly title?: string; // stands before what is said of a run
}

/**
 * Goes through runs and gathers their rows.
 *
 * @throws PlaygroundError 'aborted' where some were not begun, PartlyFailed where some failed.
 */
export async function runSweep(
  runs: readonly SweepRun[],
  out: string,
  options: SweepOptions,
): Promise<SweepFolder> {
  const { asked = runs, host } = options;
  await openDawn(host); // fails once, not in every run; they find the GPU found here
  const folder = await SweepFolder.open(out, runs);
  const waiting = asked.filter((run) => !folder.isDone(run));
  const done = asked.length - waiting.length;
  if (done > 0) say(`${done} of ${asked.length} runs are done already`);
  const ends = await runAll(folder, waiting, options);
  await folder.gather();
  const left = waiting.filter((run) => !folder.isDone(run));
  const failures = left.flatMap((run) => {
    const end = ends.get(run);
    return typeof end === 'object' ? [`run ${run.index}: ${end.failure}`] : [];
  });
  if (left.length > failures.length) {
    throw new PlaygroundError(
      'aborted',
      `Stopped with ${asked.length - left.length} of ${asked.length} runs done; the same command goes on.`,
    );
  }
  if (failures.length > 0) {
    throw new PartlyFailed(
      `${failures.length} of ${asked.length} runs failed, and the same command tries them again; ${failures[0]}`,
    );
  }
  return folder;
}

/** What `--jobs` says. */
export const jobsFlag = (text: string): number => wholeNumber('--jobs', text, 1, MOST_JOBS);

/** Works the runs off; after Ctrl-C those under way save what they have, and no other begins. */
async function runAll(
  folder: SweepFolder,
  runs: readonly SweepRun[],
  { jobs, reuse, until = Infinity, later = 0, title, interrupt: outer }: SweepOptions,
): Promise<ReadonlyMap<SweepRun, RunEnd>> {
  const ends = new Map<SweepRun, RunEnd>();
  const workers = Array.from({ length: jobs }, () => new SweepWorker());
  const interrupt = outer ?? new Interrupt();
  interrupt.stop = () => workers.forEach((worker) => worker.interrupt());
  const begun = performance.now();
  const queue = [...runs];
  const work = async (worker: SweepWorker): Promise<void> => {
    const isWanted = (): boolean => !interrupt.isRequested && performance.now() < until;
    for (let run = queue.shift(); run && isWanted(); run = queue.shift()) {
      const end = await sweepRun(folder, run, worker);
      if (!reuse) worker.close();
      if (end === 'interrupted') return;
      ends.set(run, end);
      await folder.gather();
      const how = end === 'done' ? 'done' : `failed: ${end.failure}`;
      const seconds = (performance.now() - begun) / 1000;
      const left = ((runs.length + later - ends.size) * seconds) / ends.size;
      const ofAll = later > 0 ? ' of all' : '';
      const remaining = left > 0 ? `, about ${duration(left)}${ofAll} left` : '';
      const prefix = title === undefined ? '' : `${title}, `;
      say(
        `${prefix}run ${run.index} (${settingsText(run)}) ${how}; ${ends.size} of ${runs.length}${remaining}`,
      );
    }
  };
  try {
    await Promise.all(workers.map(work));
  } finally {
    interrupt.stop = () => {};
    if (!outer) interrupt.close();
    workers.forEach((worker) => worker.close());
  }
  return ends;
}

const say = (text: string): void => void process.stderr.write(`drift: ${text}\n`);

const settingsText = ({ settings }: SweepRun): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** The runs that `--only` names: indices and ranges parted by commas. */
function chosenRuns(runs: readonly SweepRun[], only: string): SweepRun[] {
  const last = runs.length - 1;
  const chosen = new Set<number>();
  for (const part of only.split(',')) {
    const [, first = part, end = first] = /^(\d+)-(\d+)$/.exec(part) ?? [];
    const from = wholeNumber('--only', first, 0, last);
    const to = wholeNumber('--only', end, from, last);
    for (let index = from; index <= to; index++) chosen.add(index);
  }
  return runs.filter((run) => chosen.has(run.index));
}

function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new PlaygroundError(
    'config-invalid',
    `${flag} takes whole numbers from ${min} to ${max}, not "${text}".`,
  );
}
