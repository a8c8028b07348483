/** What is kept of experiments, and the page that shows it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../config/runConfig';
import { taskNamed, TASKS } from '../data/tasks/registry';
import { evidencePage, type Section } from '../formats/evidencePage';
import { parseEvidence, type EvidenceRow, type Outcome } from '../formats/evidenceRow';
import { evidenceSvg } from '../formats/evidenceSvg';
import type { Experiment, Stage } from '../formats/experimentJson';
import type { FinishedRow, SweepRow, TimingRow } from '../formats/sweepRow';
import { exactTarget } from '../method/theory';
import { capacitiesOf, planMemory } from '../training/memory';
import { readInputText, writeFileAtomic } from './files';

/** An experiment and where its rows are kept. */
export interface Study {
  readonly name: string;
  readonly experiment: Experiment;
  readonly rows: string;
  /** Rows whose runs are not made anew. */
  readonly kept: readonly EvidenceRow[];
}

/** The rows beside the text, as far as there are. */
export const keptRows = async (file: string): Promise<EvidenceRow[]> =>
  existsSync(file) ? parseEvidence(await readInputText(file), file) : [];

/** The rows of a stage as they are kept, with how long its runs took. */
export function evidenceRows(
  rows: readonly SweepRow[],
  timings: readonly TimingRow[],
  { name, runs, methods }: Stage,
): EvidenceRow[] {
  const timingOf = new Map(timings.map((timing) => [timing.run, timing]));
  return rows.map((row) => ({
    stage: name,
    method: methods[row.run]!.name,
    settings: row.settings,
    outcome:
      row.status === 'finished'
        ? outcomeOf(row, timingOf.get(row.run), runs[row.run]!.config)
        : null,
  }));
}

function outcomeOf(row: FinishedRow, timing: TimingRow | undefined, config: RunConfig): Outcome {
  const { sampled_tokens, trained_tokens, sequential_passes, round_trips } = row;
  const task = taskNamed(config.task);
  const { parameters } = planMemory(capacitiesOf(config, task, true));
  const atOnce = (round_trips + 1) * config.rollout.turns * task.answerTokens;
  const { prompts, success, success_sampled, unique_answer_ratio, kl } = row.policy;
  return {
    prompts,
    reference: { success: row.reference.success, success_sampled: row.reference.success_sampled },
    policy: { success, success_sampled, unique_answer_ratio, kl },
    sampled_tokens,
    trained_tokens,
    gflop: (parameters * (2 * sampled_tokens + 6 * trained_tokens)) / 1e9,
    sequential_passes,
    passes_at_once: Math.min(sequential_passes, atOnce),
    round_trips,
    ...(timing && { seconds: secondsOf(timing) }),
  };
}

function secondsOf({ adapter, seconds: { rollout, train } }: TimingRow): Outcome['seconds'] {
  return { adapter, rollout: Number(rollout.toFixed(2)), train: Number(train.toFixed(2)) };
}

/**
 * Writes docs/results.md, with a table and a plot for each experiment, from the rows that are kept.
 *
 * @param own what `--in` says, for experiments that are not the project's
 */
export async function writeEvidence(
  root: string,
  studies: readonly Study[],
  own: string | undefined,
): Promise<void> {
  const sections = await Promise.all(
    studies.map(async ({ name, experiment, rows: file }): Promise<Section> => {
      const rows = await keptRows(file);
      const svg = evidenceSvg(experiment, rows);
      if (svg !== undefined) await writeFileAtomic(file.replace(/jsonl$/, 'svg'), svg);
      return { name, experiment, rows, hasPlot: svg !== undefined, isMain: TASKS.has(name) };
    }),
  );
  const page = evidencePage(sections, CLOSED_FORM.map(closedFormCells), own);
  await writeFileAtomic(join(root, 'docs/results.md'), page);
}

const CLOSED_FORM = [
  [0.02, 0.1],
  [0.1, 0.1],
  [0.1, 0.5],
  [0.3, 0.5],
  [0.6, 1],
] as const;

function closedFormCells([p, beta]: (typeof CLOSED_FORM)[number]): string[] {
  const { success, successOfK, essFraction, kl, objective } = exactTarget(p, beta, 16);
  const exact = [success, successOfK, essFraction, kl, objective].map((x) => x.toFixed(6));
  return [p.toFixed(2), beta.toFixed(1), ...exact];
}
