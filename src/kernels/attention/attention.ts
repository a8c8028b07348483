import backwardKeyValue from '../../../shaders/attention/backward_key_value.wgsl?raw';
import backwardKeyValueWorkgroup from '../../../shaders/attention/backward_key_value_workgroup.wgsl?raw';
import backwardQuery from '../../../shaders/attention/backward_query.wgsl?raw';
import backwardQueryWorkgroup from '../../../shaders/attention/backward_query_workgroup.wgsl?raw';
import cached from '../../../shaders/attention/cached.wgsl?raw';
import cachedWorkgroup from '../../../shaders/attention/cached_workgroup.wgsl?raw';
import forward from '../../../shaders/attention/forward.wgsl?raw';
import forwardWorkgroup from '../../../shaders/attention/forward_workgroup.wgsl?raw';
import { rowsPerWorkgroup, type KernelSpec } from '../../gpu/compose';
import type { ParamValue, Plan } from '../../gpu/plan';
import { capacityOf, expectShape, sizeOf, type Dim, type Tensor } from '../../gpu/tensor';
import { isByQuads, type TileVariant } from '../../shared/kernelForms';
import { expectHeads, qkvWidth, type Heads } from './heads';

/** A kernel by invocations, and by workgroups; `sums` are the results of D numbers that it makes of a row. */
interface Forms {
  readonly plain: KernelSpec;
  readonly workgroup: KernelSpec;
  readonly sums: number;
}

const BY_BLOCKS = { libs: ['blocks', 'heads'], workgroupSize: 64 } as const;

const FORWARD: Forms = {
  plain: { label: 'attention_forward', body: forward, libs: ['keys'] },
  workgroup: { label: 'attention_forward_workgroup', body: forwardWorkgroup, ...BY_BLOCKS },
  sums: 1,
};
const BACKWARD_QUERY: Forms = {
  plain: { label: 'attention_backward_query', body: backwardQuery, libs: ['keys'] },
  workgroup: {
    label: 'attention_backward_query_workgroup',
    body: backwardQueryWorkgroup,
    ...BY_BLOCKS,
  },
  sums: 1,
};
const BACKWARD_KEY_VALUE: Forms = {
  plain: { label: 'attention_backward_key_value', body: backwardKeyValue, libs: ['keys'] },
  workgroup: {
    label: 'attention_backward_key_value_workgroup',
    body: backwardKeyValueWorkgroup,
    ...BY_BLOCKS,
  },
  sums: 2,
};
const CACHED: KernelSpec = { label: 'attention_cached', body: cached, libs: ['reduce'] };
const CACHED_WORKGROUP: KernelSpec = {
  label: 'attention_cached_workgroup',
  body: cachedWorkgroup,
  workgroupSize: 64,
};

/** Token pairs that attend, Σ length·(length+1)/2 over the sequences: what the work is counted from. */
export type Pairs = ParamValue;

const flopsOf =
  (perPair: number, { H, D }: Heads, pairs: Pairs): (() => number) =>
  () =>
    perPair * H * D * (typeof pairs === 'number' ? pairs : pairs.value);

/** Sums that a lane keeps before its rows are halved: with what else it holds, a hundred registers or so. */
const MOST_SUMS = 32;

/** What makes the results of N tokens in `heads` heads of size D, in the form that suits the tiles. */
function formOf(plan: Plan, forms: Forms, N: Dim, D: number, heads: number) {
  const { tile } = plan.variants;
  const sizes = { D, D4: D / 4, D8: D / 8 };
  if (tile !== 'workgroup') {
    const { ROWS, SPAN } = tokensOf(tile, D);
    const threads = (): number => Math.ceil(sizeOf(N) / SPAN) * (SPAN / ROWS) * heads;
    return { spec: forms.plain, consts: { ...sizes, ROWS, SPAN }, grid: { threads } };
  }
  const CHUNKS = Math.ceil(D / 32); // of a head: a quad for each of the eight lanes across a block
  const PAIRS = Math.ceil(D / 8 / CHUNKS); // of quads in a chunk
  const ROWS = forms.sums * CHUNKS * 16 > MOST_SUMS ? 2 : 4; // of a lane, four columns each
  const groups = (): number => Math.ceil(sizeOf(N) / (8 * ROWS)) * heads;
  return { spec: forms.workgroup, consts: { ...sizes, CHUNKS, PAIRS, ROWS }, grid: { groups } };
}

/**
 * Neighboring tokens that one invocation takes, and that several take together. Several each where loads
 * are dear, more where the code for them may take its time to compile: as many as hide their loads, and
 * in small heads as many as can be written out. A GPU would spill their sums.
 */
function tokensOf(tile: TileVariant, D: number): { readonly ROWS: number; readonly SPAN: number } {
  if (!isByQuads(tile)) return { ROWS: 1, SPAN: 1 };
  const ROWS = D > 32 || tile === 'small' ? 1 : tile === 'quad' ? 2 : D > 16 ? 8 : 4;
  return { ROWS, SPAN: 4 * ROWS };
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
  const { spec, ...form } = formOf(plan, FORWARD, N, D, H);
  plan.record(spec, {
    ...form,
    params: { N, H, Hkv },
    bind: { ...t },
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
  const { spec, ...form } = formOf(plan, BACKWARD_QUERY, N, D, H);
  plan.record(spec, {
    ...form,
    params: { N, H, Hkv },
    bind: { ...t },
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
  const { spec, ...form } = formOf(plan, BACKWARD_KEY_VALUE, N, D, Hkv);
  plan.record(spec, {
    ...form,
    params: { N, H, Hkv },
    bind: { ...t },
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
  const { spec, ...form } = cachedForm(plan, N, heads);
  plan.record(spec, {
    ...form,
    params: { N, H, Hkv, T: capacityOf(T) },
    bind: { ...t },
  });
}

/** What attends to the cache, in the form that suits how rows are reduced. */
function cachedForm(plan: Plan, N: Dim, { H, D }: Heads) {
  const D4 = D / 4;
  if (plan.variants.reduce === 'serial') {
    const rows = rowsPerWorkgroup(CACHED, plan.variants);
    const groups = (): number => Math.ceil((sizeOf(N) * H) / rows);
    return { spec: CACHED, consts: { D, D4 }, grid: { groups } };
  }
  const ACROSS = Math.min(8, 2 ** Math.ceil(Math.log2(D4)));
  const consts = { D4, ACROSS, TURNS: Math.ceil(D4 / ACROSS) };
  return { spec: CACHED_WORKGROUP, consts, grid: { groups: () => sizeOf(N) * H } };
}
