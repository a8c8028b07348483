import { PlaygroundError } from '../shared/errors';
import { trustedScriptUrl } from '../shared/trustedUrl';

interface Started {
  readonly workers: readonly Worker[];
  /** The call, or the death of a worker: a dead one answers nothing. */
  readonly alive: <T>(call: Promise<T>) => Promise<T>;
  /** Ends the workers; pending calls reject with 'aborted'. */
  readonly close: () => void;
}

/** Starts module workers that live and die together. */
export function startWorkers(...urls: readonly string[]): Started {
  const workers = urls.map((url) => new Worker(trustedScriptUrl(url), { type: 'module' }));
  let end!: (reason: PlaygroundError) => void;
  const dead = new Promise<never>((_, reject) => (end = reject));
  dead.catch(() => {}); // often nobody is waiting
  for (const worker of workers) {
    worker.addEventListener('error', (event) =>
      end(PlaygroundError.from(event.message || 'a worker did not start')),
    );
  }
  return {
    workers,
    alive: (call) => Promise.race([call, dead]),
    close() {
      for (const worker of workers) worker.terminate();
      end(new PlaygroundError('aborted', 'The playground was closed.'));
    },
  };
}
