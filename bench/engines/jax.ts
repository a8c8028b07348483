/**
 * @jax-js/jax on WebGPU, used as its documentation advises: one jitted function per step, arrays
 * passed on by reference count, results read asynchronously. Attention is written with `matmul`,
 * which is what `nn.dotProductAttention` comes to; einsum needs the iterator helpers of Node 22.
 */
import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { PlaygroundError } from '../../src/shared/errors';
import type { Job, Peer } from '../engine';
import { createParams, lossesOf, ropeTables } from './peer';
import {
  ADAMW,
  DECODE_ROWS,
  LEARNING_RATE,
  NEW_TOKENS,
  RMSNORM_EPSILON,
  type BenchConfig,
  type Workload,
} from '../workload';

const paramsIn = (work: Workload) =>
  createParams(work, (numbers, shape) => np.array(numbers).reshape(shape));
type Params = ReturnType<typeof paramsIn>;
type Attend = (qkv: np.Array, layer: number) => np.Array;

const zerosLike = (params: Params): Params => tree.map((x: np.Array) => np.zerosLike(x), params);
const linear = (x: np.Array, w: np.Array): np.Array => np.dot(x, w.transpose());

function rmsnorm(x: np.Array, weight: np.Array): np.Array {
  const mean = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(mean.add(RMSNORM_EPSILON)))).mul(weight);
}

/** tokens [N] -> logits [N,V]; `attend` turns qkv [N,3C] of a layer into [N,C]. Uses up its arguments. */
function logitsOf(w: Params, tokens: np.Array, attend: Attend): np.Array {
  let x = np.take(w.embed.ref, tokens, 0);
  w.layers.forEach((layer, l) => {
    const qkv = linear(rmsnorm(x.ref, layer.norm1), layer.qkv);
    x = x.add(linear(attend(qkv, l), layer.o));
    const gu = linear(rmsnorm(x.ref, layer.norm2), layer.gu);
    const [gate, up] = np.split(gu, 2, -1) as [np.Array, np.Array];
    x = x.add(linear(nn.silu(gate).mul(up), layer.down));
  });
  return linear(rmsnorm(x, w.norm), w.embed);
}

const tablesOf = (config: BenchConfig, T: number) =>
  ropeTables(config, T, (numbers, shape) => np.array(numbers).reshape(shape));

/** Rotates x [...,D] by angles that broadcast to [...,D/2], whose references it takes. */
function rotate(x: np.Array, cos: np.Array, sin: np.Array): np.Array {
  const [a, b] = np.split(x, 2, -1) as [np.Array, np.Array];
  const low = a.ref.mul(cos.ref).sub(b.ref.mul(sin.ref));
  return np.concatenate([low, b.mul(cos).add(a.mul(sin))], -1);
}

/** qkv [N,3C] of B sequences of T -> q, k, v, each [B,H,T,D]. */
function headsOf(qkv: np.Array, B: number, T: number, { model }: BenchConfig): np.Array[] {
  const D = model.channels / model.heads;
  const parts = np.split(qkv.reshape([B, T, 3 * model.heads, D]), 3, 2);
  return parts.map((part) => np.transpose(part, [0, 2, 1, 3]));
}

/** Softmax attention of q [B,H,Q,D] over k and v [B,H,T,D] where `mask` holds -> [B·Q,C]. */
function attention(q: np.Array, k: np.Array, v: np.Array, mask: np.Array): np.Array {
  const [B, H, Q, D] = q.shape as [number, number, number, number];
  const scores = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul(1 / Math.sqrt(D));
  const y = np.matmul(nn.softmax(np.where(mask, scores, -1e30), -1), v);
  return np.transpose(y, [0, 2, 1, 3]).reshape([B * Q, H * D]);
}

type Tables = ReturnType<typeof tablesOf>;
type TrainState = { w: Params; m: Params; v: Params }; // parameters and both moments

/** Mean nats of every label, given all before it. */
function createLoss(config: BenchConfig, { cos, sin }: Tables) {
  const { context: T, batch: B, vocabulary: V } = config;
  return (w: Params, ids: np.Array, labels: np.Array): np.Array => {
    const logits = logitsOf(w, ids, (qkv) => {
      const [q, k, v] = headsOf(qkv, B, T, config) as [np.Array, np.Array, np.Array];
      const turn = (x: np.Array): np.Array => rotate(x, cos.ref, sin.ref);
      return attention(turn(q), turn(k), v, np.tri(T, T, 0, { dtype: np.bool }));
    });
    const nll = nn.logSoftmax(logits, -1).mul(nn.oneHot(labels, V));
    return nll.sum().mul(-1 / (B * T));
  };
}

/** One AdamW update; `rate` and `correction` hold the bias corrections of both moments. */
function adamw(
  { w, m, v }: TrainState,
  g: Params,
  rate: np.Array,
  correction: np.Array,
): TrainState {
  const { beta1, beta2, epsilon, weightDecay } = ADAMW;
  const mean1 = (a: np.Array, b: np.Array): np.Array => a.mul(beta1).add(b.mul(1 - beta1));
  const mean2 = (a: np.Array, b: np.Array): np.Array =>
    a.mul(beta2).add(np.square(b).mul(1 - beta2));
  const m2: Params = tree.map(mean1, m, tree.ref(g));
  const v2: Params = tree.map(mean2, v, g);
  const update = (x: np.Array, a: np.Array, b: np.Array): np.Array => {
    const decay = x.ndim === 1 ? 0 : LEARNING_RATE * weightDecay; // not of norms
    const size = np.sqrt(b.mul(correction.ref)).add(epsilon);
    return x.mul(1 - decay).sub(a.mul(rate.ref).div(size));
  };
  const w2: Params = tree.map(update, w, tree.ref(m2), tree.ref(v2));
  rate.dispose();
  correction.dispose();
  return { w: w2, m: m2, v: v2 };
}

