import { transfer, wrap } from 'comlink';
import { addTask } from '../data/tasks/registry';
import { PlaygroundError } from '../shared/errors';
import { invariant } from '../shared/invariant';
import { loadShippedReference, type ReadReferenceFile } from '../training/references';
import type { RolloutPort } from '../training/rolloutService';
import { Session } from '../training/session';
import type { EmitRunEvent, RunEvent, TrainerApi } from './contract';
import { carryPlaygroundErrors } from './errorTransfer';
import { MetricBatcher } from './metricBatcher';

interface Opened {
  readonly session: Session;
  readonly metrics: MetricBatcher;
  readonly rollouts: RolloutPort;
}

/** The trainer worker's side, free of worker globals so that tests drive it over a MessageChannel. */
export function createTrainerApi(webgpu: GPU | undefined): TrainerApi {
  carryPlaygroundErrors();
  let opened: Opened | undefined;
  const get = (): Opened => {
    invariant(opened !== undefined, 'The trainer worker was asked before open().');
    return opened;
  };
  /** Every event is handled before the call it belongs to resolves. */
  const withFlush = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const { session, metrics } = get();
    try {
      return await work(session);
    } finally {
      await metrics.flush();
    }
  };
  return {
    async open(rolloutPort, referencesUrl, emit) {
      const metrics = new MetricBatcher(
        transferring(emit),
        () => performance.now(),
        () => session.costs,
      );
      const rollouts = wrap<RolloutPort>(rolloutPort) as unknown as RolloutPort; // every method is asynchronous on both sides
      const read = readFrom(referencesUrl);
      const session: Session = new Session({
        webgpu,
        rollouts,
        loadReference: (config) => loadShippedReference(read, config),
        emit: (event) => metrics.accept(event),
        measuresKernels: true, // the page keeps the answer
      });
      opened = { session, metrics, rollouts };
    },
    async openTask(spec) {
      addTask(spec);
      await get().rollouts.openTask(spec);
    },
    adoptCalibration: async (calibration) => get().session.adoptCalibration(calibration),
    calibrate: (config) => get().session.calibrate(config),
    prepare: (config) => withFlush((session) => session.prepare(config)),
    preview: (config, prompts) => withFlush((session) => session.preview(config, prompts)),
    run: (config, options) => withFlush((session) => session.run(config, options?.maxSteps)),
    pause: () => get().session.pause(),
    setSpeed: async (stepsPerSecond) => get().session.control.setSpeed(stepsPerSecond),
    forgetTraining: async () => get().session.forgetTraining(),
    reset: async () => get().session.reset(),
    chat: (request) => get().session.chat(request),
    openRollouts: async (config, text, file) => get().session.openRollouts(config, text, file),
    score: (request) => get().session.score(request),
    profile: () => get().session.profile(),
  };
}

/** Metric columns change hands; trajectories stay with the trainer and are copied. */
const transferring =
  (emit: EmitRunEvent): EmitRunEvent =>
  (event: RunEvent) => {
    if (event.kind !== 'metrics') return emit(event);
    const { stage: _, ...columns } = event.batch;
    const buffers = Object.values(columns).map((column) => column.buffer);
    return emit(transfer(event, buffers));
  };

const readFrom =
  (folderUrl: string): ReadReferenceFile =>
  async (name) => {
    const url = new URL(name, folderUrl);
    let response: Response;
    try {
      response = await fetch(url);
    } catch (cause) {
      throw unreadable(name, 'the network did not answer', cause);
    }
    if (!response.ok) throw unreadable(name, `the server answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  };

const unreadable = (name: string, why: string, cause?: unknown): PlaygroundError =>
  new PlaygroundError(
    'file-invalid',
    `The reference file ${name} could not be loaded (${why}); reload the page.`,
    { name },
    { cause },
  );
