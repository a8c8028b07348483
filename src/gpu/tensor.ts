import { PlaygroundError } from '../shared/errors';

/** An extent that may change between replays of a plan, up to the capacity its buffers were made for. */
export class Size {
  #value: number;

  constructor(
    readonly name: string,
    readonly capacity: number,
  ) {
    this.#value = capacity;
  }

  get value(): number {
    return this.#value;
  }

  set value(n: number) {
    if (!Number.isInteger(n) || n < 0 || n > this.capacity) {
      throw new PlaygroundError(
        'bug',
        `Size ${this.name} was set to ${n}, outside 0 … ${this.capacity}.`,
        { name: this.name, value: n, capacity: this.capacity },
      );
    }
    this.#value = n;
  }
}

export type Dim = number | Size;

/** The extent in force now. */
export const sizeOf = (dim: Dim): number => (typeof dim === 'number' ? dim : dim.value);

/** The largest extent a dimension can take. */
export const capacityOf = (dim: Dim): number => (typeof dim === 'number' ? dim : dim.capacity);

export type DType = 'f32' | 'i32' | 'u32';

/** A named view into a GPU buffer: shape, type, and where it begins. All types are four bytes wide. */
export interface Tensor {
  readonly label: string;
  readonly shape: readonly Dim[];
  readonly dtype: DType;
  readonly buffer: GPUBuffer;
  readonly offsetBytes: number; // a multiple of 256 where the tensor is bound
}

/** Numbers the tensor can hold. */
export const capacityOfTensor = (t: Tensor): number =>
  t.shape.reduce<number>((n, dim) => n * capacityOf(dim), 1);

/** Numbers in the tensor now. */
export const lengthOfTensor = (t: Tensor): number =>
  t.shape.reduce<number>((n, dim) => n * sizeOf(dim), 1);

/**
 * Throws 'shape-mismatch' unless the dimensions are the same: equal numbers, or the very same Size.
 *
 * @param what the wrapper and tensor, as "rmsnormForward: weight"
 */
export function expectShape(what: string, t: Tensor, expected: readonly Dim[]): void {
  const same = t.shape.length === expected.length && t.shape.every((d, i) => d === expected[i]);
  if (same) return;
  const show = (dims: readonly Dim[]): string =>
    dims.map((d) => (typeof d === 'number' ? String(d) : `${d.name}≤${d.capacity}`)).join(',');
  throw new PlaygroundError(
    'shape-mismatch',
    `${what} is [${show(t.shape)}], expected [${show(expected)}].`,
    { what, actual: show(t.shape), expected: show(expected) },
  );
}

/**
 * Where the parts of a parameter's gradient lie: slice s holds the share of 4·ceil(N/4count) rows
 * that follow s of them, and begins `stride` numbers (a multiple of 64) after slice s − 1.
 */
export interface GradSlices {
  readonly count: number;
  readonly stride: number;
}

/**
 * Groups of four in a fixed extent, for kernels that read rows as vec4.
 *
 * @throws PlaygroundError 'shape-mismatch' unless the extent is a multiple of 4.
 */
export function quadsOf(what: string, dim: Dim): number {
  if (typeof dim === 'number' && dim % 4 === 0) return dim / 4;
  const shown = typeof dim === 'number' ? dim : dim.name;
  throw new PlaygroundError(
    'shape-mismatch',
    `${what}: row length ${shown} is not a fixed multiple of 4.`,
    { what, actual: shown },
  );
}
