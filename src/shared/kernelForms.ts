/** The forms in which kernels exist, by name: settings, engine and page speak of the same ones. */

/**
 * How a row is reduced: by a workgroup over shared memory ('tree'), by a workgroup over subgroups,
 * or by one invocation alone ('serial': no barriers, for adapters on which they are dear).
 */
export const REDUCE_VARIANTS = ['tree', 'subgroups', 'serial'] as const;
export type ReduceVariant = (typeof REDUCE_VARIANTS)[number];

/**
 * Who computes a tile of a matrix product: an invocation, 8 × 8; four neighboring ones of a subgroup,
 * 16 × 16 ('small', soon compiled), 16 × 32 ('quad') or 32 × 32 ('wide', for adapters on which loads are
 * dear); or a workgroup over shared memory, 64 × 64. Those of four give the same bits.
 */
export const TILE_VARIANTS = ['invocation', 'small', 'quad', 'wide', 'workgroup'] as const;
export type TileVariant = (typeof TILE_VARIANTS)[number];

const QUADS: readonly TileVariant[] = ['small', 'quad', 'wide'];

/** Whether neighboring invocations pass numbers to each other, for which the adapter needs subgroups. */
export const isByQuads = (tile: TileVariant): boolean => QUADS.includes(tile);

/** As what the way forward keeps the slopes of the MLP's activation for the way back: half the bytes, or all the digits. */
export const STORE_VARIANTS = ['f32', 'f16'] as const;
export type StoreVariant = (typeof STORE_VARIANTS)[number];

/** What is decided per adapter, for all kernels. */
export interface Variants {
  readonly reduce: ReduceVariant;
  readonly tile: TileVariant;
  readonly store: StoreVariant;
}

/** What decides a kernel's text and its grid. */
export interface Forms extends Variants {
  readonly isSoftware: boolean; // of the adapter
}

/**
 * Forms with the results of `forms` that compile in half the time: for what must run soon. Those of a GPU
 * compile in no time, and whether two of them give the same bits is up to its compiler.
 */
export const soon = (forms: Forms): Forms =>
  forms.isSoftware && forms.tile === 'wide' ? { ...forms, tile: 'quad' } : forms;

/** Forms that end with `forms` and give its results, bit for bit: each compiles sooner than the next, and runs slower. */
export function stagesOf(forms: Forms): readonly Forms[] {
  const stages = forms.isSoftware ? QUADS.slice(0, 1 + QUADS.indexOf(forms.tile)) : [];
  return stages.length > 0 ? stages.map((tile) => ({ ...forms, tile })) : [forms];
}
