/** What a sweep leaves on the disk; docs/formats.md describes every file. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeConfig } from '../formats/configJson';
import type { SweepRun } from '../formats/sweepJson';
import { isRowOf } from '../formats/sweepRow';
import { PlaygroundError } from '../shared/errors';
import { makeFolder, writeFileAtomic } from './files';
import { TASK_FILE, taskFileText } from './taskFile';

/** The folder of one sweep. Any number of processes may work in it, each on other runs. */
export class SweepFolder {
  private constructor(
    readonly path: string,
    readonly runs: readonly SweepRun[],
  ) {}

  /**
   * Makes the folder with a configuration file for every run, or finds it as it was made.
   *
   * @throws PlaygroundError 'config-invalid' where it holds another sweep, or anything else.
   */
  static async open(path: string, runs: readonly SweepRun[]): Promise<SweepFolder> {
    const folder = new SweepFolder(path, runs);
    const there = await namesIn(path);
    if (there.length > 0 && !there.includes('configs')) {
      throw refused(`${path} already holds files; name another folder with --out`);
    }
    await makeFolder(join(path, 'runs'));
    for (const name of await namesIn(join(path, 'configs'))) {
      if (Number.parseInt(name, 10) >= runs.length) throw refused(anotherSweep(path));
    }
    for (const run of runs) await folder.#keepConfig(run);
    for (const { config } of runs) await folder.#keepTask(config.task);
    return folder;
  }

  async #keepConfig(run: SweepRun): Promise<void> {
    const file = this.config(run);
    const text = encodeConfig(run);
    if (!existsSync(file)) return writeFileAtomic(file, text);
    if ((await readFile(file, 'utf8')) !== text) throw refused(anotherSweep(this.path, run));
  }

  /** The file of a task, where the runs look for it; a sweep has one at most. */
  async #keepTask(task: string): Promise<void> {
    const text = taskFileText(task);
    const file = join(this.path, 'configs', TASK_FILE);
    if (text !== undefined && !existsSync(file)) await writeFileAtomic(file, text);
  }

  /** Configuration file of a run. */
  config = (run: SweepRun): string => this.#at('configs', run, '.json');
  /** Folder of a run, as `drift run` makes it. */
  run = (run: SweepRun): string => this.#at('runs', run, '');
  /** What a run says on standard error. */
  log = (run: SweepRun): string => this.#at('logs', run, '.txt');
  /** Names the process that computes a run. */
  owner = (run: SweepRun): string => this.#at('runs', run, '.pid');
  #row = (run: SweepRun): string => this.#at('rows', run, '.json');
  #timing = (run: SweepRun): string => this.#at('timings', run, '.json');

  #at(kind: string, { index }: SweepRun, suffix: string): string {
    return join(this.path, kind, `${String(index).padStart(4, '0')}${suffix}`);
  }

  /** Whether a run has its row. One that a copy has damaged, or mistaken for another, is made again. */
  isDone(run: SweepRun): boolean {
    const file = this.#row(run);
    return existsSync(file) && isRowOf(run, readFileSync(file, 'utf8'));
  }

  /** Keeps what a run came to; from then on it is done. */
  async finish(run: SweepRun, row: string, timing: string): Promise<void> {
    if (timing !== '') await writeFileAtomic(this.#timing(run), timing);
    await writeFileAtomic(this.#row(run), row);
  }

  /**
   * Writes results.jsonl and timings.jsonl from what is done, in the order of the sweep. Another
   * process may finish a run and gather meanwhile; the last one to write has seen all.
   */
  async gather(): Promise<void> {
    for (let seen = -1; ;) {
      const done = this.runs.filter((run) => this.isDone(run));
      if (done.length === seen) return;
      seen = done.length;
      await this.#gather('timings.jsonl', done.map(this.#timing));
      await this.#gather('results.jsonl', done.map(this.#row));
    }
  }

  async #gather(name: string, files: readonly string[]): Promise<void> {
    const lines: string[] = [];
    for (const file of files) if (existsSync(file)) lines.push(await readFile(file, 'utf8'));
    await writeFileAtomic(join(this.path, name), lines.join(''));
  }
}

const namesIn = async (path: string): Promise<string[]> =>
  (await readdir(path).catch(() => [])).filter((name) => !name.startsWith('.'));

const anotherSweep = (path: string, run?: SweepRun): string =>
  `${path} holds another sweep${run ? `, whose run ${run.index} has other settings` : ' of more runs'}; name another folder with --out`;

const refused = (sentence: string): PlaygroundError =>
  new PlaygroundError('config-invalid', `${sentence}.`);
