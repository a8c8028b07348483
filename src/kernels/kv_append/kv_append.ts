import copy from '../../../shaders/kv_append/copy.wgsl?raw';
import type { KernelSpec } from '../../gpu/compose';
import type { ParamValue, Plan } from '../../gpu/plan';
import { capacityOf, expectShape, sizeOf, type Tensor } from '../../gpu/tensor';
import { expectHeads, qkvWidth, type Heads } from '../attention/heads';

const COPY: KernelSpec = { label: 'kv_append_copy', body: copy };

/** N = new tokens, R = cache rows, T = positions per row. */
export interface KvAppend {
  readonly qkv: Tensor; //      [N,(H+2·Hkv)·D]  already rotated
  readonly row: Tensor; //      [N] i32 cache row
  readonly position: Tensor; // [N] i32 within its sequence, < T
  readonly keys: Tensor; //     in-out [R,T,Hkv·D]
  readonly values: Tensor; //   in-out [R,T,Hkv·D]
}

/**
 * Records the copy of each new token's key and value to its place in the cache.
 *
 * @param fan neighboring cache rows, from row[n] on, that share the token
 */
export function kvAppend(plan: Plan, t: KvAppend, heads: Heads, fan: ParamValue = 1): void {
  const { H, Hkv, D } = heads;
  const [N = 0] = t.qkv.shape;
  const [R = 0, T = 0] = t.keys.shape;
  expectHeads(heads);
  expectShape('kvAppend: qkv', t.qkv, [N, qkvWidth(heads)]);
  expectShape('kvAppend: row', t.row, [N]);
  expectShape('kvAppend: position', t.position, [N]);
  expectShape('kvAppend: keys', t.keys, [R, T, Hkv * D]);
  expectShape('kvAppend: values', t.values, [R, T, Hkv * D]);
  plan.record(COPY, {
    params: { N, H, Hkv, T: capacityOf(T), fan },
    bind: { ...t },
    consts: { D },
    grid: { threads: () => (sizeOf(N) * 2 * Hkv * D) / 4 },
  });
}
