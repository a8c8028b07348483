import { invariant } from '../shared/invariant';
import type { Forms } from '../shared/kernelForms';
import { rowsPerWorkgroup, tileWorkgroups, workgroupSizeOf, type KernelSpec } from './compose';
import type { Gpu, Kernel } from './gpu';
import { lengthOfTensor, sizeOf, type Dim, type Tensor } from './tensor';
import { timePasses } from './timing';

/** A number of `Params` that may change between replays; `Size` is one too. */
export interface Scalar {
  value: number;
}
export type ParamValue = number | Readonly<Scalar>;

/** A number that is computed at every replay. */
export const computed = (compute: () => number): Readonly<Scalar> => ({
  get value() {
    return compute();
  },
});

/** How many workgroups a dispatch takes, from sizes that may change between replays. */
export type Grid =
  | { readonly rows: Dim } // rows of a `libs: ['reduce']` kernel, however the variant spreads them
  | { readonly tiles: readonly [rows: Dim, columns: number] } // of a `libs: ['tile<…>']` kernel
  | { readonly threads: () => number } // one invocation each
  | { readonly groups: () => number }; // one workgroup each

export interface Call {
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly bind: Readonly<Record<string, Tensor>>;
  readonly grid: Grid;
  /** Compile-time constants of the kernel, u32. */
  readonly consts?: Readonly<Record<string, number>>;
  /** Multiply-adds × 2 of one replay; bounds the work per submit. */
  readonly flops?: () => number;
}

/** One dispatch of a profiled plan. */
export interface DispatchCost {
  readonly label: string;
  readonly ms: number;
  readonly flops: number | undefined; // where the kernel states them
  readonly bytes: number; // of the bound tensors, each counted once
}

interface Recorded {
  readonly spec: KernelSpec;
  readonly call: Call;
}

interface Compiled extends Recorded {
  readonly kernel: Kernel;
  readonly bindGroup: GPUBindGroup;
  readonly fields: readonly { readonly isFloat: boolean; readonly value: ParamValue }[];
  readonly slot: number; // word offset of its Params
}

const SLOT_WORDS = 64; // 256 bytes: the alignment of uniform bindings
const TARGET_SUBMIT_MS = 100;
const UNIFORM_USAGE = 0x40 | 0x08; // UNIFORM | COPY_DST

/** Something between two dispatches of a submit, such as a copy. */
export interface Command {
  encode(encoder: GPUCommandEncoder): void;
}

interface PlanCommands {
  readonly clears: readonly Tensor[];
  readonly dispatches: readonly {
    readonly flops: number;
    readonly kernel: Kernel;
    encode(pass: GPUComputePassEncoder): void;
  }[];
}

/**
 * Submits plans and copies in order, together if that is little work. Work above the target per submit
 * goes out in several, two at a time, so that no driver loses patience and others get their turn; and
 * what comes before a kernel that is still being compiled runs meanwhile.
 * Resolves when all is submitted, not when it is done; tells in how many submits.
 */
export async function submit(gpu: Gpu, parts: readonly (Plan | Command)[]): Promise<number> {
  gpu.check();
  const budget = gpu.flopsPerMs * TARGET_SUBMIT_MS;
  const { device } = gpu;
  let submits = 0;
  let flops = 0; // of the dispatches that are encoded and not submitted
  let dispatched = 0; // how many those are
  let encoder = device.createCommandEncoder();
  let pass: GPUComputePassEncoder | undefined;
  const endPass = (): void => {
    pass?.end();
    pass = undefined;
  };
  const send = async (isLast: boolean): Promise<void> => {
    endPass();
    device.queue.submit([encoder.finish()]);
    submits += 1;
    if (isLast && submits === 1) return;
    await gpu.learnSpeed(flops);
    if (isLast) return;
    flops = 0;
    dispatched = 0;
    encoder = device.createCommandEncoder();
  };
  for (const part of parts) {
    if (!(part instanceof Plan)) {
      endPass();
      part.encode(encoder);
      continue;
    }
    const { clears, dispatches } = part.commands();
    if (clears.length > 0) endPass();
    for (const { buffer, offsetBytes } of clears) encoder.clearBuffer(buffer, offsetBytes);
    for (const dispatch of dispatches) {
      const { kernel } = dispatch;
      const isFull = flops > 0 && flops + dispatch.flops > budget;
      const isCompiling = kernel.pipeline === undefined;
      if (isFull || (isCompiling && dispatched > 0)) await send(false);
      if (isCompiling) await kernel.compiled;
      pass ??= encoder.beginComputePass({ label: part.label });
      dispatch.encode(pass);
      flops += dispatch.flops;
      dispatched += 1;
    }
  }
  await send(true);
  return submits;
}

