/** results.jsonl of a sweep: a row for each run, and nothing in it that depends on time or machine. */
import { z } from 'zod';
import { parseJsonFile, readAs } from './jsonFile';
import { parseJsonRows } from './jsonRows';
import type { SweepRun } from './sweepJson';

const Count = z.int().min(0);
const Share = z.number().min(0).max(1);
const Shares = z.array(Share).min(1);

const Evaluated = z.object({
  prompts: Count.min(1),
  success: Shares, //         greedy, by turn 1 … T
  success_sampled: Shares, // at temperature 1
  correction_rate: z.array(Share.nullable()),
  unique_answer_ratio: Share,
  solved_at: z.array(Count).min(1), // by prompt: first correct turn, 0 = never
  solved_at_sampled: z.array(Count).min(1),
});

const Outcome = z.object({
  task: z.string(),
  split: z.string(),
  reference: Evaluated,
  policy: Evaluated.extend({ step: Count, kl: z.number().nullable() }),
  sampled_tokens: Count,
  trained_tokens: Count,
  sequential_passes: Count,
  round_trips: Count.default(0),
});

const Head = z.object({
  run: Count,
  preset: z.string().nullable(),
  settings: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
});

const SweepRow = z.discriminatedUnion('status', [
  Head.extend({ status: z.literal('finished'), ...Outcome.shape }),
  /** The loss was not a number in the step after `step`. */
  Head.extend({ status: z.literal('diverged'), step: Count }),
]);
export type SweepRow = z.infer<typeof SweepRow>;
export type FinishedRow = Extract<SweepRow, { status: 'finished' }>;

const head = ({ index, preset, settings }: SweepRun) => ({ run: index, preset, settings });

/**
 * The row of a run that went to its end.
 *
 * @param evaluation text of its eval.json
 * @throws PlaygroundError 'file-invalid' naming file, line and field.
 */
export function finishedRow(run: SweepRun, evaluation: string, file: string): string {
  const outcome = readAs(Outcome, parseJsonFile(evaluation, file));
  return line({ ...head(run), status: 'finished', ...outcome });
}

/** The row of a run whose loss became no number after step `step`. */
export const divergedRow = (run: SweepRun, step: number): string =>
  line({ ...head(run), status: 'diverged', step });

const line = (row: SweepRow): string => `${JSON.stringify(row)}\n`;

/** Whether a text is the row of a run, whole and of no other. */
export function isRowOf(run: SweepRun, text: string): boolean {
  try {
    const [row, ...others] = parseSweepRows(text, '');
    const isIts = row?.run === run.index && sameSettings(row.settings, run.settings);
    return isIts && others.length === 0 && text.endsWith('\n');
  } catch {
    return false;
  }
}

const sameSettings = (a: SweepRow['settings'], b: SweepRow['settings']): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** @throws PlaygroundError 'file-invalid' naming file, line and field. */
export const parseSweepRows = (text: string, file: string): SweepRow[] =>
  parseJsonRows(SweepRow, text, file);

/** @throws PlaygroundError 'file-invalid' naming file, line and field. */
export const parseTimings = (text: string, file: string): TimingRow[] =>
  parseJsonRows(TimingRow, text, file);

const Timing = z.object({
  adapter: z.string(),
  seconds: z.object({
    pretrain: z.number(),
    rollout: z.number(),
    train: z.number(),
    evaluate: z.number(),
  }),
});
const TimingRow = Timing.extend({ run: Count });
export type TimingRow = z.infer<typeof TimingRow>;

/** A line of timings.jsonl: where a run was computed, and how long each stage took. */
export function timingLine(run: SweepRun, evaluation: string, file: string): string {
  const { adapter, seconds } = readAs(Timing, parseJsonFile(evaluation, file));
  return `${JSON.stringify({ run: run.index, adapter, seconds })}\n`;
}
