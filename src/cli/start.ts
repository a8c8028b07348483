import type { RunConfig } from '../config/runConfig';
import { TASKS } from '../data/tasks/registry';
import { PlaygroundError } from '../shared/errors';
import { readModelFolder, withModel } from './modelFolder';
import { configOf, type RunFlags } from './options';

export interface StartFlags extends RunFlags {
  readonly checkpoint?: string;
  readonly force?: boolean;
}

export interface Start {
  readonly config: RunConfig;
  readonly preset: string;
  /** Parameters [P] of `--checkpoint`. */
  readonly reference?: Float32Array<ArrayBuffer>;
}

/** The configuration and the reference that the flags name. */
export async function startOf(flags: StartFlags): Promise<Start> {
  const { config, preset } = configOf(flags);
  if (flags.checkpoint === undefined) return { config, preset: preset.name };
  if (config.reference.source === 'pretrain') {
    throw new PlaygroundError(
      'config-invalid',
      '--checkpoint names a reference and reference.source=pretrain asks for a new one; leave one of them out.',
    );
  }
  const loaded = await readModelFolder(flags.checkpoint);
  const start = {
    config: withModel(config, flags.set, loaded),
    preset: preset.name,
    reference: loaded.params(TASKS.get(config.task)!),
  };
  if (loaded.state) {
    const { step } = loaded.state;
    process.stderr.write(
      `drift: ${flags.checkpoint}, trained for ${step} steps, is the reference of a new run; to go on with its own run use train --resume\n`,
    );
  }
  return start;
}
