import { capacityOf, type Tensor } from '../../gpu/tensor';
import { rng } from '../../shared/rng';

/** Standard normal numbers times `scale`. */
export function normals(seed: number, n: number, scale = 1): Float32Array<ArrayBuffer> {
  const random = rng(seed);
  return Float32Array.from({ length: n }, () => scale * random.normal());
}

/** Numbers that careless kernels get wrong, by their index. */
export const HARD_NUMBERS: readonly (readonly [string, (i: number) => number])[] = [
  ['±1e4', (i) => (i % 3 === 0 ? -1e4 : 1e4)],
  ['all equal', () => 0.3],
  ['a single one', (i) => (i === 17 ? 1 : 0)],
  ['denormals', () => 1e-40],
];

export const FLUSHED = 2 ** -126; // WGSL may take any denormal for zero

/** Four roundings of f32: what one term may lose. A sum of k terms may lose √k times as much. */
export const ROUNDING = 4 * 2 ** -24;

/** The tensor with every Size at its capacity: to see what lies beyond the part in use. */
export const atCapacity = (t: Tensor): Tensor => ({ ...t, shape: t.shape.map(capacityOf) });

/** Makes what lies past the first `used` of `rows` rows NaN, which a kernel that uses it cannot hide. */
export function spoil(rows: number, used: number, ...arrays: Float32Array[]): void {
  for (const a of arrays) a.fill(NaN, (used * a.length) / rows);
}
