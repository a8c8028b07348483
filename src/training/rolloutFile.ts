import { capsOf } from '../config/caps';
import { LEAVES, allowedValues, type LeafValue } from '../config/leaves';
import type { RunConfig } from '../config/runConfig';
import { mostTurns } from '../data/task';
import { taskNamed } from '../data/tasks/registry';
import type { Trajectories } from '../data/trajectories';
import { PlaygroundError } from '../shared/errors';
import { importRollouts } from './importRollouts';

/** Rollouts of a file, and the settings under which they are those of a run. */
export interface RolloutFile {
  readonly config: RunConfig;
  readonly trajectories: Trajectories;
}

/**
 * Reads a rollout file for a run on the task of `asked`: the same settings, with as many prompts and
 * tries as the file has.
 *
 * @throws PlaygroundError 'file-invalid' naming file, line and field, or the setting out of its range.
 */
export function readRolloutFile(asked: RunConfig, text: string, file: string): RolloutFile {
  const task = taskNamed(asked.task);
  const trajectories = importRollouts(text, file, task, mostTurns(task, asked.rollout.turns));
  const prompts = trajectories.prompts.length;
  const tries = trajectories.sampleOf.reduce((most, sample) => Math.max(most, sample + 1), 0);
  const expectAllowed = (name: string, value: LeafValue): void => {
    const leaf = LEAVES.get(name)!;
    if (leaf.schema.safeParse(value).success) return;
    throw new PlaygroundError(
      'file-invalid',
      `${file} makes ${name} ${value}; it must be ${allowedValues(leaf)}.`,
      { file, name },
    );
  };
  expectAllowed('rollout.prompts', prompts);
  expectAllowed('rollout.trajectories', tries);
  const config = { ...asked, rollout: { ...asked.rollout, prompts, trajectories: tries } };
  const [problem] = capsOf(config);
  if (problem) throw new PlaygroundError('file-invalid', `${file}: ${problem.message}.`, { file });
  return { config, trajectories };
}
