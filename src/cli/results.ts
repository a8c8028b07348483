/** `npm run results`: goes through experiments/ and writes docs/evidence.md. docs/sweeps.md describes it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PRESETS } from '../config/presets';
import { encodeEvidence } from '../formats/evidenceRow';
import {
  parseExperiment,
  reportStage,
  tuningStage,
  type Experiment,
} from '../formats/experimentJson';
import { parseSweepRows, type SweepRow } from '../formats/sweepRow';
import { PlaygroundError } from '../shared/errors';
import { begin } from './begin';
import { openDawn, type Host } from './dawn';
import { evidenceRows, writeEvidence, type Study } from './evidence';
import { PartlyFailed } from './fail';
import { readInputText, writeFileAtomic } from './files';
import { FILES } from './runFolder';
import { jobsFlag, runSweep, type SweepOptions } from './sweep';
import { numberFlag } from './weigh';

const RECORDINGS = 'recordings'; // goes by a name as if it were the last experiment

export interface ResultsFlags {
  readonly out: string;
  readonly jobs: string;
  readonly only?: string;
  readonly hours?: string;
  readonly full?: boolean;
  readonly tables?: boolean;
}

/** Goes through the experiments that are not done, and writes the page from all rows there are. */
export async function results(flags: ResultsFlags, host: Host): Promise<void> {
  const jobs = jobsFlag(flags.jobs);
  const hours = flags.hours === undefined ? Infinity : numberFlag('--hours', flags.hours, 0);
  const until = performance.now() + 3_600_000 * hours;
  const all = await studies(host.root, flags.full === true);
  const names = flags.only?.split(',');
  const chosen = flags.tables ? [] : chosenOf(all, names);
  const isRecording = !flags.tables && (names?.includes(RECORDINGS) ?? true);
  if (!flags.tables) await openDawn(host); // it may start the command anew
  const failures: string[] = [];
  try {
    for (const [i, study] of chosen.entries()) {
      const later = chosen.slice(i + 1).reduce((n, other) => n + runCount(other), 0);
      say(`${study.name}: ${runCount(study)} runs, ${later} after it`);
      try {
        await go(study, join(flags.out, study.name), { jobs, host, until, later });
      } catch (failure) {
        if (!(failure instanceof PartlyFailed)) throw failure;
        failures.push(`${study.name}: ${failure.message}`);
        say(failures.at(-1)!);
      }
    }
  } finally {
    for (const study of all) await keepRows(study, join(flags.out, study.name));
    await writeEvidence(host.root, all);
  }
  if (isRecording && performance.now() < until) await record(join(flags.out, RECORDINGS), host);
  if (failures.length > 0) throw new PartlyFailed(failures[0]!);
}

/** Records the presets, those that were not recorded before. */
async function record(out: string, host: Host): Promise<void> {
  for (const { name } of PRESETS) {
    const folder = join(out, name);
    if (existsSync(join(folder, FILES.evaluation))) continue;
    const file = join(host.root, 'public/recordings', `${name}.jsonl`);
    say(`recording ${name}`);
    await begin({ preset: name, set: [], out: folder, force: true, record: file }, 'train', host);
  }
}

const say = (text: string): void => void process.stderr.write(`drift: ${text}\n`);

/** Every experiment, in the order in which they matter. */
async function studies(root: string, isFull: boolean): Promise<Study[]> {
  const read = (name: string): Promise<string> => readInputText(join(root, 'experiments', name));
  const names = JSON.parse(await read('index.json')) as string[];
  return Promise.all(
    names.map(async (name) => {
      const file = `${name}.json`;
      const experiment = parseExperiment(await read(file), `experiments/${file}`, isFull);
      return { name, experiment, rows: join(root, 'docs/results', `${name}.jsonl`) };
    }),
  );
}

function chosenOf(all: readonly Study[], names: readonly string[] | undefined): readonly Study[] {
  if (names === undefined) return all;
  return names
    .filter((name) => name !== RECORDINGS)
    .map((wanted) => {
      const found = all.find(({ name }) => name === wanted);
      if (found) return found;
      const known = [...all.map(({ name }) => name), RECORDINGS].join(', ');
      throw new PlaygroundError(
        'config-invalid',
        `There is no experiment "${wanted}"; the experiments are ${known}.`,
      );
    });
}

const runCount = ({ experiment }: Study): number =>
  tuningStage(experiment).runs.length + reportCount(experiment);
const reportCount = ({ methods, seeds }: Experiment): number => methods.length * seeds.length;

/** Tunes, then reports. */
async function go(
  { experiment }: Study,
  path: string,
  options: SweepOptions & { readonly later: number },
): Promise<void> {
  const later = options.later + reportCount(experiment);
  const { runs } = tuningStage(experiment);
  if (runs.length > 0) await runSweep(runs, join(path, 'tune'), { ...options, later });
  const report = reportStage(experiment, await rowsIn(join(path, 'tune')));
  await runSweep(report.runs, join(path, 'report'), options);
}

/** What a sweep has so far. */
async function rowsIn(folder: string): Promise<SweepRow[]> {
  const file = join(folder, 'results.jsonl');
  return existsSync(file) ? parseSweepRows(await readInputText(file), file) : [];
}

/** Keeps the rows of an experiment beside the text; those that this machine has not run stay as they are. */
async function keepRows({ experiment, rows }: Study, path: string): Promise<void> {
  const tuned = await rowsIn(join(path, 'tune'));
  const reported = await rowsIn(join(path, 'report'));
  if (tuned.length + reported.length === 0) return;
  const kept = evidenceRows('tune', tuned, tuningStage(experiment));
  if (reported.length > 0) {
    kept.push(...evidenceRows('report', reported, reportStage(experiment, tuned)));
  }
  await writeFileAtomic(rows, encodeEvidence(kept));
}
