import { Plan, type DispatchCost, type Scalar } from '../gpu/plan';
import { soon } from '../shared/kernelForms';
import { Readback } from '../gpu/readback';
import { Size, sizeOf, type Dim, type Tensor } from '../gpu/tensor';
import type { Gpu } from '../gpu/gpu';
import { attentionCached } from '../kernels/attention/attention';
import { embeddingForward } from '../kernels/embedding/embedding';
import { matmulForward } from '../kernels/matmul/matmul';
import { qkvRopeCached, ropeTable } from '../kernels/qkv_rope/qkv_rope';
import { rmsnormForward, type RmsnormForward } from '../kernels/rmsnorm/rmsnorm';
import { sampleStep } from '../kernels/sample/sample';
import {
  bindParams,
  headsOf,
  layerActivations,
  recordLayerForward,
  type Allocate,
  type LayerActivations,
  type ModelParams,
} from './layer';
import { paddedVocabulary, type ModelShape, type ParamLayout } from './params';

export interface Sampling {
  readonly temperature: number; // 0 = greedy
  readonly topK: number; // 0 = off
  readonly topP: number; // 1 = off
  readonly seed: number;
  readonly stream: number;
}

export interface DecodeCapacity {
  readonly rows: number; // R, trajectories decoded together
  readonly feedTokens: number; // most tokens fed in one pass
  readonly answerTokens: number; // A, most tokens sampled per turn
  readonly endToken?: number | undefined; // ends an answer that is shorter
}

/** New tokens for some cache rows, after which every row samples an answer. */
export interface Feed {
  readonly tokens: readonly number[];
  /** Where the tokens go in the sequence: the first one's position. */
  readonly position: number;
  /** Neighboring cache rows that share these tokens: row … row + keys.length − 1. */
  readonly row: number;
  /** Random row keys, one per cache row. */
  readonly keys: readonly number[];
}

/** The answer of one fed row. */
export interface Sampled {
  readonly tokens: number[];
  readonly logp: number[]; // nats at temperature 1, untruncated
}

/** A cache row while it answers. */
interface Answering extends Sampled {
  readonly row: number;
  readonly key: number;
  readonly fedTo: number; // position of the last token that was fed
}

/** Every buffer of decoding but the parameters: made by `gpu.alloc`, or only counted by the planner. */
export function decodingTensors(alloc: Allocate, shape: ModelShape, capacity: DecodeCapacity) {
  const { model, vocabulary, context: T } = shape;
  const { channels: C, layers: L } = model;
  const { Hkv, D } = headsOf(model);
  const R = capacity.rows;
  const widest = Math.max(R, capacity.feedTokens);
  const N = new Size('fed', widest);
  const B = new Size('rows', R);
  const tokenInputs = (dim: Dim, label: string) => ({
    token: alloc(`${label}.token`, [dim], 'i32'),
    row: alloc(`${label}.row`, [dim], 'i32'),
    position: alloc(`${label}.position`, [dim], 'i32'),
  });
  return {
    N,
    B,
    fan: { value: 1 } as Scalar,
    slot: { value: 0 } as Scalar,
    feed: tokenInputs(N, 'feed'),
    step: tokenInputs(B, 'step'),
    last: alloc('last', [B], 'i32'),
    key: alloc('key', [B], 'u32'),
    sampled: alloc('sampled', [capacity.answerTokens, B], 'i32'),
    logp: alloc('logp', [capacity.answerTokens, B]),
    table: alloc('rope table', [T, D]),
    x: alloc('x', [N, C]),
    q: alloc('q', [N, C]),
    a: layerActivations(alloc, model, N, 'decode'),
    tail: {
      xn: alloc('tail xn', [B, C]),
      rstd: alloc('tail rstd', [B]),
      logits: alloc('tail logits', [B, paddedVocabulary(vocabulary)]),
    },
    cache: Array.from({ length: L }, (_, l) => ({
      keys: alloc(`layer${l}.keys`, [R, T, Hkv * D]),
      values: alloc(`layer${l}.values`, [R, T, Hkv * D]),
    })),
  };
}
export type DecodingTensors = ReturnType<typeof decodingTensors>;

/** Scalars of sampling that may change between turns. */
type SamplingScalars = Record<keyof Sampling, Scalar>;

/**
 * Samples answers with a KV cache. Comes back to the CPU once per turn, not once per token; where a
 * token ends answers, after every token, and rows that have ended leave the batch.
 */
export class Decoder {
  readonly #readback: Readback;
  /** Decode passes run so far, each of which waited for the one before. */
  passes = 0;

