/** The forms in which kernels exist, by name: settings, engine and page speak of the same ones. */

/**
 * How a row is reduced: by a workgroup over shared memory ('tree'), by a workgroup over subgroups,
 * or by one invocation alone ('serial': no barriers, for adapters on which they are dear).
 */
export const REDUCE_VARIANTS = ['tree', 'subgroups', 'serial'] as const;
export type ReduceVariant = (typeof REDUCE_VARIANTS)[number];

/**
 * Who computes a tile of a matrix product: an invocation, 8 × 8 ('invocation') or 16 × 16 ('wide', for
 * adapters on which loads are dear), or a workgroup over shared memory, 64 × 64.
 */
export const TILE_VARIANTS = ['invocation', 'wide', 'workgroup'] as const;
export type TileVariant = (typeof TILE_VARIANTS)[number];

/** What is decided per adapter, for all kernels. */
export interface Variants {
  readonly reduce: ReduceVariant;
  readonly tile: TileVariant;
}
