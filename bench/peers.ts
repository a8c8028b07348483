/** The engines that this one is compared with. */
import { PlaygroundError } from '../src/shared/errors';
import type { Peer } from './engine';
import type { Skipped } from './measure';
import type { AdapterFacts } from './meter';

async function loadTensorflow(): Promise<Peer> {
  if (!('document' in globalThis)) {
    throw new PlaygroundError('webgpu-unavailable', 'It has WebGPU in a browser only.');
  }
  return (await import('./engines/tensorflow')).tensorflowEngine();
}

/** Each is loaded when it takes part. */
export const PEERS: ReadonlyMap<string, () => Promise<Peer>> = new Map([
  ['jax-js', async () => (await import('./engines/jax')).jaxEngine()],
  ['tensorflow.js', loadTensorflow],
  ['webgpu-llm', async () => (await import('./engines/webgpuLlm')).webgpuLlmEngine()],
]);

/** Who takes part unless told: on a software adapter TensorFlow.js takes 30 times as long as we do. */
export const usualPeers = (isSoftware: boolean): readonly string[] =>
  isSoftware ? ['jax-js'] : [...PEERS.keys()];

/**
 * Opens the devices of those that can run here, on the adapter that was opened last.
 *
 * @param adaptersSoFar those of all devices opened
 */
export async function openPeers(
  names: readonly string[],
  webgpu: GPU,
  adaptersSoFar: () => readonly AdapterFacts[],
  known = PEERS,
): Promise<{ readonly peers: Peer[]; readonly skipped: Skipped[] }> {
  const ours = factsOf(adaptersSoFar().at(-1)!);
  const peers: Peer[] = [];
  const skipped: Skipped[] = [];
  for (const engine of names) {
    try {
      const peer = await known.get(engine)!();
      await peer.prepare(webgpu);
      const theirs = factsOf(adaptersSoFar().at(-1)!);
      if (theirs === ours) peers.push(peer);
      else skipped.push({ engine, reason: `It chose another adapter: ${theirs}.` });
    } catch (cause) {
      skipped.push({ engine, reason: PlaygroundError.from(cause).message });
    }
  }
  return { peers, skipped };
}

const factsOf = ({ vendor, architecture, device, description }: AdapterFacts): string =>
  [vendor, architecture, device, description].join(' | ');
