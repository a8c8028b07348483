import { invariant } from '../shared/invariant';

/** One scalar of `struct Params`. */
export interface ParamField {
  readonly name: string;
  readonly type: 'u32' | 'i32' | 'f32';
}

/** One storage binding of group 0. */
export interface StorageBinding {
  readonly name: string;
  readonly binding: number;
  readonly writable: boolean;
}

/** What a kernel wants to be given, read from its own WGSL: neither order is repeated in TypeScript. */
export interface KernelInterface {
  readonly params: readonly ParamField[];
  readonly storage: readonly StorageBinding[];
}

const PARAMS = /struct Params \{([^}]*)\}/;
const FIELD = /^\s*(\w+): (u32|i32|f32),/gm;
const STORAGE =
  /@group\(0\) @binding\((\d+)\) var<storage, (read|read_write)> (\w+): array<[^;]+>;/g;

/** Reads `struct Params` and the storage bindings of house-style WGSL. */
export function readKernelInterface(label: string, wgsl: string): KernelInterface {
  const struct = PARAMS.exec(wgsl);
  invariant(struct !== null, `${label} has no struct Params.`);
  const params = Array.from(struct[1]!.matchAll(FIELD), (m) => ({
    name: m[1]!,
    type: m[2] as ParamField['type'],
  }));
  const storage = Array.from(wgsl.matchAll(STORAGE), (m) => ({
    binding: Number(m[1]),
    writable: m[2] === 'read_write',
    name: m[3]!,
  }));
  invariant(params.length > 0, `${label}: struct Params has no field that can be read.`);
  invariant(storage.length <= 8, `${label} binds ${storage.length} storage buffers; at most 8.`);
  return { params, storage };
}
