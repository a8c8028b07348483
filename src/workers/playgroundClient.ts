import { proxy, transfer, wrap, type Remote } from 'comlink';
import type { OpenPlayground, PlaygroundClient, RolloutApi, TrainerApi } from './contract';
import { carryPlaygroundErrors } from './errorTransfer';
import { startWorkers } from './lifetime';
import rolloutWorkerUrl from './rollout.worker.ts?worker&url';
import trainerWorkerUrl from './trainer.worker.ts?worker&url';

/** Starts both workers and joins them by a port, so that trajectories and weights bypass the page. */
export const openPlayground: OpenPlayground = async (emit) => {
  carryPlaygroundErrors();
  const { workers, alive, close } = startWorkers(trainerWorkerUrl, rolloutWorkerUrl);
  const trainer: Remote<TrainerApi> = wrap<TrainerApi>(workers[0]!);
  const rollouts: Remote<RolloutApi> = wrap<RolloutApi>(workers[1]!);

  const { port1, port2 } = new MessageChannel();
  const references = new URL('references/', document.baseURI).href;
  try {
    await alive(rollouts.serve(transfer(port1, [port1])));
    await alive(trainer.open(transfer(port2, [port2]), references, proxy(emit)));
  } catch (error) {
    close();
    throw error;
  }
  const client: PlaygroundClient = {
    openTask: (spec) => alive(trainer.openTask(spec)),
    adoptCalibration: (calibration) => alive(trainer.adoptCalibration(calibration)),
    calibrate: (config) => alive(trainer.calibrate(config)),
    prepare: (config) => alive(trainer.prepare(config)),
    preview: (config, prompts) => alive(trainer.preview(config, prompts)),
    run: (config, options) => alive(trainer.run(config, options)),
    pause: () => alive(trainer.pause()),
    setSpeed: (stepsPerSecond) => alive(trainer.setSpeed(stepsPerSecond)),
    forgetTraining: () => alive(trainer.forgetTraining()),
    reset: () => alive(trainer.reset()),
    chat: (request) => alive(trainer.chat(request)),
    openRollouts: (config, text, file) => alive(trainer.openRollouts(config, text, file)),
    score: (request) => alive(trainer.score(request)),
    profile: () => alive(trainer.profile()),
    close,
  };
  return client;
};
