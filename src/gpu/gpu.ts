import { PlaygroundError } from '../shared/errors';
import { isByQuads, type Forms, type Variants } from '../shared/kernelForms';
import { findAdapter, usualVariants } from './adapter';
import { composeModule, type KernelSpec } from './compose';
import { readKernelInterface, type KernelInterface } from './kernelInterface';
import { capacityOfTensor, lengthOfTensor, type Dim, type DType, type Tensor } from './tensor';

type HostArray = Float32Array | Int32Array | Uint32Array;

export interface GpuOptions extends Partial<Variants> {
  /** Asks for timestamp queries where the adapter has them, so that `timePasses` reads the GPU's clock. */
  readonly timestamps?: boolean;
  /** What the adapter is taken for, whatever it is: what is done for GPUs is tested without one. */
  readonly isSoftware?: boolean;
  /** Lowers the grid's size per dimension, so that folding is tested on small grids. */
  readonly gridLimit?: number;
  /** Bytes of the largest single buffer needed; raises the device's limits if above the defaults. */
  readonly largestBufferBytes?: number;
}

/** A kernel being compiled or compiled, and what it wants to be bound. */
export interface Kernel {
  readonly layout: GPUBindGroupLayout;
  readonly face: KernelInterface;
  /** Settles when `pipeline` is there, or rejects with the reason why it never will be. */
  readonly compiled: Promise<void>;
  pipeline: GPUComputePipeline | undefined;
}

const STORAGE_USAGE = 0x80 | 0x08 | 0x04; // STORAGE | COPY_DST | COPY_SRC
const READ_USAGE = 0x01 | 0x08; // MAP_READ | COPY_DST
const DEFAULT_BINDING_BYTES = 128 * 2 ** 20;
const OVERHEAD_MS = 10; // of a submit, generously

/** A WebGPU device with its pipelines, buffers and failures. Knows nothing of machine learning. */
export class Gpu {
  readonly #kernels = new Map<string, Kernel>();
  readonly #buffers = new Set<GPUBuffer>();
  #failure: PlaygroundError | undefined;
  readonly #lost: Promise<never>;
  #running: Promise<void> = Promise.resolve(); // the last submit that is timed
  /** Bytes of all live buffers. */
  liveBytes = 0;
  /** Objects (buffers, pipelines, bind groups) created so far: constant while a plan is replayed. */
  objectsCreated = 0;
  /** Measured speed of recent submits; bounds the work of the next. */
  flopsPerMs: number;

