import random from '../../shaders/lib/random.wgsl?raw';
import reduceSerial from '../../shaders/lib/reduce.serial.wgsl?raw';
import reduceSubgroups from '../../shaders/lib/reduce.subgroups.wgsl?raw';
import reduceTree from '../../shaders/lib/reduce.wgsl?raw';

/** A kernel as its folder states it. */
export interface KernelSpec {
  /** `<op>_<file>`: names pipelines, errors and timings. */
  readonly label: string;
  readonly body: string; // WGSL
  readonly libs?: readonly ('reduce' | 'random')[];
  /** Invocations per workgroup; 64 unless told. */
  readonly workgroupSize?: number;
}

/**
 * How a row is reduced: by a workgroup over shared memory ('tree'), by a workgroup over subgroups,
 * or by one invocation alone ('serial': no barriers, for adapters on which they are dear).
 */
export type ReduceVariant = 'tree' | 'subgroups' | 'serial';
export const REDUCE_VARIANTS: readonly ReduceVariant[] = ['tree', 'subgroups', 'serial'];

const REDUCE: Readonly<Record<ReduceVariant, string>> = {
  tree: reduceTree,
  subgroups: reduceSubgroups,
  serial: reduceSerial,
};

export const workgroupSizeOf = (spec: KernelSpec): number => spec.workgroupSize ?? 64;

/** Rows that one workgroup of a `libs: ['reduce']` kernel handles. */
export const rowsPerWorkgroup = (spec: KernelSpec, reduce: ReduceVariant): number =>
  reduce === 'serial' ? workgroupSizeOf(spec) : 1;

/**
 * Prelude + libraries + body: the only place where variants are decided.
 *
 * @param consts module constants (u32), for what WGSL must know at compile time, such as head size
 */
export function composeModule(
  spec: KernelSpec,
  reduce: ReduceVariant,
  consts: Readonly<Record<string, number>> = {},
): string {
  const libs = spec.libs ?? [];
  const subgroups = libs.includes('reduce') && reduce === 'subgroups';
  return [
    ...(subgroups ? ['enable subgroups;'] : []),
    'alias elem = f32;',
    `const WG = ${workgroupSizeOf(spec)}u;`,
    ...Object.entries(consts).map(([name, value]) => `const ${name} = ${value}u;`),
    'fn flat_group(group: vec3u, groups: vec3u) -> u32 { return group.y * groups.x + group.x; }',
    ...libs.map((lib) => (lib === 'reduce' ? REDUCE[reduce] : random)),
    spec.body,
  ].join('\n');
}
