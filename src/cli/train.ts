import { PlaygroundError } from '../shared/errors';
import { readRolloutFile } from '../training/rolloutFile';
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
  const { config, trajectories } = readRolloutFile(asked, text, file);
  const { totalSteps } = TrainingPlan.of(config, trajectories); // refuses to train on nothing
  await openDawn(host);
  const folder = await RunFolder.open(out, flags.force === true);
  process.stderr.write(
    `drift: ${totalSteps} steps on ${trajectories.turns.length} trajectories of ${trajectories.prompts.length} prompts\n`,
  );
  const rollouts = { text, trajectories };
  await runExperiment(host, { ...start, config, folder, until: 'train', rollouts });
}