  private constructor(
    readonly gpu: Gpu,
    readonly capacity: DecodeCapacity,
    readonly tensors: DecodingTensors,
    readonly sampling: SamplingScalars,
    readonly plans: { readonly feed: Plan; readonly step: Plan },
  ) {
    const whole = [capacity.answerTokens, capacity.rows];
    const outputs = [tensors.sampled, tensors.logp].map((t) => ({ ...t, shape: whole }));
    this.#readback = new Readback(gpu, outputs, 1);
  }

  /** Allocates caches, records and starts to compile. `params` [P] is read at every pass, so it may be rewritten. */
  static async create(
    gpu: Gpu,
    shape: ModelShape,
    layout: ParamLayout,
    params: Tensor,
    capacity: DecodeCapacity,
  ): Promise<Decoder> {
    const t = await gpu.allocating('the KV cache', () =>
      decodingTensors((...args) => gpu.alloc(...args), shape, capacity),
    );
    const { channels, heads, ropeBase } = shape.model;
    gpu.write(t.table, ropeTable(shape.context, channels / heads, ropeBase));
    const w = bindParams(layout, params);
    const sampling: SamplingScalars = {
      temperature: { value: 1 },
      topK: { value: 0 },
      topP: { value: 1 },
      seed: { value: 0 },
      stream: { value: 0 },
    };
    const forms = soon(gpu.variants);
    const feed = new Plan(gpu, 'feed', forms);
    recordPass(feed, shape, w, t, t.N);
    recordTail(feed, shape, w, t, sampling, { x: t.x, index: t.last });
    const step = new Plan(gpu, 'decode step', forms);
    recordPass(step, shape, w, t, t.B);
    recordTail(step, shape, w, t, sampling, { x: withRows(t.x, t.B) });
    feed.compile();
    step.compile();
    return new Decoder(gpu, capacity, t, sampling, { feed, step });
  }

  setSampling(sampling: Sampling): void {
    for (const name of Object.keys(sampling) as (keyof Sampling)[]) {
      this.sampling[name].value = sampling[name];
    }
  }

  /**
   * Feeds new tokens and samples one answer for every fed row, in order of the feeds, which share
   * one number of keys.
   */
  async turn(feeds: readonly Feed[]): Promise<Sampled[]> {
    const { answerTokens, endToken } = this.capacity;
    const all = this.#feed(feeds);
    let rows = all;
    for (let slot = 0; slot < answerTokens && rows.length > 0;) {
      const from = slot;
      const until = endToken === undefined ? answerTokens : slot + 1;
      for (; slot < until; slot++) await this.#pass(slot);
      await this.#collect(rows, from, until);
      const going = rows.filter(({ tokens }) => tokens.at(-1) !== endToken);
      if (going.length < rows.length) this.#goOnWith(going);
      rows = going;
    }
    return all;
  }

