import cached from '../../../shaders/qkv_rope/cached.wgsl?raw';
import forward from '../../../shaders/qkv_rope/forward.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { ParamValue, Plan } from '../../gpu/plan';
import { capacityOf, expectShape, quadsOf, sizeOf, type Tensor } from '../../gpu/tensor';
import { expectHeads, qkvWidth, type Heads } from '../attention/heads';

const FORWARD: KernelSpec = {
  label: 'qkv_rope_forward',
  body: forward,
  libs: ['linear', 'tile<forward>'],
};
const CACHED: KernelSpec = {
  label: 'qkv_rope_cached',
  body: cached,
  libs: ['linear', 'tile<forward>'],
};

/** N = packed tokens, K = inputs, T = positions. Its backward pass is attention's and matmul's. */
export interface QkvRopeForward {
  readonly x: Tensor; //        [N,K]
  readonly w: Tensor; //        [(H+2·Hkv)·D,K]
  readonly position: Tensor; // [N]   i32 within its sequence
  readonly table: Tensor; //    [T,D] from ropeTable
  readonly qkv: Tensor; //      out [N,(H+2·Hkv)·D]  q and k heads rotated
}

/** N = new tokens, K = inputs, R = cache rows, T = positions per row. */
export interface QkvRopeCached {
  readonly x: Tensor; //        [N,K]
  readonly w: Tensor; //        [(H+2·Hkv)·D,K]
  readonly row: Tensor; //      [N]   i32 cache row
  readonly position: Tensor; // [N]   i32 within its sequence, < T
  readonly table: Tensor; //    [T,D] from ropeTable
  readonly y: Tensor; //        out [N,H·D]  q, rotated
  readonly keys: Tensor; //     in-out [R,T,Hkv·D]  rotated
  readonly values: Tensor; //   in-out [R,T,Hkv·D]
}

/** Records the projection to queries, keys and values and the rotation of q and k by position. */
export function qkvRopeForward(plan: Plan, t: QkvRopeForward, heads: Heads): void {
  const { H, Hkv, D } = heads;
  const [N = 0, K = 0] = t.x.shape;
  const inputs = 4 * quadsOf('qkvRopeForward: x', K);
  const width = qkvWidth(heads);
  expectHeads(heads);
  expectShape('qkvRopeForward: w', t.w, [width, K]);
  expectShape('qkvRopeForward: position', t.position, [N]);
  expectShape('qkvRopeForward: table', t.table, [t.table.shape[0] ?? 0, D]);
  expectShape('qkvRopeForward: qkv', t.qkv, [N, width]);
  plan.record(FORWARD, {
    params: { N, K, H, Hkv },
    bind: { ...t },
    consts: { D },
    grid: { tiles: [N, width] },
    flops: () => 2 * sizeOf(N) * inputs * width,
  });
}

/**
 * Records the same for new tokens, whose keys and values go to their places in the cache.
 *
 * @param fan neighboring cache rows, from row[n] on, that share the token
 */
export function qkvRopeCached(
  plan: Plan,
  t: QkvRopeCached,
  heads: Heads,
  fan: ParamValue = 1,
): void {
  const { H, Hkv, D } = heads;
  const [N = 0, K = 0] = t.x.shape;
  const [R = 0, T = 0] = t.keys.shape;
  const inputs = 4 * quadsOf('qkvRopeCached: x', K);
  const width = qkvWidth(heads);
  expectHeads(heads);
  expectShape('qkvRopeCached: w', t.w, [width, K]);
  expectShape('qkvRopeCached: row', t.row, [N]);
  expectShape('qkvRopeCached: position', t.position, [N]);
  expectShape('qkvRopeCached: table', t.table, [t.table.shape[0] ?? 0, D]);
  expectShape('qkvRopeCached: y', t.y, [N, H * D]);
  expectShape('qkvRopeCached: keys', t.keys, [R, T, Hkv * D]);
  expectShape('qkvRopeCached: values', t.values, [R, T, Hkv * D]);
  plan.record(CACHED, {
    params: { N, K, H, Hkv, T: capacityOf(T), fan },
    bind: { ...t },
    consts: { D },
    grid: { tiles: [N, width] },
    flops: () => 2 * sizeOf(N) * inputs * width,
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
