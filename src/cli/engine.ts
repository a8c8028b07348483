/** The engine under Node: a session on Dawn, its progress on standard error. */
import { join } from 'node:path';
import type { RunConfig } from '../config/runConfig';
import type { SessionEvent } from '../data/results';
import { loadShippedReference } from '../training/references';
import { RememberedRollouts } from '../training/rememberedRollouts';
import { RolloutService, type RolloutPort } from '../training/rolloutService';
import { Session } from '../training/session';
import { openDawn, type Host } from './dawn';
import { readInput } from './files';
import { createProgress, type Progress } from './progress';

/** Parameters [P] of the ready-made reference. */
export const shippedReference = (
  { root }: Host,
  config: RunConfig,
): Promise<Float32Array<ArrayBuffer>> =>
  loadShippedReference((name) => readInput(join(root, 'public/references', name)), config);

export interface Engine {
  readonly session: Session;
  readonly rollouts: RolloutPort;
  readonly progress: Progress;
  close(): Promise<void>;
  /** Instead of `close`, after a run from the ready-made reference: the next one may find it open. */
  release(): Promise<void>;
}

/** The run that an engine serves at present. */
interface Patron {
  readonly reference: Float32Array<ArrayBuffer> | undefined;
  readonly take: (event: SessionEvent) => void | Promise<void>;
  readonly progress: Progress;
}

interface Works {
  readonly session: Session;
  readonly rollouts: RolloutPort;
  patron: Patron;
}

let isKept = false;
let idle: Works | undefined;

/**
 * From now on an engine that a run has released serves the next run of this process: its devices and
 * kernels are there, and what the reference plays it has played once.
 */
export function keepEngine(): void {
  isKept = true;
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
  const progress = createProgress(process.stderr, () => performance.now());
  const patron = { reference, take, progress };
  const works = takeIdle(patron) ?? build(host, await openDawn(host), patron);
  const { session, rollouts } = works;
  const close = async (): Promise<void> => {
    progress.end();
    await session.close();
  };
  const release = async (): Promise<void> => {
    if (!isKept) return close();
    progress.end();
    session.reset();
    idle = works;
  };
  return { session, rollouts, progress, close, release };
}

/** The engine that was released last; only the ready-made reference is known to be the same one. */
function takeIdle(patron: Patron): Works | undefined {
  if (!idle || patron.reference) return undefined;
  const works = idle;
  idle = undefined;
  works.patron = patron;
  return works;
}

function build(host: Host, webgpu: GPU, patron: Patron): Works {
  const rollouts = isKept
    ? new RememberedRollouts(new RolloutService(webgpu))
    : new RolloutService(webgpu);
  const session = new Session({
    webgpu,
    rollouts,
    loadReference: async (config) => works.patron.reference ?? shippedReference(host, config),
    emit(event) {
      const { progress, take } = works.patron;
      if (event.kind === 'progress') {
        progress.update(event.stage, event.done, event.total, event.secondsLeft);
      }
      return take(event);
    },
  });
  const works: Works = { session, rollouts, patron };
  return works;
}

/** The configuration under which a session takes the reference it is given and pretrains none. */
export const withGivenReference = (config: RunConfig): RunConfig => ({
  ...config,
  reference: { ...config.reference, source: 'shipped' },
});
