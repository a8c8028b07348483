import type { RunConfig } from '../config/runConfig';
import { taskNamed } from '../data/tasks/registry';
import { parseConfig } from '../formats/configJson';
import { isRefreshed } from '../method/coefficients/methods';
import { PlaygroundError } from '../shared/errors';
import { readInputText } from './files';
import { readModelFolder, withModel } from './modelFolder';
import { configOf, withSettings, type RunFlags } from './options';

export interface StartFlags extends RunFlags {
  readonly config?: string;
  readonly checkpoint?: string;
  readonly force?: boolean;
}

export interface Start {
  readonly config: RunConfig;
  readonly preset: string | undefined;
  /** Parameters [P] of `--checkpoint`. */
  readonly reference?: Float32Array<ArrayBuffer>;
}

/** @throws PlaygroundError 'config-invalid' where the method's rollouts cannot be had without training. */
export function expectFrozen(config: RunConfig): void {
  if (!isRefreshed(config)) return;
  throw new PlaygroundError(
    'config-invalid',
    `method.name=${config.method.name} plays while it learns, so rollouts and training cannot be had apart; use drift run.`,
  );
}

/** The configuration and the reference that the flags name. */
export async function startOf(flags: StartFlags): Promise<Start> {
  const { config, preset } = await settingsOf(flags);
  if (flags.checkpoint === undefined) return { config, preset };
  if (config.reference.source === 'pretrain') {
    throw new PlaygroundError(
      'config-invalid',
      '--checkpoint names a reference and reference.source=pretrain asks for a new one; leave one of them out.',
    );
  }
  const loaded = await readModelFolder(flags.checkpoint);
  const start = {
    config: withModel(config, flags.set, loaded),
    preset,
    reference: loaded.params(taskNamed(config.task)),
  };
  if (loaded.state) {
    const { step } = loaded.state;
    process.stderr.write(
      `drift: ${flags.checkpoint}, trained for ${step} steps, is the reference of a new run; to go on with its own run use train --resume\n`,
    );
  }
  return start;
}

/** The settings of `--config`, or of `--preset`, with `--set` and `--seed` applied. */
async function settingsOf(flags: StartFlags): Promise<Pick<Start, 'config' | 'preset'>> {
  if (flags.config === undefined) {
    const { config, preset } = configOf(flags);
    return { config, preset: preset.name };
  }
  if (flags.preset !== undefined) {
    throw new PlaygroundError(
      'config-invalid',
      '--config names all settings and --preset a starting point; leave one of them out.',
    );
  }
  const { config, preset } = parseConfig(await readInputText(flags.config), flags.config);
  return { config: withSettings(config, flags), preset };
}
