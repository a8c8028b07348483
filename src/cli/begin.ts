import { openDawn, type Host } from './dawn';
import { runExperiment } from './experiment';
import { RunFolder } from './runFolder';
import { startOf, type StartFlags } from './start';

export interface BeginFlags extends StartFlags {
  readonly out: string;
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
  await runExperiment(host, { ...start, folder, until });
}
