import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../config/runConfig';
import { capsOf } from '../config/caps';
import { LEAVES, allowedValues, type LeafValue } from '../config/leaves';
import { TASKS } from '../data/tasks/registry';
import type { Trajectories } from '../data/trajectories';
import { PlaygroundError } from '../shared/errors';
import { importRollouts } from '../training/importRollouts';
import { TrainingPlan } from '../training/trainingPlan';
import { openDawn, type Host } from './dawn';
import { runExperiment } from './experiment';
import { readInputText } from './files';
import { readModelFolder } from './modelFolder';
import { FILES, RunFolder } from './runFolder';
import { startOf, type StartFlags } from './start';

export interface TrainFlags extends StartFlags {
  readonly rollouts?: string;
  readonly resume?: string;
  readonly out?: string;
}

/** Trains on the rollouts of a file, or goes on with a run that was interrupted. */
export async function train(flags: TrainFlags, host: Host): Promise<void> {
  if (flags.resume !== undefined) return resume(flags.resume, flags, host);
  const { rollouts: file, out } = flags;
  if (file === undefined || out === undefined) {
    const missing = file === undefined ? '--rollouts FILE' : '--out DIR';
    throw new PlaygroundError('config-invalid', `train needs ${missing}, or --resume DIR.`);
  }
  const { config: asked, ...start } = await startOf(flags);
  const text = await readInputText(file);
  const trajectories = importRollouts(text, file, TASKS.get(asked.task)!);
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

/** Goes on with the run in `path`, in place, under the settings it was started with. */
async function resume(path: string, flags: TrainFlags, host: Host): Promise<void> {
  const { rollouts, checkpoint: named, out, preset, seed, set } = flags;
  if ([rollouts, named, out, preset, seed, ...set].some((flag) => flag !== undefined)) {
    throw new PlaygroundError(
      'config-invalid',
      '--resume goes on in the same folder with the same settings; leave the other flags out.',
    );
  }
  const loaded = await readModelFolder(join(path, FILES.checkpoint));
  if (!loaded.state) {
    throw new PlaygroundError(
      'file-invalid',
      `${loaded.folder} has no trainer_state.json, so there is no training to go on with; name it with --checkpoint.`,
    );
  }
  const { config, step, costs } = loaded.state;
  const task = TASKS.get(config.task)!;
  const file = join(path, FILES.rollouts);
  const text = await readInputText(file);
  const trajectories = importRollouts(text, file, task);
  const beside = join(path, FILES.reference);
  const reference = existsSync(beside) ? (await readModelFolder(beside)).params(task) : undefined;
  if (!reference && config.reference.source === 'pretrain') {
    throw new PlaygroundError('file-invalid', `${beside} is missing; the run was pretrained.`);
  }
  const checkpoint = loaded.checkpoint(task)!;
  await openDawn(host);
  await runExperiment(host, {
    config,
    preset: await presetOf(path),
    folder: await RunFolder.reopen(path, step),
    until: 'train',
    ...(reference ? { reference } : {}),
    rollouts: { text, trajectories },
    resume: { checkpoint, costs },
  });
}

/** The preset that a run was started from, as its config.json says. */
async function presetOf(path: string): Promise<string | undefined> {
  const text = await readInputText(join(path, FILES.config));
  const { preset } = JSON.parse(text) as { preset?: unknown };
  return typeof preset === 'string' ? preset : undefined;
}
