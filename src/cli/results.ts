/** `npm run results`: goes through experiments/ and writes docs/results.md. docs/sweeps.md describes it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PRESETS } from '../config/presets';
import { encodeEvidence, type EvidenceRow } from '../formats/evidenceRow';
import {
  parseExperiment,
  reportStage,
  rowOf,
  tuningStage,
  type Experiment,
  type Stage,
} from '../formats/experimentJson';
import { parseJsonFile, readAs } from '../formats/jsonFile';
import type { SweepRun } from '../formats/sweepJson';
import { parseSweepRows, parseTimings } from '../formats/sweepRow';
import { PlaygroundError } from '../shared/errors';
import { begin } from './begin';
import { openDawn, type Host } from './dawn';
import { evidenceRows, keptRows, writeEvidence, type Study } from './evidence';
import { PartlyFailed } from './fail';
import { readInputText, writeFileAtomic } from './files';
import { Interrupt } from './interrupt';
import { FILES } from './runFolder';
import { jobsFlag, runSweep, type SweepOptions } from './sweep';
import { numberFlag } from './weigh';

const Names = z.array(z.string().min(1));

const RECORDINGS = 'recordings'; // goes by a name as if it were the last experiment

export interface ResultsFlags {
  readonly in?: string;
  readonly out: string;
  readonly jobs: string;
  readonly only?: string;
  readonly hours?: string;
  readonly full?: boolean;
  readonly missing?: boolean;
  readonly tables?: boolean;
}

/** Goes through the experiments that are not done, and writes the page from all rows there are. */
export async function results(flags: ResultsFlags, host: Host): Promise<void> {
  const jobs = jobsFlag(flags.jobs);
  const hours = flags.hours === undefined ? Infinity : numberFlag('--hours', flags.hours, 0);
  const until = performance.now() + 3_600_000 * hours;
  const root = flags.in ?? host.root;
  const all = await studies(root, flags);
  const names = flags.only?.split(',');
  const chosen = flags.tables ? [] : chosenOf(all, names);
  const isOwn = flags.in !== undefined;
  const isRecording = !flags.tables && (names?.includes(RECORDINGS) ?? !isOwn);
  if (!flags.tables) await openDawn(host); // it may start the command anew
  const failures: string[] = [];
  const interrupt = new Interrupt();
  try {
    const counts = chosen.map(askedCount);
    let later = counts.reduce((sum, count) => sum + count, 0);
    for (const [i, study] of chosen.entries()) {
      expectGoOn(interrupt);
      later -= counts[i]!;
      say(`${study.name}: ${counts[i]} runs, ${later} after it`);
      try {
        await go(study, join(flags.out, study.name), {
          ...{ jobs, host, until, later, interrupt },
          reuse: true,
        });
      } catch (failure) {
        if (!(failure instanceof PartlyFailed)) throw failure;
        failures.push(`${study.name}: ${failure.message}`);
        say(failures.at(-1)!);
      }
    }
  } finally {
    for (const study of chosen) await keepRows(study, join(flags.out, study.name));
    await writeEvidence(root, all, flags.in);
    interrupt.close();
  }
  expectGoOn(interrupt);
  if (isRecording && performance.now() < until) await record(join(flags.out, RECORDINGS), host);
  if (failures.length > 0) throw new PartlyFailed(failures[0]!);
}

/** @throws PlaygroundError 'aborted' after Ctrl-C, whenever that was. */
function expectGoOn({ isRequested }: Interrupt): void {
  if (isRequested) throw new PlaygroundError('aborted', 'Stopped; the same command goes on.');
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
async function studies(root: string, { full, missing }: ResultsFlags): Promise<Study[]> {
  const read = (name: string): Promise<string> => readInputText(join(root, 'experiments', name));
  const index = parseJsonFile(await read('index.json'), 'experiments/index.json');
  const names = readAs(Names, index);
  return Promise.all(
    names.map(async (name) => {
      const file = `${name}.json`;
      const experiment = parseExperiment(await read(file), `experiments/${file}`, full === true);
      const rows = join(root, 'docs/results', `${name}.jsonl`);
      return { name, experiment, rows, kept: missing ? await keptRows(rows) : [] };
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

/** Runs of a stage that have no row. */
const missingOf = (stage: Stage, kept: readonly EvidenceRow[]): SweepRun[] =>
  stage.runs.filter((run) => !rowOf(kept, stage, run));

/** Runs that a study asks for; which of its report have no row is not known before it is tuned. */
function askedCount({ experiment, kept }: Study): number {
  const tuning = missingOf(tuningStage(experiment), kept).length;
  if (tuning > 0) return tuning + reportCount(experiment);
  return missingOf(reportStage(experiment, kept), kept).length;
}
const reportCount = ({ methods, seeds }: Experiment): number => methods.length * seeds.length;

/** Tunes, then reports. */
async function go(
  study: Study,
  path: string,
  options: SweepOptions & { readonly later: number; readonly interrupt: Interrupt },
): Promise<void> {
  const { name, experiment, kept } = study;
  const tuning = tuningStage(experiment);
  const asked = missingOf(tuning, kept);
  if (tuning.runs.length > 0) {
    await runSweep(tuning.runs, join(path, 'tune'), {
      ...options,
      title: `${name}, tuning`,
      asked,
      later: options.later + askedCount(study) - asked.length,
    });
  }
  expectGoOn(options.interrupt);
  const report = reportStage(experiment, [...(await madeRows(tuning, path)), ...kept]);
  await runSweep(report.runs, join(path, 'report'), {
    ...options,
    title: `${name}, report`,
    asked: missingOf(report, kept),
  });
}

/** What the sweep of a stage has so far. */
async function madeRows(stage: Stage, path: string): Promise<EvidenceRow[]> {
  const read = async <T>(
    name: string,
    parse: (text: string, file: string) => T[],
  ): Promise<T[]> => {
    const file = join(path, stage.name, name);
    const text = existsSync(file) ? await readInputText(file) : '';
    return text === '' ? [] : parse(text, file); // interrupted in its first run
  };
  const timings = await read('timings.jsonl', parseTimings);
  return evidenceRows(await read('results.jsonl', parseSweepRows), timings, stage);
}

/** Keeps the rows of an experiment beside the text; those that were not made anew stay. */
async function keepRows({ experiment, rows }: Study, path: string): Promise<void> {
  const kept = await keptRows(rows);
  const rowsOf = async (stage: Stage): Promise<EvidenceRow[]> => {
    const some = [...(await madeRows(stage, path)), ...kept];
    return stage.runs.flatMap((run) => rowOf(some, stage, run) ?? []);
  };
  const tuning = tuningStage(experiment);
  const tuned = await rowsOf(tuning);
  const isTuned = tuned.length === tuning.runs.length;
  const reported = isTuned
    ? await rowsOf(reportStage(experiment, tuned))
    : kept.filter(({ stage }) => stage === 'report'); // what they will be tuned to is not known
  const all = [...tuned, ...reported];
  if (all.length > 0) await writeFileAtomic(rows, encodeEvidence(all));
}
