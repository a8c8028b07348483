import { PlaygroundError } from '../shared/errors';
import { openDawn, type Host } from './dawn';
import { runExperiment } from './experiment';
import { Recorder } from './recorder';
import { resume } from './resume';
import { RunFolder } from './runFolder';
import { startOf, type StartFlags } from './start';

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
  await openDawn(host);
  const folder = await RunFolder.open(out, force);
  const { record } = flags;
  const recorder = record === undefined ? {} : { recorder: new Recorder(record, start.preset) };
  await runExperiment(host, { ...start, folder, until, ...recorder });
}
