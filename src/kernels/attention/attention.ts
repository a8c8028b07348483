import backwardKeyValue from '../../../shaders/attention/backward_key_value.wgsl?raw';
import backwardQuery from '../../../shaders/attention/backward_query.wgsl?raw';
import cached from '../../../shaders/attention/cached.wgsl?raw';
import forward from '../../../shaders/attention/forward.wgsl?raw';
import { rowsPerWorkgroup, type KernelSpec } from '../../gpu/compose';
import type { ParamValue, Plan } from '../../gpu/plan';
import { capacityOf, expectShape, sizeOf, type Dim, type Tensor } from '../../gpu/tensor';
import { isByQuads } from '../../shared/kernelForms';
import { expectHeads, qkvWidth, type Heads } from './heads';

const FORWARD: KernelSpec = {
  label: 'attention_forward',
  body: forward,
  libs: ['keys'],
};
const BACKWARD_QUERY: KernelSpec = {
  label: 'attention_backward_query',
  body: backwardQuery,
  libs: ['keys'],
};
const BACKWARD_KEY_VALUE: KernelSpec = {
  label: 'attention_backward_key_value',
  body: backwardKeyValue,
  libs: ['keys'],
};
const CACHED: KernelSpec = { label: 'attention_cached', body: cached, libs: ['reduce'] };

/** Token pairs that attend, Σ length·(length+1)/2 over the sequences: what the work is counted from. */
export type Pairs = ParamValue;

const flopsOf =
  (perPair: number, { H, D }: Heads, pairs: Pairs): (() => number) =>
  () =>
    perPair * H * D * (typeof pairs === 'number' ? pairs : pairs.value);

/**
 * Neighboring tokens that one invocation takes, and that several take together. Several each where loads
 * are dear, four where the code for them may take its time to compile; a GPU would spill their sums.
 */
function tokensOf(plan: Plan, D: number): { readonly ROWS: number; readonly SPAN: number } {
  const { tile } = plan.variants;
  if (!isByQuads(tile)) return { ROWS: 1, SPAN: 1 };
  const ROWS = D > 32 ? 1 : D <= 16 && tile === 'wide' ? 4 : 2;
  return { ROWS, SPAN: 4 * ROWS };
}

const constsOf = (plan: Plan, D: number): Record<string, number> => ({
  ...{ D, D4: D / 4, D8: D / 8 },
  ...tokensOf(plan, D),
});

/** Invocations for N tokens of `heads` heads. */
function threadsOf(plan: Plan, N: Dim, D: number, heads: number): () => number {
  const { ROWS, SPAN } = tokensOf(plan, D);
  return () => Math.ceil(sizeOf(N) / SPAN) * (SPAN / ROWS) * heads;
}

/** N = packed tokens. A row of qkv is q heads | k heads | v heads. */
export interface AttentionForward {
  readonly qkv: Tensor; //   [N,(H+2·Hkv)·D]
  readonly start: Tensor; // [N] i32 packed index of the first token of the own sequence
  readonly y: Tensor; //     out [N,H·D]
  readonly lse: Tensor; //   out [N,H] nats; kept for the backward pass
}

/** Records causal attention of each token to its own sequence up to itself; scores are scaled by 1/√D. */
export function attentionForward(
  plan: Plan,
  t: AttentionForward,
  heads: Heads,
  pairs: Pairs = 0,
): void {
  const { H, Hkv, D } = heads;
  const [N = 0] = t.qkv.shape;
  expectHeads(heads);
  expectShape('attentionForward: qkv', t.qkv, [N, qkvWidth(heads)]);
  expectShape('attentionForward: start', t.start, [N]);
  expectShape('attentionForward: y', t.y, [N, H * D]);
  expectShape('attentionForward: lse', t.lse, [N, H]);
  plan.record(FORWARD, {
    params: { N, H, Hkv },
    bind: { ...t },
    consts: constsOf(plan, D),
    grid: { threads: threadsOf(plan, N, D, H) },
    flops: flopsOf(4, heads, pairs),
  });
}

/** N = packed tokens. */
export interface AttentionBackwardQuery {
  readonly qkv: Tensor; //   [N,(H+2·Hkv)·D]
  readonly start: Tensor; // [N] i32 packed index of the first token of the own sequence
  readonly y: Tensor; //     [N,H·D]
  readonly dy: Tensor; //    [N,H·D]
  readonly lse: Tensor; //   [N,H]
  readonly delta: Tensor; // out [N,H]; for attentionBackwardKeyValue
  readonly table: Tensor; // [T,D] from ropeTable
  readonly dqkv: Tensor; //  out [N,(H+2·Hkv)·D]  its q heads are overwritten, the rest left alone
}

