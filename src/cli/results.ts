/** `npm run results`: goes through experiments/ and writes docs/evidence.md. docs/sweeps.md describes it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../config/runConfig';
import { taskNamed } from '../data/tasks/registry';
import { encodeEvidence, parseEvidence, type EvidenceRow } from '../formats/evidenceRow';
import { evidencePage, type Section } from '../formats/evidencePage';
import { evidenceSvg } from '../formats/evidenceTable';
import {
  parseExperiment,
  reportStage,
  tuningStage,
  type Experiment,
  type Stage,
} from '../formats/experimentJson';
import { parseSweepRows, type SweepRow } from '../formats/sweepRow';
import { PlaygroundError } from '../shared/errors';
import { capacitiesOf, planMemory } from '../training/memory';
import { openDawn, type Host } from './dawn';
import { PartlyFailed } from './fail';
import { readInputText, writeFileAtomic } from './files';
import { jobsFlag, runSweep, type SweepOptions } from './sweep';
import { numberFlag } from './weigh';

const EXPERIMENTS = 'experiments';
const KEPT = 'docs/results';
const PAGE = 'docs/evidence.md';

export interface ResultsFlags {
  readonly out: string;
  readonly jobs: string;
  readonly only?: string;
  readonly hours?: string;
  readonly full?: boolean;
  readonly tables?: boolean;
}

type Named = readonly [name: string, experiment: Experiment];

/** Goes through the experiments that are not done, and writes the page from all rows there are. */
export async function results(flags: ResultsFlags, host: Host): Promise<void> {
  const jobs = jobsFlag(flags.jobs);
  const hours = flags.hours === undefined ? Infinity : numberFlag('--hours', flags.hours);
  const until = performance.now() + 3_600_000 * hours;
  const all = await experiments(flags.full === true);
  const chosen = flags.tables ? [] : chosenOf(all, flags.only);
  const failures: string[] = [];
  if (chosen.length > 0) await openDawn(host); // it may start the command anew
  try {
    for (const [i, [name, experiment]] of chosen.entries()) {
      const later = chosen.slice(i + 1).reduce((n, [, other]) => n + runCount(other), 0);
      say(`${name}: ${runCount(experiment)} runs, ${later} after it`);
      try {
        await runExperiment(experiment, join(flags.out, name), { jobs, host, until, later });
      } catch (failure) {
        if (!(failure instanceof PartlyFailed)) throw failure;
        failures.push(`${name}: ${failure.message}`);
        say(failures.at(-1)!);
      }
      await keepRows(name, experiment, join(flags.out, name));
    }
  } finally {
    for (const [name, experiment] of all) await keepRows(name, experiment, join(flags.out, name));
    await writePage(all);
  }
  if (failures.length > 0) throw new PartlyFailed(failures[0]!);
}

const say = (text: string): void => void process.stderr.write(`drift: ${text}\n`);

/** Every experiment, in the order in which they matter. */
async function experiments(isFull: boolean): Promise<Named[]> {
  const names = JSON.parse(await readInputText(join(EXPERIMENTS, 'index.json'))) as string[];
  return Promise.all(
    names.map(async (name): Promise<Named> => {
      const file = join(EXPERIMENTS, `${name}.json`);
      return [name, parseExperiment(await readInputText(file), file, isFull)];
    }),
  );
}

function chosenOf(all: readonly Named[], only: string | undefined): readonly Named[] {
  if (only === undefined) return all;
  return only.split(',').map((wanted) => {
    const found = all.find(([name]) => name === wanted);
    if (found) return found;
    const names = all.map(([name]) => name).join(', ');
    throw new PlaygroundError(
      'config-invalid',
      `There is no experiment "${wanted}"; the experiments are ${names}.`,
    );
  });
}

const runCount = (experiment: Experiment): number =>
  tuningStage(experiment).runs.length + experiment.methods.length * experiment.seeds.length;

async function runExperiment(
  experiment: Experiment,
  path: string,
  options: SweepOptions & { readonly later: number },
): Promise<void> {
  const { later } = options;
  const tuning = tuningStage(experiment);
  const reports = runCount(experiment) - tuning.runs.length;
  if (tuning.runs.length > 0) {
    await runSweep(tuning.runs, join(path, 'tune'), { ...options, later: later + reports });
  }
  const report = reportStage(experiment, await rowsIn(join(path, 'tune')));
  await runSweep(report.runs, join(path, 'report'), options);
}

/** What a sweep has so far. */
async function rowsIn(folder: string): Promise<SweepRow[]> {
  const file = join(folder, 'results.jsonl');
  return existsSync(file) ? parseSweepRows(await readInputText(file), file) : [];
}

/** Writes the rows of an experiment that this machine has run beside the text; elsewhere they stay. */
async function keepRows(name: string, experiment: Experiment, path: string): Promise<void> {
  const tuned = await rowsIn(join(path, 'tune'));
  const tuning = tuningStage(experiment);
  const reported = await rowsIn(join(path, 'report'));
  if (tuned.length + reported.length === 0) return;
  const report = reported.length > 0 ? reportStage(experiment, tuned) : tuning;
  const rows = [
    ...tuned.map((row) => evidenceRow('tune', row, tuning)),
    ...reported.map((row) => evidenceRow('report', row, report)),
  ];
  await writeFileAtomic(join(KEPT, `${name}.jsonl`), encodeEvidence(rows));
}

function evidenceRow(stage: EvidenceRow['stage'], row: SweepRow, { runs, methods }: Stage) {
  const { settings } = row;
  const method = methods[row.run]!.name;
  if (row.status === 'diverged') return { stage, method, settings, outcome: null };
  const { config } = runs[row.run]!;
  const { prompts, success, success_sampled } = row.policy;
  const { sampled_tokens, trained_tokens, sequential_passes, round_trips } = row;
  const task = taskNamed(config.task);
  const longest = (round_trips + 1) * config.rollout.turns * task.answerTokens;
  const outcome = {
    prompts,
    reference: {
      success: row.reference.success,
      success_sampled: row.reference.success_sampled,
    },
    policy: {
      success,
      success_sampled,
      unique_answer_ratio: row.policy.unique_answer_ratio,
      kl: row.policy.kl,
    },
    ...{ sampled_tokens, trained_tokens },
    gflop: (parametersOf(config) * (2 * sampled_tokens + 6 * trained_tokens)) / 1e9,
    ...{ sequential_passes, passes_at_once: Math.min(sequential_passes, longest), round_trips },
  };
  return { stage, method, settings, outcome };
}

const parametersOf = (config: RunConfig): number =>
  planMemory(capacitiesOf(config, taskNamed(config.task), true)).parameters;

/** The page with a table and a plot for each experiment, from the rows that are kept. */
async function writePage(all: readonly Named[]): Promise<void> {
  const sections = await Promise.all(
    all.map(async ([name, experiment]): Promise<Section> => {
      const file = join(KEPT, `${name}.jsonl`);
      const rows = existsSync(file) ? parseEvidence(await readInputText(file), file) : [];
      const svg = evidenceSvg(experiment, rows);
      if (svg !== undefined) await writeFileAtomic(join(KEPT, `${name}.svg`), svg);
      return { name, experiment, rows, hasPlot: svg !== undefined };
    }),
  );
  await writeFileAtomic(PAGE, evidencePage(sections));
  say(`wrote ${PAGE}`);
}
