import type { RunConfig } from '../../config/runConfig';
import type { SessionEvent } from '../../data/results';
import { testGpu } from '../../kernels/testing/testGpu';
import { RolloutService, type RolloutPort } from '../rolloutService';
import { Session, type SessionEnd } from '../session';

/** A session on the test's GPU, and all that it said. */
export interface Lab {
  readonly session: Session;
  readonly rollouts: RolloutPort;
  readonly events: SessionEvent[];
  close(): Promise<void>;
}

type OnEvent = (event: SessionEvent) => void | Promise<void>;

export async function openLab(onEvent: OnEvent = () => {}): Promise<Lab> {
  const events: SessionEvent[] = [];
  const webgpu = await testGpu();
  const rollouts = new RolloutService(webgpu);
  const session = new Session({
    webgpu,
    rollouts,
    loadReference: () => Promise.reject(new Error('no reference ships for the tiny model')),
    emit: (event) => {
      events.push(event);
      return onEvent(event);
    },
  });
  return { session, rollouts, events, close: () => session.close() };
}

export const trained = (lab: Lab): SessionEvent[] =>
  lab.events.filter((e) => e.kind === 'step' && e.stage === 'train');

/** One run, whole unless told, that knows nothing of those before it in the same session. */
export async function runOn(
  lab: Lab,
  config: RunConfig,
  maxSteps?: number,
): Promise<{ end: SessionEnd; lab: Lab }> {
  lab.session.reset();
  lab.events.length = 0;
  return { end: await lab.session.run(config, maxSteps), lab };
}

/** One whole run in a fresh session. */
export async function runOnce(
  config: RunConfig,
  onEvent?: OnEvent,
): Promise<{ end: SessionEnd; lab: Lab }> {
  const lab = await openLab(onEvent);
  const end = await lab.session.run(config);
  await lab.close();
  return { end, lab };
}
