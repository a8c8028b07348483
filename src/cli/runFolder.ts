/** What a run leaves on the disk; docs/formats.md describes every file. */
import { appendFileSync, existsSync } from 'node:fs';
import { readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunConfig } from '../config/runConfig';
import type { Costs, Evaluation, StepReport } from '../data/results';
import type { Trajectories } from '../data/trajectories';
import { taskNamed } from '../data/tasks/registry';
import { encodeConfig } from '../formats/configJson';
import { lineError } from '../formats/jsonLines';
import { evaluationLine, metricLines, rolloutLine } from '../formats/metricsJsonl';
import { encodeRollouts, rolloutLines } from '../formats/rolloutJsonl';
import { trainerState } from '../formats/trainerState';
import { rolloutMetrics } from '../method/rolloutMetrics';
import { openOutputFolder, writeFileAtomic, writeFolderAtomic } from './files';
import { TASK_FILE, taskFileText } from './taskFile';

export const FILES = {
  config: 'config.json',
  rollouts: 'rollouts.jsonl',
  metrics: 'metrics.jsonl',
  evaluation: 'eval.json',
  checkpoint: 'checkpoint',
  reference: 'reference',
  task: TASK_FILE,
  played: 'rollouts.part.jsonl', // until all groups are there
  state: 'run_state.json', //       until there is a checkpoint
} as const;

/** The folder of one run. Nothing is written before `begin`. */
export class RunFolder {
  #hasBegun = false;
  readonly #rolloutLines = new Set<number>(); // by step of the policy that played
  #isNew = false;
  readonly #evaluated = new Set<string>();
  #tokens: Record<string, number> = {};

  private constructor(readonly path: string) {}

  /** Makes the folder; one that holds files is refused unless `force`. */
  static async open(path: string, force: boolean): Promise<RunFolder> {
    const folder = new RunFolder(path);
    folder.#isNew = await openOutputFolder(path, force);
    return folder;
  }

  /** The folder of a run that was interrupted after optimizer step `step`. */
  static async reopen(path: string, step: number): Promise<RunFolder> {
    const folder = new RunFolder(path);
    folder.#hasBegun = true;
    const isPretrained = existsSync(folder.at('reference')); // else that begins anew
    const metrics = folder.at('metrics');
    const text = await readFile(metrics, 'utf8').catch(() => '');
    const kept = text
      .split('\n')
      .slice(0, -1)
      .filter((line, i) => {
        const row = metricRow(line, metrics, i + 1);
        if (row.stage === 'pretrain' && !isPretrained) return false;
        if (row.stage !== 'rollout' && row.stage !== 'pretrain' && row.step > step) return false;
        if (row.stage === 'train') folder.#tokens.train = row.num_tokens;
        if (row.stage === 'rollout') folder.#rolloutLines.add(row.step);
        if (row.stage === 'evaluate') folder.#evaluated.add(evaluationKey(row));
        return true;
      });
    await writeFileAtomic(metrics, kept.map((line) => `${line}\n`).join(''));
    return folder;
  }

