import { invariant } from '../shared/invariant';
import { TheoryLab } from '../training/theoryLab';
import type { TheoryApi } from './contract';
import { carryPlaygroundErrors } from './errorTransfer';

/** The theory worker's side: a device and a small model of its own, beside any run. */
export function createTheoryApi(webgpu: GPU | undefined): TheoryApi {
  carryPlaygroundErrors();
  let lab: TheoryLab | undefined;
  const opened = (): TheoryLab => {
    invariant(lab !== undefined, 'The theory worker was asked before open().');
    return lab;
  };
  return {
    async open() {
      lab = await TheoryLab.open(webgpu);
    },
    train: (settings, steps) => opened().train(settings, steps),
    reset: async () => opened().reset(),
  };
}