  private constructor(
    readonly device: GPUDevice,
    readonly adapterName: string,
    readonly variants: Forms,
    readonly gridLimit: number,
  ) {
    this.flopsPerMs = variants.isSoftware ? 1e6 : 1e8;
    this.#lost = device.lost.then((info) => {
      const why = info.message.replace(/[.\s]+$/, '') || 'no reason given';
      const message = `The GPU device was lost (${info.reason}): ${why}.`;
      this.#failure = new PlaygroundError(
        info.reason === 'destroyed' ? 'aborted' : 'device-lost',
        message,
        { reason: info.reason },
      );
      throw this.#failure;
    });
    this.#lost.catch(() => {}); // often nobody is waiting
    device.onuncapturederror = (event) => {
      this.#failure ??= new PlaygroundError(
        'bug',
        `The GPU refused a command: ${event.error.message}`,
      );
    };
  }

  /**
   * Opens a device on the adapter that `api` (navigator.gpu, or Dawn's) offers.
   *
   * @throws PlaygroundError 'webgpu-unavailable' without an adapter, 'over-limit' for too large a buffer
   *   or subgroups that it has not.
   */
  static async open(api: GPU | undefined, options: GpuOptions = {}): Promise<Gpu> {
    const { adapter, traits } = await findAdapter(api);
    const isSoftware = options.isSoftware ?? traits.isSoftware;
    const usual = usualVariants({ ...traits, isSoftware });
    const variants = {
      isSoftware,
      reduce: options.reduce ?? usual.reduce,
      tile: options.tile ?? usual.tile,
      store: options.store ?? usual.store,
    };
    const needsSubgroups = variants.reduce === 'subgroups' || isByQuads(variants.tile);
    if (needsSubgroups && !traits.hasSubgroups) {
      const setting = isByQuads(variants.tile) ? 'engine.tile' : 'engine.reduce';
      throw new PlaygroundError(
        'over-limit',
        `This adapter has no subgroups; let ${setting} be auto.`,
        { setting },
      );
    }
    const largest = options.largestBufferBytes ?? 0;
    const most = Math.min(adapter.limits.maxStorageBufferBindingSize, adapter.limits.maxBufferSize);
    if (largest > most) {
      throw new PlaygroundError(
        'over-limit',
        `The configuration needs a buffer of ${largest} bytes and this adapter allows ${most}; make the model or the batch smaller.`,
        { needed: largest, allowed: most },
      );
    }
    const device = await adapter.requestDevice({
      requiredFeatures: [
        ...(needsSubgroups ? ['subgroups' as GPUFeatureName] : []),
        ...(options.timestamps && adapter.features.has('timestamp-query')
          ? ['timestamp-query' as const]
          : []),
      ],
      requiredLimits:
        largest > DEFAULT_BINDING_BYTES
          ? {
              maxStorageBufferBindingSize: largest,
              maxBufferSize: Math.max(largest, 256 * 2 ** 20),
            }
          : {},
    });
    const gridLimit = options.gridLimit ?? device.limits.maxComputeWorkgroupsPerDimension;
    return new Gpu(device, traits.name, variants, gridLimit);
  }

  get isSoftware(): boolean {
    return this.variants.isSoftware;
  }

  /** Throws what a device callback has stored since the last call. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Settles with `work`, or rejects as soon as the device is lost. */
  async race<T>(work: Promise<T>): Promise<T> {
    this.check();
    try {
      return await Promise.race([work, this.#lost]);
    } finally {
      if (this.#failure?.code === 'device-lost') this.check();
    }
  }

  /**
   * Learns how fast the device is from what was submitted last, once that is done. Waits for the submit
   * before only, so that the device always has one to go on with.
   */
  async learnSpeed(flops: number): Promise<void> {
    const before = this.#running;
    this.#running = this.#time(flops, before);
    this.#running.catch(() => {}); // whoever waits for results is told
    await before;
  }

  /** Of a short submit most was overhead, so it only shows that the device is at least so fast. */
  async #time(flops: number, before: Promise<void>): Promise<void> {
    const done = this.settle();
    done.catch(() => {}); // awaited below, and `before` may reject first
    await before;
    const begun = performance.now();
    await done;
    const ms = performance.now() - begun;
    if (ms < OVERHEAD_MS) this.flopsPerMs = Math.max(this.flopsPerMs, flops / OVERHEAD_MS);
    else if (flops > 0) this.flopsPerMs = 0.7 * this.flopsPerMs + 0.3 * (flops / ms);
  }

  /** Waits until everything submitted so far is done. */
  async settle(): Promise<void> {
    await this.race(this.device.queue.onSubmittedWorkDone());
    this.check();
  }

  /** The kernel of that source; the first request starts to compile it. */
  kernel(
    spec: KernelSpec,
    consts: Readonly<Record<string, number>> = {},
    variants: Forms = this.variants,
  ): Kernel {
    const key = `${spec.label} ${JSON.stringify([consts, variants])}`;
    let kernel = this.#kernels.get(key);
    if (!kernel) {
      kernel = this.#begin(spec, consts, variants);
      this.#kernels.set(key, kernel);
    }
    return kernel;
  }

  #begin(spec: KernelSpec, consts: Readonly<Record<string, number>>, variants: Forms): Kernel {
    const face = readKernelInterface(spec.label, spec.body);
    const code = composeModule(spec, variants, consts);
    const layout = this.device.createBindGroupLayout({
      label: spec.label,
      entries: [
        { binding: 0, visibility: 4, buffer: { type: 'uniform' } },
        ...face.storage.map((s) => ({
          binding: s.binding,
          visibility: 4,
          buffer: { type: s.writable ? ('storage' as const) : ('read-only-storage' as const) },
        })),
      ],
    });
    this.objectsCreated += 2;
    const compiling = this.race(this.#compile(spec.label, code, layout));
    const compiled = compiling.then((pipeline) => void (kernel.pipeline = pipeline));
    compiled.catch(() => {}); // whoever replays it is told
    const kernel: Kernel = { layout, face, compiled, pipeline: undefined };
    return kernel;
  }

  async #compile(
    label: string,
    code: string,
    layout: GPUBindGroupLayout,
  ): Promise<GPUComputePipeline> {
    const { device } = this;
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label, code });
    device.popErrorScope().catch(() => {}); // the pipeline says it with the kernel's name
    try {
      return await device.createComputePipelineAsync({
        label,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      });
    } catch (cause) {
      const info = await module.getCompilationInfo();
      const first = info.messages.find((m) => m.type === 'error');
      throw new PlaygroundError(
        'shader-invalid',
        `Kernel ${label} does not compile: ${first ? `line ${first.lineNum}: ${first.message}` : String(cause)}`,
        { label },
        { cause },
      );
    }
  }

  /** A zeroed tensor of its own. */
  alloc(label: string, shape: readonly Dim[], dtype: DType = 'f32'): Tensor {
    const whole = { label, shape, dtype, offsetBytes: 0 };
    const bytes = Math.max(16, 4 * capacityOfTensor(whole as Tensor));
    return { ...whole, buffer: this.createBuffer(label, bytes, STORAGE_USAGE) };
  }

  /** A tensor holding `data`. */
  upload(label: string, shape: readonly Dim[], data: HostArray): Tensor {
    const dtype = data instanceof Float32Array ? 'f32' : data instanceof Int32Array ? 'i32' : 'u32';
    const tensor = this.alloc(label, shape, dtype);
    this.write(tensor, data);
    return tensor;
  }

  /** Overwrites the first numbers of a tensor. */
  write(tensor: Tensor, data: HostArray): void {
    if (data.length > capacityOfTensor(tensor)) {
      throw new PlaygroundError('bug', `${data.length} numbers were written to ${tensor.label}.`);
    }
    this.device.queue.writeBuffer(
      tensor.buffer,
      tensor.offsetBytes,
      data.buffer as ArrayBuffer,
      data.byteOffset,
      data.byteLength,
    );
  }

  /** A buffer that counts in `liveBytes` and is destroyed with the device. */
  createBuffer(label: string, bytes: number, usage: number): GPUBuffer {
    this.check();
    const buffer = this.device.createBuffer({ label, size: bytes, usage });
    this.#buffers.add(buffer);
    this.liveBytes += bytes;
    this.objectsCreated += 1;
    return buffer;
  }

  /** Destroys buffers made here. */
  free(...tensors: readonly { readonly buffer: GPUBuffer }[]): void {
    for (const { buffer } of tensors) {
      if (!this.#buffers.delete(buffer)) continue;
      this.liveBytes -= buffer.size;
      buffer.destroy();
    }
  }

  /** Runs `allocate` and turns an allocation the GPU could not serve into 'out-of-gpu-memory'. */
  async allocating<T>(what: string, allocate: () => T): Promise<T> {
    const before = new Set(this.#buffers);
    this.device.pushErrorScope('out-of-memory');
    let made: T | undefined;
    let thrown: unknown;
    try {
      made = allocate();
    } catch (error) {
      thrown = error;
    }
    const buffers = [...this.#buffers].filter((buffer) => !before.has(buffer));
    const bytes = this.liveBytes;
    const refused = await this.race(this.device.popErrorScope());
    if (thrown === undefined && !refused) return made as T;
    this.free(...buffers.map((buffer) => ({ buffer })));
    if (thrown !== undefined) throw thrown;
    throw new PlaygroundError(
      'out-of-gpu-memory',
      `The GPU has no room for ${what} (${bytes} bytes in all); make the model or the batch smaller.`,
      { what, bytes },
    );
  }

  /** The tensor's present numbers. Waits for the GPU; for tests, snapshots and checkpoints. */
  async download(tensor: Tensor): Promise<Float32Array<ArrayBuffer>> {
    return new Float32Array(await this.#downloadBytes(tensor));
  }

  /** As `download`, for integer tensors. */
  async downloadInts(tensor: Tensor): Promise<Int32Array<ArrayBuffer>> {
    return new Int32Array(await this.#downloadBytes(tensor));
  }

  async #downloadBytes(tensor: Tensor): Promise<ArrayBuffer> {
    const bytes = 4 * lengthOfTensor(tensor);
    if (bytes === 0) return new ArrayBuffer(0);
    const staging = this.createBuffer(`${tensor.label} download`, bytes, READ_USAGE);
    try {
      const encoder = this.device.createCommandEncoder();
      encoder.copyBufferToBuffer(tensor.buffer, tensor.offsetBytes, staging, 0, bytes);
      this.device.queue.submit([encoder.finish()]);
      await this.race(staging.mapAsync(1));
      this.check();
      return staging.getMappedRange().slice(0);
    } finally {
      this.free({ buffer: staging });
    }
  }

  /** Destroys the device and every buffer. */
  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.clear();
    this.liveBytes = 0;
    this.device.destroy();
  }
}
