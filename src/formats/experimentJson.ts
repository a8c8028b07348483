/** experiments/NAME.json: methods that are compared on one task, each tuned first. docs/sweeps.md describes it. */
import { z } from 'zod';
import type { EvidenceRow, Outcome } from './evidenceRow';
import { parseJsonFile, readAs } from './jsonFile';
import { parseSweep, type SweepRun } from './sweepJson';

const Value = z.union([z.number(), z.boolean(), z.string()]);
const Settings = z.record(z.string(), Value);
type Settings = z.infer<typeof Settings>;
const Seeds = z.array(z.int().min(0)).min(1);

const Experiment = z
  .strictObject({
    title: z.string().min(1),
    about: z.string().min(1),
    preset: z.string(),
    set: Settings,
    seeds: Seeds,
    methods: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          set: Settings.default({}),
          /** Settings to choose from, the likeliest first; without it nothing is tuned. */
          tune: z.array(Settings).min(1).default([{}]),
        }),
      )
      .min(1),
    /** Pairs of methods, by name, whose difference is shown. */
    compare: z.array(z.tuple([z.string(), z.string()])).default([]),
    /** What `--full` changes. */
    full: z.strictObject({ set: Settings.default({}), seeds: Seeds.exactOptional() }).prefault({}),
  })
  .superRefine(({ methods, compare }, { addIssue }) => {
    const names = new Set(methods.map(({ name }) => name));
    compare.forEach((pair, i) =>
      pair.forEach((name, j) => {
        if (names.has(name)) return;
        addIssue({ code: 'custom', path: ['compare', i, j], message: 'names no method' });
      }),
    );
  });
export type Experiment = z.infer<typeof Experiment>;
export type ComparedMethod = Experiment['methods'][number];

/** The tuning stage: prompts kept for it, and a seed that no report uses. */
const TUNING: Settings = { 'eval.split': 'tune', 'eval.prompts': 256, seed: 100 };

/** Runs of one stage, and the method of each. */
export interface Stage {
  readonly name: EvidenceRow['stage'];
  readonly runs: readonly SweepRun[];
  readonly methods: readonly ComparedMethod[];
}

/** @throws PlaygroundError 'file-invalid' naming file, line and field. */
export function parseExperiment(text: string, file: string, isFull: boolean): Experiment {
  const experiment = readAs(Experiment, parseJsonFile(text, file));
  const { set, seeds = experiment.seeds } = experiment.full;
  const asked = isFull ? { ...experiment, set: { ...experiment.set, ...set }, seeds } : experiment;
  for (const method of asked.methods) {
    for (const point of method.tune) {
      runsOf(asked, [[method, point]], `${file}, method "${method.name}"`); // before any run, not on its turn
    }
  }
  return asked;
}

/** Every method under each of the settings that it is tuned over, where there is a choice. */
export function tuningStage(experiment: Experiment): Stage {
  const methods = experiment.methods.filter((method) => method.tune.length > 1);
  return stageOf(
    'tune',
    experiment,
    methods.flatMap((method) => method.tune.map((point) => [method, { ...point, ...TUNING }])),
  );
}

/** Every method, as it was tuned, with every seed; a seed's runs follow one another. */
export function reportStage(experiment: Experiment, tuned: readonly EvidenceRow[]): Stage {
  const tuning = tuningStage(experiment);
  const chosen = experiment.methods.map((method) => {
    const tried = tuning.runs.filter((run) => tuning.methods[run.index] === method);
    return [method, method.tune[best(tried.map((run) => rowOf(tuned, tuning, run)))]!] as const;
  });
  return stageOf(
    'report',
    experiment,
    experiment.seeds.flatMap((seed) =>
      chosen.map(([method, point]) => [method, { ...point, seed }] as const),
    ),
  );
}

/** Index of the run with the highest greedy success, of equal ones that with the highest sampled; the first. */
function best(rows: readonly (EvidenceRow | undefined)[]): number {
  const score = (outcome: Outcome | null = null): [number, number] =>
    outcome ? [outcome.policy.success.at(-1)!, outcome.policy.success_sampled.at(-1)!] : [-1, -1];
  let index = 0;
  rows.forEach((row, i) => {
    const [greedy, sampled] = score(row?.outcome);
    const [mostGreedy, mostSampled] = score(rows[index]?.outcome);
    if (greedy > mostGreedy || (greedy === mostGreedy && sampled > mostSampled)) index = i;
  });
  return index;
}

/** The row of a run, if it is among `rows`: that of the same method with the same settings. */
export const rowOf = (
  rows: readonly EvidenceRow[],
  { name, methods }: Stage,
  { index, settings }: SweepRun,
): EvidenceRow | undefined =>
  rows.find(
    (row) =>
      row.stage === name &&
      row.method === methods[index]!.name &&
      inOrder(row.settings) === inOrder(settings),
  );

const inOrder = (settings: Settings): string => JSON.stringify(Object.entries(settings).sort());

/** A method, and its settings beside those that all its runs share. */
type Entry = readonly [ComparedMethod, Settings];

function stageOf(name: Stage['name'], experiment: Experiment, entries: readonly Entry[]): Stage {
  const runs = entries.length === 0 ? [] : runsOf(experiment, entries, 'the experiment');
  return { name, runs, methods: entries.map(([method]) => method) };
}

function runsOf({ preset, set }: Experiment, entries: readonly Entry[], file: string): SweepRun[] {
  const list = entries.map(([method, own]) => ({ ...set, ...method.set, ...own }));
  return parseSweep(JSON.stringify({ preset, list }), file);
}
