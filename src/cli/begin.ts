import { openDawn, type Host } from './dawn';
import { runExperiment } from './experiment';
import { Recorder } from './recorder';
import { RunFolder } from './runFolder';
import { startOf, type StartFlags } from './start';

export interface BeginFlags extends StartFlags {
  readonly out: string;
  readonly record?: string;
}

/** Begins a run and goes through its stages, up to the rollouts or to the end. */
export async function begin(
  flags: BeginFlags,
  until: 'rollout' | 'train',
  host: Host,
): Promise<void> {
  const start = await startOf(flags);
  await openDawn(host);
  const folder = await RunFolder.open(flags.out, flags.force === true);
  const { record } = flags;
  const recorder = record === undefined ? {} : { recorder: new Recorder(record, start.preset) };
  await runExperiment(host, { ...start, folder, until, ...recorder });
}
