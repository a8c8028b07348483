import { wrap, type Remote } from 'comlink';
import type { OpenTheory, TheoryApi } from './contract';
import { carryPlaygroundErrors } from './errorTransfer';
import { startWorkers } from './lifetime';
import theoryWorkerUrl from './theory.worker.ts?worker&url';

/** Starts the theory worker, which opens its device and pretrains its reference. */
export const openTheory: OpenTheory = async () => {
  carryPlaygroundErrors();
  const { workers, alive, close } = startWorkers(theoryWorkerUrl);
  const lab: Remote<TheoryApi> = wrap<TheoryApi>(workers[0]!);
  try {
    await alive(lab.open());
  } catch (error) {
    close();
    throw error;
  }
  return {
    train: (settings, steps) => alive(lab.train(settings, steps)),
    reset: () => alive(lab.reset()),
    close,
  };
};
