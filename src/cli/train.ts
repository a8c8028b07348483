import type { RunConfig } from '../config/runConfig';
import { capsOf } from '../config/caps';
import { LEAVES, allowedValues, type LeafValue } from '../config/leaves';
import { mostTurns } from '../data/task';
import { taskNamed } from '../data/tasks/registry';
import type { Trajectories } from '../data/trajectories';
import { PlaygroundError } from '../shared/errors';
import { importRollouts } from '../training/importRollouts';
import { TrainingPlan } from '../training/trainingPlan';
import { openDawn, type Host } from './dawn';
import { runExperiment } from './experiment';
import { readInputText } from './files';
import { resume } from './resume';
import { RunFolder } from './runFolder';
import { expectFrozen, startOf, type StartFlags } from './start';

export interface TrainFlags extends StartFlags {
  readonly rollouts?: string;
  readonly resume?: string;
  readonly out?: string;
}

/** Trains on the rollouts of a file, or goes on with a run that was interrupted. */
export async function train(flags: TrainFlags, host: Host): Promise<void> {
  if (flags.resume !== undefined) return resume(flags.resume, 'train', flags, host);
  const { rollouts: file, out } = flags;
  if (file === undefined || out === undefined) {
    const missing = file === undefined ? '--rollouts FILE' : '--out DIR';
    throw new PlaygroundError('config-invalid', `train needs ${missing}, or --resume DIR.`);
  }
  const { config: asked, ...start } = await startOf(flags);
  expectFrozen(asked);
  if (file === '-') await openDawn(host); // it may start the command anew, with nothing read yet
  const text = await readInputText(file);
  const task = taskNamed(asked.task);
  const turns = mostTurns(task, asked.rollout.turns);
  const trajectories = importRollouts(text, file, task, turns);
  const config = withRolloutsOf(asked, trajectories, file);
  const { totalSteps } = TrainingPlan.of(config, trajectories); // refuses to train on nothing
  await openDawn(host);
  const folder = await RunFolder.open(out, flags.force === true);
  process.stderr.write(
    `drift: ${totalSteps} steps on ${trajectories.turns.length} trajectories of ${trajectories.prompts.length} prompts\n`,
  );
  const rollouts = { text, trajectories };
  await runExperiment(host, { ...start, config, folder, until: 'train', rollouts });
}

/** The configuration with as many prompts and tries as a file has. */
function withRolloutsOf(config: RunConfig, t: Trajectories, file: string): RunConfig {
  const tries = t.sampleOf.reduce((most, sample) => Math.max(most, sample + 1), 0);
  const expectAllowed = (name: string, value: LeafValue): void => {
    const leaf = LEAVES.get(name)!;
    if (leaf.schema.safeParse(value).success) return;
    throw new PlaygroundError(
      'file-invalid',
      `${file} makes ${name} ${value}; it must be ${allowedValues(leaf)}.`,
      { file, name },
    );
  };
  expectAllowed('rollout.prompts', t.prompts.length);
  expectAllowed('rollout.trajectories', tries);
  const rollout = { ...config.rollout, prompts: t.prompts.length, trajectories: tries };
  const changed = { ...config, rollout };
  const [problem] = capsOf(changed);
  if (problem) throw new PlaygroundError('file-invalid', `${file}: ${problem.message}.`, { file });
  return changed;
}
