/** Dawn, which brings WebGPU to Node: loaded here only, so that waiting for it is cheap everywhere. */

import type * as Dawn from 'webgpu';

type Method = (...args: unknown[]) => Promise<unknown>;

/** What answers once the GPU is done with something. */
const ANSWERS = [
  ['GPUBuffer', 'mapAsync'],
  ['GPUDevice', 'createComputePipelineAsync'],
  ['GPUDevice', 'popErrorScope'],
  ['GPUQueue', 'onSubmittedWorkDone'],
] as const;
const NAP_MS = 0.2;

declare function setImmediate(run: () => void): unknown; // Node's: the next turn of its event loop

let dawn: Promise<typeof Dawn> | undefined;

/** The module `webgpu`. Native: load it where a command needs it. */
export function loadDawn(): Promise<typeof Dawn> {
  dawn ??= import('webgpu').then((loaded) => {
    napWhileWaiting(loaded.globals as unknown as Record<string, { prototype: object }>);
    return loaded;
  });
  return dawn;
}

/**
 * Lets the thread sleep while it waits for the GPU. Dawn's binding asks for answers at every turn of the
 * event loop and keeps a core busy with it, which a software GPU lacks: with naps between the turns a
 * training run on two cores takes 0.7 times as long.
 */
function napWhileWaiting(globals: Record<string, { prototype: object }>): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  let awaited = 0;
  let isNapping = false;
  const nap = (): void => {
    isNapping = awaited > 0;
    if (!isNapping) return;
    Atomics.wait(never, 0, 0, NAP_MS);
    setImmediate(nap);
  };
  const settled = (): void => {
    awaited -= 1;
  };
  for (const [type, name] of ANSWERS) {
    const prototype = globals[type]!.prototype as Record<string, Method>;
    const ask = prototype[name]!;
    prototype[name] = function (this: unknown, ...args) {
      const answer = ask.apply(this, args);
      awaited += 1;
      if (!isNapping) setImmediate(nap);
      isNapping = true;
      answer.then(settled, settled);
      return answer;
    };
  }
}