function openTraining(work: Workload): Job {
  const { config, rows } = work;
  const T = config.context;
  const table = tablesOf(config, T);
  const column = (from: number): np.Array =>
    np.array(Int32Array.from(rows.flatMap((row) => Array.from(row.subarray(from, from + T)))));
  const [tokens, targets] = [column(0), column(1)];
  const loss = createLoss(config, table);
  const step = jit(
    (s: TrainState, ids: np.Array, labels: np.Array, rate: np.Array, correction: np.Array) => {
      const [l, g] = valueAndGrad(loss)(tree.ref(s.w), ids, labels);
      return [adamw(s, g, rate, correction), l] as [TrainState, np.Array];
    },
  );
  const w = paramsIn(work);
  let state: TrainState = { w, m: zerosLike(tree.ref(w)), v: zerosLike(tree.ref(w)) };
  let updates = 0;
  return {
    run: (times) =>
      lossesOf(times, () => {
        updates += 1;
        const rate = np.array(LEARNING_RATE / (1 - ADAMW.beta1 ** updates));
        const correction = np.array(1 / (1 - ADAMW.beta2 ** updates));
        let l: np.Array;
        [state, l] = step(state, tokens.ref, targets.ref, rate, correction);
        return l.data();
      }),
    close() {
      tree.dispose(state);
      tree.dispose([tokens, targets, table.cos, table.sin]);
      step.dispose();
    },
  };
}

/**
 * Index of the largest of each row [N,V], as a sum of one. `np.argmax` tests floats for equality with
 * a short-circuit that, unrolled 32 times, SwiftShader compiles for minutes (jax-js 0.1.25).
 */
function greedy(logits: np.Array): np.Array {
  const V = logits.shape[1]!;
  const isMost = np.greaterEqual(logits.ref, np.max(logits, -1, { keepdims: true }));
  const index = np.arange(V).astype(np.float32);
  return np.sum(np.where(isMost, index, 0), -1).astype(np.int32);
}

type Cache = { keys: np.Array; values: np.Array }[]; // [R,H,A,D] each

function openDecoding(work: Workload): Job {
  const { config, prompts } = work;
  const { layers, heads, channels } = config.model;
  const [R, A] = [DECODE_ROWS, NEW_TOKENS];
  const table = tablesOf(config, A);
  const w = paramsIn(work);
  const first = np.array(Int32Array.from(prompts));

  /** One token for every row at position `at`; `out` [A,R] collects what is chosen. */
  const step = jit((p: Params, cache: Cache, token: np.Array, out: np.Array, at: np.Array) => {
    const position = np.arange(A);
    const isHere = np.equal(position.ref, at.ref);
    const isPast = np.lessEqual(position, at.ref);
    const [cos, sin] = [np.take(table.cos.ref, at.ref, 0), np.take(table.sin.ref, at, 0)];
    const next: Cache = [];
    const logits = logitsOf(p, token, (qkv, l) => {
      const [q, k, v] = headsOf(qkv, R, 1, config) as [np.Array, np.Array, np.Array];
      const turn = (x: np.Array): np.Array => rotate(x, cos.ref, sin.ref);
      const { keys, values } = cache[l]!;
      const keep = (fresh: np.Array, old: np.Array): np.Array =>
        np.where(isHere.ref.reshape([1, 1, A, 1]), fresh, old);
      next.push({ keys: keep(turn(k), keys), values: keep(v, values) });
      return attention(turn(q), next[l]!.keys.ref, next[l]!.values.ref, isPast.ref);
    });
    cos.dispose();
    sin.dispose();
    isPast.dispose();
    const chosen = greedy(logits);
    const collected = np.where(isHere.reshape([A, 1]), chosen.ref, out);
    return [next, chosen, collected] as [Cache, np.Array, np.Array];
  });

  const emptyCache = (): Cache =>
    Array.from({ length: layers }, () => {
      const shape = [R, heads, A, channels / heads];
      return { keys: np.zeros(shape), values: np.zeros(shape) };
    });
  return {
    async run(times) {
      let tokens = new Int32Array(0);
      for (let i = 0; i < times; i++) {
        let cache = emptyCache();
        let token = first.ref;
        let out = np.zeros([A, R], { dtype: np.int32 });
        for (let at = 0; at < A; at++) {
          const position = np.array(at, { dtype: np.int32 });
          [cache, token, out] = step(tree.ref(w), cache, token, out, position);
        }
        const columns = await out.data();
        tree.dispose([...cache.flatMap(({ keys, values }) => [keys, values]), token]);
        tokens = Int32Array.from(
          { length: R * A },
          (_, j) => columns[(j % A) * R + Math.floor(j / A)]!,
        );
      }
      return tokens;
    },
    close() {
      tree.dispose(w);
      tree.dispose([first, table.cos, table.sin]);
      step.dispose();
    },
  };
}

/** jax-js on its WebGPU device, which it opens on the same adapter by itself. */
export function jaxEngine(): Peer {
  return {
    name: 'jax-js',
    async prepare() {
      const devices = await init('webgpu');
      if (!devices.includes('webgpu')) {
        throw new PlaygroundError('webgpu-unavailable', 'jax-js found no WebGPU adapter.');
      }
      defaultDevice('webgpu');
    },
    async open(phase, work) {
      return phase === 'train' ? openTraining(work) : openDecoding(work);
    },
  };
}
