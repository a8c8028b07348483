import linear from '../../shaders/lib/linear.wgsl?raw';
import linearBackward from '../../shaders/lib/linear_backward.wgsl?raw';
import random from '../../shaders/lib/random.wgsl?raw';
import reduceSerial from '../../shaders/lib/reduce.serial.wgsl?raw';
import reduceSubgroups from '../../shaders/lib/reduce.subgroups.wgsl?raw';
import reduceTree from '../../shaders/lib/reduce.wgsl?raw';
import { invariant } from '../shared/invariant';
import type { ReduceVariant, TileVariant, Variants } from '../shared/kernelForms';
import tileWide from '../../shaders/lib/tile.wide.wgsl?raw';
import tileInvocation from '../../shaders/lib/tile.wgsl?raw';
import tileWorkgroup from '../../shaders/lib/tile.workgroup.wgsl?raw';

/** A file of shaders/lib; `tile<name>` is lib/tile with NAME replaced, once per product of a kernel. */
export type Lib = 'reduce' | 'random' | 'linear' | 'linear_backward' | `tile<${string}>`;

/** A kernel as its folder states it. */
export interface KernelSpec {
  /** `<op>_<file>`: names pipelines, errors and timings. */
  readonly label: string;
  readonly body: string; // WGSL
  readonly libs?: readonly Lib[];
  /** Invocations per workgroup; 64 unless told. */
  readonly workgroupSize?: number;
}

const REDUCE: Readonly<Record<ReduceVariant, string>> = {
  tree: reduceTree,
  subgroups: reduceSubgroups,
  serial: reduceSerial,
};

const TILE: Readonly<Record<TileVariant, { readonly side: number; readonly lib: string }>> = {
  invocation: { side: 8, lib: tileInvocation },
  wide: { side: 16, lib: tileWide },
  workgroup: { side: 64, lib: tileWorkgroup },
};

export const workgroupSizeOf = (spec: KernelSpec): number => spec.workgroupSize ?? 64;

/** Rows that one workgroup of a `libs: ['reduce']` kernel handles. */
export const rowsPerWorkgroup = (spec: KernelSpec, reduce: ReduceVariant): number =>
  reduce === 'serial' ? workgroupSizeOf(spec) : 1;

/** Workgroups of a `libs: ['tile<…>']` kernel that make `count` products of rows × columns results. */
export function tileWorkgroups(
  spec: KernelSpec,
  tile: TileVariant,
  rows: number,
  columns: number,
  count = 1,
): number {
  const { side } = TILE[tile];
  const tiles = Math.ceil(rows / side) * Math.ceil(columns / side) * count;
  return tile === 'workgroup' ? tiles : Math.ceil(tiles / workgroupSizeOf(spec));
}

/**
 * Prelude + libraries + body: the only place where variants are decided.
 *
 * @param consts module constants (u32), for what WGSL must know at compile time, such as head size
 */
export function composeModule(
  spec: KernelSpec,
  { reduce, tile }: Variants,
  consts: Readonly<Record<string, number>> = {},
): string {
  const libs = spec.libs ?? [];
  const text = (lib: Lib): string => {
    if (lib === 'reduce') return REDUCE[reduce];
    if (lib === 'random') return random;
    if (lib === 'linear') return linear;
    if (lib === 'linear_backward') return linearBackward;
    return TILE[tile].lib.replaceAll('NAME', lib.slice('tile<'.length, -1));
  };
  const subgroups = libs.includes('reduce') && reduce === 'subgroups';
  return [
    ...(subgroups ? ['enable subgroups;'] : []),
    'alias elem = f32;',
    `const WG = ${workgroupSizeOf(spec)}u;`,
    ...Object.entries(consts).map(([name, value]) => `const ${name} = ${value}u;`),
    'fn flat_group(group: vec3u, groups: vec3u) -> u32 { return group.y * groups.x + group.x; }',
    ...libs.map(text),
    unrolled(spec.body, consts),
  ].join('\n');
}

const LOOP =
  /^( *)for \(var (\w+) = 0u; \2 < (\w+); \2\+\+\) \{ \/\/ unrolled\n((?:\1 .*\n|\n)*)\1\}$/m;

/** Longer loops stay loops: written out, a head of 128 took SwiftShader seconds to compile. */
const MAX_TURNS = 16;

/**
 * Writes out every short loop marked `// unrolled` up to a constant of the kernel, so that arrays indexed
 * by it are registers: whether a driver would do it by itself is up to the driver.
 */
function unrolled(body: string, consts: Readonly<Record<string, number>>): string {
  const loop = LOOP.exec(body);
  if (!loop) return body;
  const [all, indent, index, bound, inner] = loop;
  const count = consts[bound!];
  invariant(count !== undefined, `A loop is unrolled up to ${bound}, which is no constant.`);
  if (count > MAX_TURNS) return unrolled(body.replace(' // unrolled', ''), consts);
  const turns = Array.from(
    { length: count },
    (_, i) =>
      `${indent}{\n${inner!.replaceAll(new RegExp(`\\b${index}\\b`, 'g'), `${i}u`)}${indent}}`,
  );
  return unrolled(
    body.replace(all, () => turns.join('\n')),
    consts,
  );
}
