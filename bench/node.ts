/** The benchmark under Node, through Dawn. */
import { loadDawn } from '../src/shared/dawn';
import { PlaygroundError } from '../src/shared/errors';
import { countBytes, countCalls, watchAdapters } from './meter';
import type { Report } from './report';
import { runBenchmark, type BenchOptions } from './run';

let webgpu: GPU | undefined; // Dawn dies if its object is collected: kept until the process ends

/**
 * Measures on the adapter that Dawn offers.
 *
 * @param withoutAdapter is given a chance to start the process anew where there is one
 * @throws PlaygroundError 'webgpu-unavailable'
 */
export async function measureInNode(
  options: BenchOptions,
  withoutAdapter: () => Promise<void>,
): Promise<Report> {
  const { create, globals } = await loadDawn();
  Object.assign(globalThis, globals);
  webgpu = create(['disable-dawn-features=timestamp_quantization']); // whole nanoseconds
  if (!(await webgpu.requestAdapter())) {
    await withoutAdapter();
    throw new PlaygroundError(
      'webgpu-unavailable',
      'This machine offers no GPU to Dawn; install its Vulkan driver, or name one in VK_DRIVER_FILES.',
    );
  }
  // Peers look for WebGPU where browsers have it.
  const navigator = { gpu: webgpu, userAgent: 'Node' };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  const runtime = `Node ${process.versions.node}, Dawn`;
  return runBenchmark(options, {
    webgpu,
    runtime,
    callsSoFar: countCalls(),
    bytesSoFar: countBytes(),
    adaptersSoFar: watchAdapters(),
  });
}
