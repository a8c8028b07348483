/** What a run leaves on the disk; docs/formats.md describes every file. */
import { appendFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunConfig } from '../config/runConfig';
import type { Evaluation, StepReport } from '../data/results';
import type { Trajectories } from '../data/trajectories';
import { TASKS } from '../data/tasks/registry';
import { evaluationLine, metricLines, rolloutLine } from '../formats/metricsJsonl';
import { encodeRollouts, rolloutLines } from '../formats/rolloutJsonl';
import { rolloutMetrics } from '../method/rolloutMetrics';
import { openOutputFolder, writeFileAtomic, writeFolderAtomic } from './files';

export const FILES = {
  config: 'config.json',
  rollouts: 'rollouts.jsonl',
  metrics: 'metrics.jsonl',
  evaluation: 'eval.json',
  checkpoint: 'checkpoint',
  reference: 'reference',
} as const;

/** The folder of one run. Nothing is written before `begin`. */
export class RunFolder {
  #hasBegun = false;
  #tokens: Record<string, number> = {};

  private constructor(readonly path: string) {}

  /** Makes the folder; one that holds files is refused unless `force`. */
  static async open(path: string, force: boolean): Promise<RunFolder> {
    await openOutputFolder(path, force);
    return new RunFolder(path);
  }

  /** The folder of a run that was interrupted after optimizer step `step`. */
  static async reopen(path: string, step: number): Promise<RunFolder> {
    const folder = new RunFolder(path);
    folder.#hasBegun = true;
    const metrics = folder.at('metrics');
    const lines = (await readFile(metrics, 'utf8').catch(() => '')).split('\n').filter(Boolean);
    const kept = lines.filter((line) => {
      const row = JSON.parse(line) as { stage: string; step: number; num_tokens: number };
      if (row.stage !== 'pretrain' && row.step > step) return false;
      if (row.stage === 'train') folder.#tokens.train = row.num_tokens;
      return true;
    });
    await writeFileAtomic(metrics, kept.map((line) => `${line}\n`).join(''));
    return folder;
  }

  /** Path of one of the run's files. */
  at(file: keyof typeof FILES): string {
    return join(this.path, FILES[file]);
  }

  /** Removes what an earlier run left and writes the configuration; once. */
  async begin(config: RunConfig, preset: string | undefined): Promise<void> {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    for (const file of Object.keys(FILES) as (keyof typeof FILES)[]) {
      await rm(this.at(file), { recursive: true, force: true });
    }
    const text = JSON.stringify({ preset: preset ?? null, ...config }, null, 2);
    await writeFileAtomic(this.at('config'), `${text}\n`);
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

  /** Adds what all rollouts of the run are like to the metrics. */
  addRollouts(config: RunConfig, trajectories: Trajectories, isDrawnPlainly: boolean): void {
    const metrics = rolloutMetrics(trajectories, config, isDrawnPlainly);
    appendFileSync(this.at('metrics'), rolloutLine(metrics));
  }

  /** Adds an evaluation to the metrics. */
  addEvaluation(evaluation: Evaluation): void {
    appendFileSync(this.at('metrics'), evaluationLine(evaluation));
  }

  async writeRollouts(config: RunConfig, trajectories: Trajectories): Promise<void> {
    const { vocabulary } = TASKS.get(config.task)!;
    const { formatPenalty } = config.drift;
    const rules = { vocabulary, maxTurns: config.rollout.turns, formatPenalty };
    await this.write('rollouts', encodeRollouts(rolloutLines(trajectories, rules)));
  }

  /** Writes one of the run's files, whole or not at all. */
  write(file: 'rollouts' | 'evaluation', text: string): Promise<void> {
    return writeFileAtomic(this.at(file), text);
  }

  /** Writes a model folder, whole or not at all. */
  writeModel(
    folder: 'checkpoint' | 'reference',
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<void> {
    return writeFolderAtomic(this.at(folder), files);
  }
}
