import { expose, transfer } from 'comlink';
import { trajectoryBuffers } from '../data/trajectories';
import { RolloutService, type RolloutPort } from '../training/rolloutService';
import type { RolloutApi } from './contract';
import { carryPlaygroundErrors } from './errorTransfer';

/** The rollout worker's side: answers the trainer on the port it is handed, trajectories transferred. */
export function createRolloutApi(webgpu: GPU | undefined): RolloutApi {
  carryPlaygroundErrors();
  const service = new RolloutService(webgpu);
  const port: RolloutPort = {
    openTask: (spec) => service.openTask(spec),
    open: (setup) => service.open(setup),
    async chunk(request) {
      const played = await service.chunk(request);
      return transfer(played, trajectoryBuffers(played.trajectories));
    },
    evaluate: (request) => service.evaluate(request),
    chat: (request, policy) => service.chat(request, policy),
    score: (from, policy) => service.score(from, policy),
    profile: () => service.profile(),
    abort: () => service.abort(),
    close: () => service.close(),
  };
  return { serve: (messagePort) => expose(port, messagePort) };
}
