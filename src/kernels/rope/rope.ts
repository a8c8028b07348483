import apply from '../../../shaders/rope/apply.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { Plan } from '../../gpu/plan';
import { expectShape, sizeOf, type Tensor } from '../../gpu/tensor';
import { expectHeads, qkvWidth, type Heads } from '../attention/heads';

const APPLY: KernelSpec = { label: 'rope_apply', body: apply };

/** N = packed tokens, T = positions. */
export interface RopeApply {
  readonly qkv: Tensor; //      in-out [N,(H+2·Hkv)·D]  its q and k heads are rotated
  readonly position: Tensor; // [N]   i32 within its sequence
  readonly table: Tensor; //    [T,D] from ropeTable
}

/** Records the rotation of q and k by position; direction −1 turns back, which is its backward pass. */
export function ropeApply(plan: Plan, t: RopeApply, heads: Heads, direction: 1 | -1): void {
  const { H, Hkv, D } = heads;
  const [N = 0] = t.qkv.shape;
  expectHeads(heads);
  expectShape('ropeApply: qkv', t.qkv, [N, qkvWidth(heads)]);
  expectShape('ropeApply: position', t.position, [N]);
  expectShape('ropeApply: table', t.table, [t.table.shape[0] ?? 0, D]);
  plan.record(APPLY, {
    params: { N, H, Hkv, direction },
    bind: { ...t },
    consts: { D },
    grid: { threads: () => sizeOf(N) * (H + Hkv) },
  });
}

/**
 * Angles of T positions, computed in float64: a row is D/2 cosines, then D/2 sines.
 *
 * Pair i turns by position · base^(−2i/D).
 */
export function ropeTable(T: number, D: number, base: number): Float32Array<ArrayBuffer> {
  const table = new Float32Array(T * D);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < D / 2; i++) {
      const angle = t * base ** ((-2 * i) / D);
      table[t * D + i] = Math.cos(angle);
      table[t * D + D / 2 + i] = Math.sin(angle);
    }
  }
  return table;
}
