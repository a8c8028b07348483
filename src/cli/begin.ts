import { PlaygroundError } from '../shared/errors';
import { openDawn, type Host } from './dawn';
import { runExperiment } from './experiment';
import { Recorder } from './recorder';
import { resume } from './resume';
import { RunFolder } from './runFolder';
import { expectFrozen, startOf, type StartFlags } from './start';

export interface BeginFlags extends StartFlags {
  readonly out?: string;
  readonly record?: string;
  readonly resume?: string;
}

/** Begins a run, or goes on with one, and goes through its stages, up to the rollouts or to the end. */
export async function begin(
  flags: BeginFlags,
  until: 'rollout' | 'train',
  host: Host,
): Promise<void> {
  const { out, force = false } = flags;
  if (flags.resume !== undefined) return resume(flags.resume, until, flags, host);
  if (out === undefined) {
    throw new PlaygroundError('config-invalid', 'Name a folder with --out DIR, or --resume DIR.');
  }
  const start = await startOf(flags);
  const recorder = recorderOf(flags.record, start.preset);
  if (until === 'rollout') expectFrozen(start.config);
  await openDawn(host);
  const folder = await RunFolder.open(out, force);
  await runExperiment(host, { ...start, folder, until, ...recorder });
}

function recorderOf(file: string | undefined, preset: string | undefined): { recorder?: Recorder } {
  if (file === undefined) return {};
  if (preset !== undefined) return { recorder: new Recorder(file, preset) };
  throw new PlaygroundError(
    'config-invalid',
    '--record needs the preset that the run starts from; name it with --preset.',
  );
}