  /** Takes the folder away again where nothing was written to it. */
  async close(): Promise<void> {
    if (this.#isNew && !this.#hasBegun) await rmdir(this.path).catch(() => {}); // it is not empty
  }

  /** Path of one of the run's files. */
  at(file: keyof typeof FILES): string {
    return join(this.path, FILES[file]);
  }

  /**
   * Removes what an earlier run left and writes rollouts and task file that were given and the
   * configuration; once.
   * Returns whether this was the time.
   */
  async begin(config: RunConfig, preset: string | undefined, rollouts?: string): Promise<boolean> {
    if (this.#hasBegun) return false;
    this.#hasBegun = true;
    await this.#clear();
    if (rollouts !== undefined) await writeFileAtomic(this.at('rollouts'), rollouts);
    const task = taskFileText(config.task);
    if (task !== undefined) await writeFileAtomic(this.at('task'), task);
    await writeFileAtomic(this.at('config'), encodeConfig({ preset, config }));
    return true;
  }

  /** Removes what was written: a run that is not kept. */
  async discard(): Promise<void> {
    if (!this.#hasBegun) return;
    await this.#clear();
    this.#hasBegun = false;
  }

  async #clear(): Promise<void> {
    for (const file of Object.keys(FILES) as (keyof typeof FILES)[]) {
      await rm(this.at(file), { recursive: true, force: true });
    }
  }

  /** Adds one optimizer step to the metrics. */
  addStep(stage: 'pretrain' | 'train', report: StepReport): void {
    const { text, tokens } = metricLines(
      {
        stage,
        step: [report.step],
        loss: [report.loss],
        nll: [report.nll],
        gradNorm: [report.gradNorm],
        learningRate: [report.learningRate],
        tokensPerSecond: [report.tokens / report.seconds],
        stepMs: [1000 * report.seconds],
      },
      this.#tokens[stage] ?? 0,
    );
    this.#tokens[stage] = tokens;
    appendFileSync(this.at('metrics'), text);
  }

  /** Adds what rollouts of the policy of step `step` are like to the metrics. */
  addRollouts(
    config: RunConfig,
    trajectories: Trajectories,
    isDrawnPlainly: boolean,
    step = 0,
  ): void {
    if (this.#rolloutLines.has(step)) return; // the run was resumed
    const metrics = rolloutMetrics(trajectories, config, isDrawnPlainly);
    appendFileSync(this.at('metrics'), rolloutLine(metrics, step));
    this.#rolloutLines.add(step);
  }

  /** Adds an evaluation to the metrics. */
  addEvaluation(evaluation: Evaluation): void {
    const key = evaluationKey(evaluation);
    if (this.#evaluated.has(key)) return; // before the run was interrupted
    this.#evaluated.add(key);
    appendFileSync(this.at('metrics'), evaluationLine(evaluation));
  }

  /** Keeps groups that were just played, for a run that is interrupted before it has all. */
  async addPlayed(config: RunConfig, trajectories: Trajectories, costs: Costs): Promise<void> {
    appendFileSync(this.at('played'), rolloutText(config, trajectories));
    await this.writeState(config, costs);
  }

  /** Writes all rollouts in place of those that were kept as they came. */
  async writeRollouts(config: RunConfig, trajectories: Trajectories): Promise<void> {
    await writeFileAtomic(this.at('rollouts'), rolloutText(config, trajectories));
    await rm(this.at('played'), { force: true });
  }

  /** Says what it takes to go on with a run that has no checkpoint yet. */
  writeState(config: RunConfig, costs: Costs): Promise<void> {
    const text = JSON.stringify(trainerState(config, 0, costs), null, 2);
    return writeFileAtomic(this.at('state'), `${text}\n`);
  }

  forgetState(): Promise<void> {
    return rm(this.at('state'), { force: true });
  }

  /** Writes the reference of the run, unless it is there. */
  async keepReference(files: ModelFiles): Promise<void> {
    if (!existsSync(this.at('reference'))) await writeFolderAtomic(this.at('reference'), files);
  }

  /** Writes the checkpoint, whole or not at all. */
  async writeCheckpoint(files: ModelFiles): Promise<void> {
    await writeFolderAtomic(this.at('checkpoint'), files);
    await this.forgetState();
  }

  writeEvaluation(text: string): Promise<void> {
    return writeFileAtomic(this.at('evaluation'), text);
  }
}

interface MetricRow {
  readonly stage: string;
  readonly step: number;
  readonly num_tokens: number;
  readonly who: string;
}

function metricRow(line: string, file: string, number: number): MetricRow {
  try {
    return JSON.parse(line) as MetricRow;
  } catch {
    throw lineError(file, number, undefined, 'not a line of JSON; take it out to go on');
  }
}

const evaluationKey = ({ who, step }: Pick<MetricRow, 'who' | 'step'>): string => `${who} ${step}`;

type ModelFiles = ReadonlyMap<string, Uint8Array>;

function rolloutText(config: RunConfig, trajectories: Trajectories): string {
  const { vocabulary } = taskNamed(config.task);
  const { formatPenalty } = config.drift;
  const rules = { vocabulary, maxTurns: config.rollout.turns, formatPenalty };
  return encodeRollouts(rolloutLines(trajectories, rules));
}
