import { Gpu, type GpuOptions } from '../../gpu/gpu';
import { loadDawn } from '../../shared/dawn';

let api: Promise<GPU> | undefined; // Dawn dies if its object is collected: keep it here

/** The browser's WebGPU, or Dawn's under Node. Without either the test fails; it never skips. */
export function testGpu(): Promise<GPU> {
  api ??= openApi();
  return api;
}

async function openApi(): Promise<GPU> {
  if (typeof navigator !== 'undefined' && navigator.gpu) return navigator.gpu;
  const { create } = await loadDawn();
  return create([]);
}

/** A device for one test; destroy it at the end. */
export const openTestGpu = async (options?: GpuOptions): Promise<Gpu> =>
  Gpu.open(await testGpu(), options);