/** Dispatches recorded once and replayed: `record…`, then `run` as often as wanted. */
export class Plan {
  readonly #recorded: Recorded[] = [];
  readonly #clears: Tensor[] = [];
  #compiled: Compiled[] = [];
  #words = new Uint32Array(0);
  #floats = new Float32Array(0);
  #uniforms: GPUBuffer | undefined;
  /** Command buffers submitted by the last run. */
  submits = 0;

  /** @param variants the forms of its kernels, the device's unless told */
  constructor(
    readonly gpu: Gpu,
    readonly label: string,
    readonly variants: Forms = gpu.variants,
  ) {}

  /** Dispatches per replay. */
  get dispatches(): number {
    return this.#recorded.length;
  }

  /** Adds a dispatch. Names in `params` and `bind` are those of the WGSL; extra or missing ones are bugs. */
  record(spec: KernelSpec, call: Call): void {
    invariant(this.#uniforms === undefined, `${spec.label} was recorded after compile().`);
    this.#recorded.push({ spec, call });
  }

  /** Zeroes a tensor's whole capacity at the start of every replay, before the first dispatch. */
  clear(tensor: Tensor): void {
    this.#clears.push(tensor);
  }

  /** Makes parameters and bind groups and starts to compile, which the first replay does at the latest. */
  compile(): this {
    if (this.#uniforms) return this;
    const words = Math.max(1, this.#recorded.length) * SLOT_WORDS;
    this.#words = new Uint32Array(words);
    this.#floats = new Float32Array(this.#words.buffer);
    this.#uniforms = this.gpu.createBuffer(`${this.label} params`, 4 * words, UNIFORM_USAGE);
    this.#compiled = this.#recorded.map((recorded, i) => this.#bind(recorded, i * SLOT_WORDS));
    return this;
  }

  #bind(recorded: Recorded, slot: number): Compiled {
    const { spec, call } = recorded;
    const kernel = this.gpu.kernel(spec, call.consts, this.variants);
    const { face } = kernel;
    for (const name of Object.keys(call.bind)) {
      invariant(
        face.storage.some((s) => s.name === name),
        `${spec.label} has no binding ${name}.`,
      );
    }
    for (const name of Object.keys(call.params)) {
      invariant(
        face.params.some((f) => f.name === name),
        `${spec.label} has no parameter ${name}.`,
      );
    }
    const fields = face.params.map(({ name, type }) => {
      const value = call.params[name];
      invariant(value !== undefined, `${spec.label}: parameter ${name} was not given.`);
      return { isFloat: type === 'f32', value };
    });
    const entries: GPUBindGroupEntry[] = face.storage.map(({ name, binding }) => {
      const tensor = call.bind[name];
      invariant(tensor !== undefined, `${spec.label}: binding ${name} was not given.`);
      invariant(tensor.offsetBytes % 256 === 0, `${tensor.label} begins at an unaligned offset.`);
      const { buffer, offsetBytes } = tensor;
      return { binding, resource: { buffer, offset: offsetBytes } };
    });
    entries.push({
      binding: 0,
      resource: { buffer: this.#uniforms!, offset: 4 * slot, size: 4 * SLOT_WORDS },
    });
    const { device } = this.gpu;
    const bindGroup = device.createBindGroup({ label: spec.label, layout: kernel.layout, entries });
    this.gpu.objectsCreated += 1;
    return { ...recorded, kernel, bindGroup, fields, slot };
  }

  /** Resolves when every kernel is compiled, or rejects with why one never will be. */
  async compiled(): Promise<void> {
    this.compile();
    await Promise.all(this.#compiled.map(({ kernel }) => kernel.compiled));
  }

  /** Multiply-adds × 2 of each dispatch at the sizes in force now; 0 where its kernel states none. */
  dispatchFlops(): number[] {
    return this.#recorded.map(({ call }) => call.flops?.() ?? 0);
  }

  /** Multiply-adds × 2 of one replay at the sizes in force now, where kernels state them. */
  flops(): number {
    return this.dispatchFlops().reduce((sum, flops) => sum + flops, 0);
  }

  /**
   * Replays every dispatch with the sizes and scalars in force now, `times` over in one submit if that is
   * little work. Resolves when all is submitted, not when it is done.
   */
  async run(times = 1): Promise<void> {
    this.submits = await submit(
      this.gpu,
      Array.from({ length: times }, () => this),
    );
  }

  /** Hands out what a replay consists of, in order; its parameters are those of the last call before a submit. */
  commands(): PlanCommands {
    this.compile();
    this.#writeParams();
    return {
      clears: this.#clears,
      dispatches: this.#compiled.map((compiled) => ({
        flops: compiled.call.flops?.() ?? 0,
        kernel: compiled.kernel,
        encode: (pass) => this.#dispatch(pass, compiled),
      })),
    };
  }