  /** Writes what is fed, and who answers. */
  #feed(feeds: readonly Feed[]): Answering[] {
    const { tensors: t, gpu } = this;
    const fed = feeds.flatMap((f) => f.tokens.map((token, i) => [token, f.row, f.position + i]));
    const column = (i: number): Int32Array => Int32Array.from(fed, (entry) => entry[i]!);
    t.N.value = fed.length;
    t.fan.value = feeds[0]?.keys.length ?? 0;
    gpu.write(t.feed.token, column(0));
    gpu.write(t.feed.row, column(1));
    gpu.write(t.feed.position, column(2));
    let end = -1;
    const last: number[] = [];
    const rows = feeds.flatMap((f) => {
      end += f.tokens.length;
      return f.keys.map((key, i): Answering => {
        last.push(end);
        const fedTo = f.position + f.tokens.length - 1;
        return { row: f.row + i, key, fedTo, tokens: [], logp: [] };
      });
    });
    gpu.write(t.last, Int32Array.from(last));
    this.#goOnWith(rows);
    return rows;
  }

  /** Writes what the next pass needs to know of its rows. */
  #goOnWith(rows: readonly Answering[]): void {
    const { tensors: t, gpu } = this;
    const column = (get: (row: Answering) => number): Int32Array => Int32Array.from(rows, get);
    t.B.value = rows.length;
    gpu.write(
      t.key,
      Uint32Array.from(rows, (r) => r.key),
    );
    gpu.write(
      t.step.row,
      column((r) => r.row),
    );
    gpu.write(
      t.step.position,
      column((r) => r.fedTo + r.tokens.length),
    );
    gpu.write(
      t.step.token,
      column((r) => r.tokens.at(-1) ?? 0),
    );
  }

  /** Samples the answers' token number `slot`. */
  async #pass(slot: number): Promise<void> {
    const { tensors: t, plans } = this;
    t.slot.value = slot;
    await (slot === 0 ? plans.feed : plans.step).run();
    t.fan.value = 1;
    this.passes += 1;
  }

  /** Appends the tokens of the slots to the answers of the rows. */
  async #collect(rows: readonly Answering[], from: number, until: number): Promise<void> {
    const R = this.capacity.rows;
    const [ints, floats] = await this.#readback.read();
    const sampled = new Int32Array(ints!);
    const logps = new Float32Array(floats!);
    rows.forEach(({ tokens, logp }, b) => {
      for (let slot = from; slot < until; slot++) {
        tokens.push(sampled[slot * R + b]!);
        logp.push(logps[slot * R + b]!);
      }
    });
  }

  /**
   * What every dispatch of a pass costs in which all rows take the last token that the context holds:
   * attention sees all positions of the cache, of which one is written.
   */
  async profile(): Promise<DispatchCost[]> {
    const { tensors: t, gpu } = this;
    const { rows } = this.capacity;
    const context = sizeOf(t.table.shape[0]!);
    t.B.value = rows;
    t.fan.value = 1;
    t.slot.value = 0;
    gpu.write(
      t.step.row,
      Int32Array.from({ length: rows }, (_, row) => row),
    );
    gpu.write(t.step.position, new Int32Array(rows).fill(context - 1));
    gpu.write(t.step.token, new Int32Array(rows));
    const [, , channels] = t.cache[0]!.keys.shape.map(sizeOf);
    const unwritten = 4 * rows * 2 * channels! * (context - 1); // bytes
    const flops = 4 * rows * context * sizeOf(t.q.shape[1]!);
    return (await this.plans.step.profile()).map((cost) => {
      if (cost.label.startsWith('attention_cached')) return { ...cost, flops };
      return cost.label === 'qkv_rope_cached' ? { ...cost, bytes: cost.bytes - unwritten } : cost;
    });
  }

  destroy(): void {
    const { feed, step, tail, a, cache, ...rest } = this.tensors;
    const { last, key, sampled, logp, table, x, q } = rest;
    const groups: object[] = [feed, step, tail, a, ...cache];
    const tensors = groups.flatMap((g) => Object.values(g) as Tensor[]);
    this.gpu.free(...tensors, last, key, sampled, logp, table, x, q);
    this.plans.feed.destroy();
    this.plans.step.destroy();
    this.#readback.destroy();
  }
}

/** The same buffers with another extent of rows. */
const withRows = (t: Tensor, rows: Dim): Tensor => ({ ...t, shape: [rows, ...t.shape.slice(1)] });

/** Records the trunk over `rows` new tokens: their keys and values join the cache, t.x ends as the stream. */
export function recordPass(
  plan: Plan,
  shape: ModelShape,
  w: ModelParams,
  t: DecodingTensors,
  rows: Size,
): void {
  const isFeed = rows === t.N;
  const { token, row, position } = isFeed ? t.feed : t.step;
  const heads = headsOf(shape.model);
  const x = withRows(t.x, rows);
  const q = withRows(t.q, rows);
  const a = Object.fromEntries(
    Object.entries(t.a).map(([name, tensor]) => [name, withRows(tensor as Tensor, rows)]),
  ) as unknown as LayerActivations; // same names, other extents
  embeddingForward(plan, { tokens: token, w: w.embed, y: x });
  w.layers.forEach((layer, l) => {
    const { keys, values } = t.cache[l]!;
    const places = { keys, values, row, position };
    recordLayerForward(plan, layer, a, x, x, () => {
      const { table } = t;
      qkvRopeCached(plan, { x: a.xn1, w: layer.qkv, table, y: q, ...places }, heads, t.fan);
      attentionCached(plan, { q, ...places, y: a.att }, heads);
    });
  });
}

/** Records norm, head and sampling of the rows [B,C] of `from`. */
function recordTail(
  plan: Plan,
  shape: ModelShape,
  w: ModelParams,
  t: DecodingTensors,
  sampling: SamplingScalars,
  from: Pick<RmsnormForward, 'x' | 'index'>,
): void {
  const { xn, rstd, logits } = t.tail;
  rmsnormForward(plan, { ...from, weight: w.norm, y: xn, rstd });
  matmulForward(plan, { x: xn, w: w.head, y: logits });
  const { key, sampled, logp } = t;
  const { position, token } = t.step;
  sampleStep(
    plan,
    { logits, key, position, token, sampled, logp },
    { V: shape.vocabulary, ...sampling, slot: t.slot },
  );
}
