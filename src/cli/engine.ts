/** The engine under Node: a session on Dawn, its progress on standard error. */
import { join } from 'node:path';
import type { RunConfig } from '../config/runConfig';
import type { SessionEvent } from '../data/results';
import { loadShippedReference } from '../training/references';
import { RolloutService } from '../training/rolloutService';
import { Session } from '../training/session';
import { openDawn, type Host } from './dawn';
import { readInput } from './files';
import { createProgress, type Progress } from './progress';

/** Parameters [P] of the ready-made reference. */
export const shippedReference = (
  { references }: Host,
  config: RunConfig,
): Promise<Float32Array<ArrayBuffer>> =>
  loadShippedReference((name) => readInput(join(references, name)), config);

export interface Engine {
  readonly session: Session;
  readonly rollouts: RolloutService;
  readonly progress: Progress;
  close(): Promise<void>;
}

/**
 * Opens an engine; the caller closes it.
 *
 * @param reference parameters [P] to use instead of the ready-made ones
 * @param take is handed every event; progress is also shown
 */
export async function openEngine(
  host: Host,
  reference: Float32Array<ArrayBuffer> | undefined,
  take: (event: SessionEvent) => void | Promise<void>,
): Promise<Engine> {
  const webgpu = await openDawn(host);
  const rollouts = new RolloutService(webgpu);
  const progress = createProgress(process.stderr, () => performance.now());
  const session = new Session({
    webgpu,
    rollouts,
    loadReference: async (config) => reference ?? shippedReference(host, config),
    emit(event) {
      if (event.kind === 'progress') {
        progress.update(event.stage, event.done, event.total, event.secondsLeft);
      }
      return take(event);
    },
  });
  return {
    session,
    rollouts,
    progress,
    async close() {
      progress.end();
      await session.close();
    },
  };
}

/** The configuration under which a session takes the reference it is given and pretrains none. */
export const withGivenReference = (config: RunConfig): RunConfig => ({
  ...config,
  reference: { ...config.reference, source: 'shipped' },
});