  #writeParams(): void {
    let changed = false;
    for (const { fields, slot } of this.#compiled) {
      fields.forEach(({ isFloat, value }, i) => {
        const now = typeof value === 'number' ? value : value.value;
        const words = isFloat ? this.#floats : this.#words;
        const before = words[slot + i];
        words[slot + i] = now;
        changed ||= words[slot + i] !== before;
      });
    }
    if (changed) this.gpu.device.queue.writeBuffer(this.#uniforms!, 0, this.#words);
  }

  #dispatch(pass: GPUComputePassEncoder, { spec, call, kernel, bindGroup }: Compiled): void {
    const groups = this.#groups(spec, call.grid);
    if (groups === 0) return;
    const x = Math.min(groups, this.gpu.gridLimit);
    pass.setPipeline(kernel.pipeline!);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(x, Math.ceil(groups / x));
  }

  #groups(spec: KernelSpec, grid: Grid): number {
    const { variants } = this;
    if ('rows' in grid) return Math.ceil(sizeOf(grid.rows) / rowsPerWorkgroup(spec, variants));
    if ('tiles' in grid) {
      const [rows, columns] = grid.tiles;
      return tileWorkgroups(spec, variants, sizeOf(rows), columns);
    }
    if ('threads' in grid) return Math.ceil(grid.threads() / workgroupSizeOf(spec, variants));
    return grid.groups();
  }

  /**
   * Replays every dispatch in a pass of its own and tells what each was and how long it took.
   *
   * @param leastMs shorter ones are repeated for about as long, which what accumulates must allow
   */
  async profile(leastMs = 0): Promise<DispatchCost[]> {
    await this.compiled();
    this.#writeParams();
    const compiled = this.#compiled;
    const record = (pass: GPUComputePassEncoder, i: number): void =>
      this.#dispatch(pass, compiled[i]!);
    const ms = await timePasses(this.gpu, compiled.length, record, leastMs);
    return compiled.map(({ spec, call }, i) => ({
      label: spec.label,
      ms: ms[i]!,
      flops: call.flops?.(),
      bytes: Object.values(call.bind).reduce((n, tensor) => n + 4 * lengthOfTensor(tensor), 0),
    }));
  }

  /** Frees the parameters; the recorded tensors belong to whoever made them. */
  destroy(): void {
    if (this.#uniforms) this.gpu.free({ buffer: this.#uniforms });
  }
}
