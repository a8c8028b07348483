import { PlaygroundError } from '../shared/errors';
import type { Variants } from '../shared/kernelForms';

/** What can be told of an adapter before a device is made. */
export interface AdapterTraits {
  readonly name: string;
  readonly isSoftware: boolean;
  readonly hasSubgroups: boolean;
}

const ADAPTER_SECONDS = 10;

/**
 * The adapter that `api` (navigator.gpu, or Dawn's) offers; good for one device.
 *
 * @throws PlaygroundError 'webgpu-unavailable'
 */
export async function findAdapter(
  api: GPU | undefined,
): Promise<{ readonly adapter: GPUAdapter; readonly traits: AdapterTraits }> {
  if (!api) {
    throw new PlaygroundError(
      'webgpu-unavailable',
      'This browser has no WebGPU; a current Chrome or Edge on a desktop machine has.',
    );
  }
  const adapter = await withinSeconds(
    ADAPTER_SECONDS,
    api.requestAdapter({ powerPreference: 'high-performance' }),
  );
  if (!adapter) {
    throw new PlaygroundError(
      'webgpu-unavailable',
      'This machine offers no GPU adapter to WebGPU; update the graphics driver or try another browser.',
    );
  }
  const { info } = adapter;
  const { architecture, description, device, vendor } = info;
  const named = `${architecture} ${description} ${device}`;
  const isSoftware = info.isFallbackAdapter || /swiftshader|llvmpipe|softpipe/i.test(named);
  const name = description || device || [vendor, architecture].join(' ').trim();
  const hasSubgroups = adapter.features.has('subgroups');
  return { adapter, traits: { name: name || 'unnamed adapter', isSoftware, hasSubgroups } };
}

/**
 * The forms of the kernels that suit a kind of adapter, unmeasured. On a software adapter barriers and
 * loads are dear, and larger tiles load less.
 */
export function usualVariants({
  isSoftware,
  hasSubgroups,
}: Pick<AdapterTraits, 'isSoftware' | 'hasSubgroups'>): Variants {
  if (!isSoftware) return { reduce: 'tree', tile: 'workgroup', store: 'f32' };
  return { reduce: 'serial', store: 'f32', tile: hasSubgroups ? 'wide' : 'invocation' };
}

/** What `work` resolves to, or undefined when it has not settled in time. */
async function withinSeconds<T>(seconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), 1000 * seconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