/** Records the gradient of the queries as they were before their rotation. */
export function attentionBackwardQuery(
  plan: Plan,
  t: AttentionBackwardQuery,
  heads: Heads,
  pairs: Pairs = 0,
): void {
  const { H, Hkv, D } = heads;
  const [N = 0] = t.qkv.shape;
  expectHeads(heads);
  expectShape('attentionBackwardQuery: qkv', t.qkv, [N, qkvWidth(heads)]);
  expectShape('attentionBackwardQuery: start', t.start, [N]);
  expectShape('attentionBackwardQuery: y', t.y, [N, H * D]);
  expectShape('attentionBackwardQuery: dy', t.dy, [N, H * D]);
  expectShape('attentionBackwardQuery: lse', t.lse, [N, H]);
  expectShape('attentionBackwardQuery: delta', t.delta, [N, H]);
  expectShape('attentionBackwardQuery: table', t.table, [t.table.shape[0] ?? 0, D]);
  expectShape('attentionBackwardQuery: dqkv', t.dqkv, [N, qkvWidth(heads)]);
  plan.record(BACKWARD_QUERY, {
    params: { N, H, Hkv },
    bind: { ...t },
    consts: constsOf(plan, D),
    grid: { threads: threadsOf(plan, N, D, H) },
    flops: flopsOf(6, heads, pairs),
  });
}

/** N = packed tokens. */
export interface AttentionBackwardKeyValue {
  readonly qkv: Tensor; //   [N,(H+2·Hkv)·D]
  readonly start: Tensor; // [N] i32 packed index of the first token of the own sequence
  readonly end: Tensor; //   [N] i32 one past the packed index of the last token of the own sequence
  readonly dy: Tensor; //    [N,H·D]
  readonly lse: Tensor; //   [N,H]
  readonly delta: Tensor; // [N,H] from attentionBackwardQuery
  readonly table: Tensor; // [T,D] from ropeTable
  readonly dqkv: Tensor; //  out [N,(H+2·Hkv)·D]  its k and v heads are overwritten, the rest left alone
}

/**
 * Records the gradients of the values, and of the keys as they were before their rotation; query heads
 * that share a key add up.
 */
export function attentionBackwardKeyValue(
  plan: Plan,
  t: AttentionBackwardKeyValue,
  heads: Heads,
  pairs: Pairs = 0,
): void {
  const { H, Hkv, D } = heads;
  const [N = 0] = t.qkv.shape;
  expectHeads(heads);
  expectShape('attentionBackwardKeyValue: qkv', t.qkv, [N, qkvWidth(heads)]);
  expectShape('attentionBackwardKeyValue: start', t.start, [N]);
  expectShape('attentionBackwardKeyValue: end', t.end, [N]);
  expectShape('attentionBackwardKeyValue: dy', t.dy, [N, H * D]);
  expectShape('attentionBackwardKeyValue: lse', t.lse, [N, H]);
  expectShape('attentionBackwardKeyValue: delta', t.delta, [N, H]);
  expectShape('attentionBackwardKeyValue: table', t.table, [t.table.shape[0] ?? 0, D]);
  expectShape('attentionBackwardKeyValue: dqkv', t.dqkv, [N, qkvWidth(heads)]);
  plan.record(BACKWARD_KEY_VALUE, {
    params: { N, H, Hkv },
    bind: { ...t },
    consts: constsOf(plan, D),
    grid: { threads: threadsOf(plan, N, D, Hkv) },
    flops: flopsOf(8, heads, pairs),
  });
}

/** N = new tokens, R = cache rows, T = positions per row. */
export interface AttentionCached {
  readonly q: Tensor; //        [N,H·D]
  readonly keys: Tensor; //     [R,T,Hkv·D]
  readonly values: Tensor; //   [R,T,Hkv·D]
  readonly row: Tensor; //      [N] i32 cache row
  readonly position: Tensor; // [N] i32; positions 0 … position[n] of the row are attended to
  readonly y: Tensor; //        out [N,H·D]
}

/** Records attention of new tokens over the cache, which holds their own keys and values already. */
export function attentionCached(plan: Plan, t: AttentionCached, heads: Heads): void {
  const { H, Hkv, D } = heads;
  const [N = 0] = t.q.shape;
  const [R = 0, T = 0] = t.keys.shape;
  expectHeads(heads);
  expectShape('attentionCached: q', t.q, [N, H * D]);
  expectShape('attentionCached: keys', t.keys, [R, T, Hkv * D]);
  expectShape('attentionCached: values', t.values, [R, T, Hkv * D]);
  expectShape('attentionCached: row', t.row, [N]);
  expectShape('attentionCached: position', t.position, [N]);
  expectShape('attentionCached: y', t.y, [N, H * D]);
  const perWorkgroup = rowsPerWorkgroup(CACHED, plan.variants);
  plan.record(CACHED, {
    params: { N, H, Hkv, T: capacityOf(T) },
    bind: { ...t },
    consts: { D, D4: D / 4 },
    grid: { groups: () => Math.ceil((sizeOf(N) * H) / perWorkgroup) },
  });
}
