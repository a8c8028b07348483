import blocks from '../../shaders/lib/blocks.wgsl?raw';
import heads from '../../shaders/lib/heads.wgsl?raw';
import columnSums from '../../shaders/lib/columns.wgsl?raw';
import columnSumsSerial from '../../shaders/lib/columns.serial.wgsl?raw';
import keys from '../../shaders/lib/keys.wgsl?raw';
import keysQuad from '../../shaders/lib/keys.quad.wgsl?raw';
import kept from '../../shaders/lib/kept.wgsl?raw';
import keptHalf from '../../shaders/lib/kept.half.wgsl?raw';
import linear from '../../shaders/lib/linear.wgsl?raw';
import linearBackward from '../../shaders/lib/linear_backward.wgsl?raw';
import random from '../../shaders/lib/random.wgsl?raw';
import ranked from '../../shaders/lib/ranked.wgsl?raw';
import reduceSerial from '../../shaders/lib/reduce.serial.wgsl?raw';
import reduceSubgroups from '../../shaders/lib/reduce.subgroups.wgsl?raw';
import reduceTree from '../../shaders/lib/reduce.wgsl?raw';
import { invariant } from '../shared/invariant';
import {
  isByQuads,
  type Forms,
  type ReduceVariant,
  type TileVariant,
  type Variants,
} from '../shared/kernelForms';
import quad from '../../shaders/lib/quad.wgsl?raw';
import tileQuad from '../../shaders/lib/tile.quad.wgsl?raw';
import tileSmall from '../../shaders/lib/tile.small.wgsl?raw';
import tileWide from '../../shaders/lib/tile.wide.wgsl?raw';
import tileInvocation from '../../shaders/lib/tile.wgsl?raw';
import tileWorkgroup from '../../shaders/lib/tile.workgroup.wgsl?raw';

/** Libraries that have one form. */
const PLAIN = { random, blocks, heads, ranked, linear, linear_backward: linearBackward } as const;
type Plain = keyof typeof PLAIN;
const isPlain = (lib: Lib): lib is Plain => Object.hasOwn(PLAIN, lib);

/** A file of shaders/lib; `tile<name>` is lib/tile with NAME replaced, once per product of a kernel. */
export type Lib = 'reduce' | 'columns' | 'kept' | 'keys' | 'quad' | Plain | `tile<${string}>`;

/** A kernel as its folder states it. */
export interface KernelSpec {
  /** `<op>_<file>`: names pipelines, errors and timings. */
  readonly label: string;
  readonly body: string; // WGSL
  readonly libs?: readonly Lib[];
  /** Invocations per workgroup, where the kernel decides. */
  readonly workgroupSize?: number;
}

const REDUCE: Readonly<Record<ReduceVariant, string>> = {
  tree: reduceTree,
  subgroups: reduceSubgroups,
  serial: reduceSerial,
};

interface Tile {
  readonly rows: number; // of results
  readonly columns: number;
  readonly invocations: number; // that make one
  readonly lib: string;
}
const TILE: Readonly<Record<TileVariant, Tile>> = {
  invocation: { rows: 8, columns: 8, invocations: 1, lib: tileInvocation },
  small: { rows: 16, columns: 16, invocations: 4, lib: tileSmall },
  quad: { rows: 16, columns: 32, invocations: 4, lib: tileQuad },
  wide: { rows: 32, columns: 32, invocations: 4, lib: tileWide },
  workgroup: { rows: 64, columns: 64, invocations: 64, lib: tileWorkgroup },
};

const usesQuads = ({ libs = [] }: KernelSpec, { tile }: Variants): boolean =>
  isByQuads(tile) && libs.some((lib) => lib === 'keys' || lib === 'quad' || lib.endsWith('>'));
const isSerial = ({ libs = [] }: KernelSpec, { reduce }: Variants): boolean =>
  reduce === 'serial' && (libs.includes('reduce') || libs.includes('columns'));

/**
 * Invocations per workgroup. On software adapters the forms for them take few: such an adapter spreads
 * workgroups over its cores, not their invocations.
 */
export function workgroupSizeOf(spec: KernelSpec, forms: Forms): number {
  const takesFew = forms.isSoftware && (usesQuads(spec, forms) || isSerial(spec, forms));
  return spec.workgroupSize ?? (takesFew ? 16 : 64);
}

/** Rows that one workgroup of a `libs: ['reduce']` kernel handles. */
export const rowsPerWorkgroup = (spec: KernelSpec, forms: Forms): number =>
  isSerial(spec, forms) ? workgroupSizeOf(spec, forms) : 1;

const COLUMN_QUADS = 16; // of a workgroup of lib/columns

