/** WebGPU under Node, by way of Dawn. */
import { loadDawn } from '../shared/dawn';
import { PlaygroundError } from '../shared/errors';

/** What the process that runs the command line can do for it. */
export interface Host {
  /** False where no driver is installed: asking Dawn would only make it complain. */
  readonly mayHaveGpu: () => boolean;
  /** Starts this command anew where a software GPU is found, and ends with it; returns where none is. */
  readonly relaunchOnSoftwareGpu: () => Promise<void>;
  /** Folder of the program: references come with it, experiments and what they found. */
  readonly root: string;
}

let api: GPU | undefined; // Dawn dies if its object is collected: kept until the process ends

/**
 * Dawn's WebGPU, once it offers an adapter.
 *
 * @throws PlaygroundError 'webgpu-unavailable'
 */
export async function openDawn(host: Host): Promise<GPU> {
  if (api) return api;
  if (!host.mayHaveGpu()) await host.relaunchOnSoftwareGpu();
  const { create } = await loadDawn();
  api = create([]);
  if (await api.requestAdapter()) return api;
  await host.relaunchOnSoftwareGpu();
  throw new PlaygroundError(
    'webgpu-unavailable',
    'This machine offers no GPU to Dawn; update its driver, or install Chromium, whose software GPU will do.',
  );
}
