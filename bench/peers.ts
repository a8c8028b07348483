/** The engines that this one is compared with. */
import { PlaygroundError } from '../src/shared/errors';
import type { Engine } from './engine';

async function loadTensorflow(): Promise<Engine> {
  if (!('document' in globalThis)) {
    throw new PlaygroundError(
      'webgpu-unavailable',
      'TensorFlow.js has WebGPU in a browser only; leave it out of --peers, or leave out --node.',
    );
  }
  return (await import('./engines/tensorflow')).tensorflowEngine();
}

/** Each is loaded when it takes part. */
export const PEERS: ReadonlyMap<string, () => Promise<Engine>> = new Map([
  ['jax-js', async () => (await import('./engines/jax')).jaxEngine()],
  ['tensorflow.js', loadTensorflow],
]);
