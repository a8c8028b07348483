/** Calls into WebGPU since the page or the process began, whoever made them. */
export interface Calls {
  readonly dispatches: number;
  readonly submits: number;
  readonly pipelines: number;
  /** Buffers, bind groups, layouts, pipelines, modules, textures, samplers, query sets. */
  readonly objects: number;
}

/** What tells one adapter from another. */
export type AdapterFacts = Readonly<
  Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description'>
>;

/** The adapters of all devices opened since the page or the process began, whoever opened them. */
export function watchAdapters(): () => readonly AdapterFacts[] {
  const seen: AdapterFacts[] = [];
  const adapters = GPUAdapter.prototype;
  const requestDevice = adapters.requestDevice;
  adapters.requestDevice = function watched(descriptor) {
    const { vendor, architecture, device, description } = this.info;
    seen.push({ vendor, architecture, device, description });
    return requestDevice.call(this, descriptor);
  };
  return () => seen;
}

/** Bytes of all buffers made since the page or the process began, freed ones too. */
export function countBytes(): () => number {
  let bytes = 0;
  const devices = GPUDevice.prototype;
  const createBuffer = devices.createBuffer;
  devices.createBuffer = function counted(descriptor) {
    bytes += descriptor.size;
    return createBuffer.call(this, descriptor);
  };
  return () => bytes;
}

type Counts = { -readonly [name in keyof Calls]: Calls[name] };
type Methods = Record<string, (...args: unknown[]) => unknown>;

/**
 * Counts the calls of every engine alike, by wrapping the methods of WebGPU's own classes. Call once,
 * before a device is made; needs WebGPU's classes as globals, as browsers have them.
 *
 * @returns reads the counts so far
 */
export function countCalls(): () => Calls {
  const counts: Counts = { dispatches: 0, submits: 0, pipelines: 0, objects: 0 };
  const count = (owner: object, wanted: RegExp, names: readonly (keyof Calls)[]): void => {
    const methods = owner as Methods;
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (!wanted.test(name)) continue;
      const original = methods[name]!;
      methods[name] = function counted(this: unknown, ...args) {
        for (const one of names) counts[one] += 1;
        return original.apply(this, args);
      };
    }
  };
  count(GPUComputePassEncoder.prototype, /^dispatchWorkgroups/, ['dispatches']);
  count(GPUQueue.prototype, /^submit$/, ['submits']);
  count(GPUDevice.prototype, /^create(Compute|Render)Pipeline/, ['pipelines', 'objects']);
  count(
    GPUDevice.prototype,
    /^create(Buffer|Texture|Sampler|BindGroup|BindGroupLayout|PipelineLayout|ShaderModule|QuerySet)$/,
    ['objects'],
  );
  return () => ({ ...counts });
}

/** Calls between two readings. */
export const callsBetween = (from: Calls, to: Calls): Calls => ({
  dispatches: to.dispatches - from.dispatches,
  submits: to.submits - from.submits,
  pipelines: to.pipelines - from.pipelines,
  objects: to.objects - from.objects,
});