/** Workgroups of a `libs: ['columns']` kernel that sum `lists` of rows, each `quads` vec4 wide. */
export function columnWorkgroups(
  spec: KernelSpec,
  forms: Forms,
  lists: number,
  quads: number,
): number {
  if (isSerial(spec, forms)) return Math.ceil((lists * quads) / workgroupSizeOf(spec, forms));
  return lists * Math.ceil(quads / COLUMN_QUADS);
}

/** Workgroups of a `libs: ['tile<…>']` kernel that make `count` products of rows × columns results. */
export function tileWorkgroups(
  spec: KernelSpec,
  forms: Forms,
  rows: number,
  columns: number,
  count = 1,
): number {
  const tile = TILE[forms.tile];
  const tiles = Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns) * count;
  return Math.ceil((tiles * tile.invocations) / workgroupSizeOf(spec, forms));
}

/**
 * Prelude + libraries + body: the only place where variants are decided.
 *
 * @param consts module constants (u32), for what WGSL must know at compile time, such as head size
 */
export function composeModule(
  spec: KernelSpec,
  forms: Forms,
  consts: Readonly<Record<string, number>> = {},
): string {
  const libs = spec.libs ?? [];
  const { reduce, tile, store } = forms;
  const hasQuads = usesQuads(spec, forms);
  const text = (lib: Lib): string => {
    if (lib === 'reduce') return REDUCE[reduce];
    if (lib === 'columns') return reduce === 'serial' ? columnSumsSerial : columnSums;
    if (lib === 'kept') return store === 'f16' ? keptHalf : kept;
    if (lib === 'keys') return hasQuads ? keysQuad : keys;
    if (lib === 'quad') return ''; // it stands first, for its directive
    if (isPlain(lib)) return PLAIN[lib];
    return TILE[tile].lib.replaceAll('NAME', lib.slice('tile<'.length, -1));
  };
  const once = !hasQuads ? Infinity : tile === 'wide' ? MAX_TURNS : 0;
  const hasSubgroups = hasQuads || (libs.includes('reduce') && reduce === 'subgroups');
  return [
    ...(hasSubgroups ? ['enable subgroups;'] : []),
    ...(hasQuads ? [quad] : []),
    'alias elem = f32;',
    `const WG = ${workgroupSizeOf(spec, forms)}u;`,
    ...Object.entries(consts).map(([name, value]) => `const ${name} = ${value}u;`),
    'fn flat_group(group: vec3u, groups: vec3u) -> u32 { return group.y * groups.x + group.x; }',
    ...[...libs.map(text), spec.body].map((wgsl) => unrolled(wgsl, consts, once)),
  ].join('\n');
}

const LOOP =
  /^( *)for \(var (\w+) = 0u; \2 < (\w+); \2\+\+\) \{ \/\/ unrolled( once)?\n((?:\1 .*\n|\n)*)\1\}$/m;
const BOUND = / < (\w+); \w+\+\+\) \{ \/\/ unrolled/g;
const MARK = / \/\/ unrolled(?: once)?$/m;
const MARKS = new RegExp(MARK, 'gm');

/** Longer loops stay loops: written out, a head of 128 took SwiftShader seconds to compile. */
const MAX_TURNS = 16;

/**
 * Writes out every short loop marked `// unrolled` up to a constant of the kernel, so that arrays indexed
 * by it are registers: whether a driver would do it by itself is up to the driver. `// unrolled once`
 * marks what runs once per invocation: the adapters that quads are for compile a load in more time than
 * they need to look it up in memory a few times.
 *
 * @param once most turns of a loop that runs once, those of the loops in it counted
 */
function unrolled(body: string, consts: Readonly<Record<string, number>>, once: number): string {
  const loop = LOOP.exec(body);
  if (!loop) return body;
  const [all, indent, index, bound, isOnce, inner] = loop;
  const count = consts[bound!];
  invariant(count !== undefined, `A loop is unrolled up to ${bound}, which is no constant.`);
  const within = [...inner!.matchAll(BOUND)].map(([, name]) => consts[name!] ?? 1);
  if (isOnce && count * Math.max(1, ...within) > once) {
    const loops = all.replaceAll(MARKS, '');
    return unrolled(
      body.replace(all, () => loops),
      consts,
      once,
    );
  }
  if (count > MAX_TURNS) return unrolled(body.replace(MARK, ''), consts, once);
  const turns = Array.from(
    { length: count },
    (_, i) =>
      `${indent}{\n${inner!.replaceAll(new RegExp(`\\b${index}\\b`, 'g'), `${i}u`)}${indent}}`,
  );
  return unrolled(
    body.replace(all, () => turns.join('\n')),
    consts,
    once,
  );
}
