/**
 * TensorFlow.js on its WebGPU backend, used as its documentation shows: eager operations, gradients by
 * `variableGrads`, results read asynchronously. It has no AdamW and no cache that is written in place, so
 * the update is written out, and the cache is rewritten by a mask.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
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

const variablesIn = (work: Workload) =>
  createParams(work, (numbers, shape) => tf.variable(tf.tensor(numbers, shape)));
type Params = ReturnType<typeof variablesIn>;
type Attend = (qkv: tf.Tensor, layer: number) => tf.Tensor;

const variablesOf = ({ embed, norm, layers }: Params): tf.Variable[] => [
  embed,
  norm,
  ...layers.flatMap((layer) => Object.values(layer)),
];

const linear = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => tf.matMul(x, w, false, true);

function rmsnorm(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  const mean = tf.mean(tf.square(x), -1, true);
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(mean, RMSNORM_EPSILON))), weight);
}

/** tokens [N] -> logits [N,V]; `attend` turns qkv [N,3C] of a layer into [N,C]. */
function logitsOf(w: Params, tokens: tf.Tensor1D, attend: Attend): tf.Tensor2D {
  let x: tf.Tensor = tf.gather(w.embed, tokens);
  w.layers.forEach((layer, l) => {
    x = tf.add(x, linear(attend(linear(rmsnorm(x, layer.norm1), layer.qkv), l), layer.o));
    const gu = linear(rmsnorm(x, layer.norm2), layer.gu);
    const [gate, up] = tf.split(gu, 2, -1) as [tf.Tensor, tf.Tensor];
    x = tf.add(x, linear(tf.mul(tf.mul(gate, tf.sigmoid(gate)), up), layer.down));
  });
  return linear(rmsnorm(x, w.norm), w.embed) as tf.Tensor2D;
}

const tablesOf = (config: BenchConfig, T: number) =>
  ropeTables(config, T, (numbers, shape) => tf.tensor(numbers, shape) as tf.Tensor);
type Tables = ReturnType<typeof tablesOf>;

/** Rotates x [...,D] by angles that broadcast to [...,D/2]. */
function rotate(x: tf.Tensor, { cos, sin }: Tables): tf.Tensor {
  const [a, b] = tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor];
  const low = tf.sub(tf.mul(a, cos), tf.mul(b, sin));
  return tf.concat([low, tf.add(tf.mul(b, cos), tf.mul(a, sin))], -1);
}

type Heads = readonly [q: tf.Tensor, k: tf.Tensor, v: tf.Tensor];

/** qkv [N,3C] of B sequences of T -> q, k, v, each [B,H,T,D]. */
function headsOf(qkv: tf.Tensor, B: number, T: number, { model }: BenchConfig): Heads {
  const D = model.channels / model.heads;
  const parts = tf.split(tf.reshape(qkv, [B, T, 3 * model.heads, D]), 3, 2);
  return parts.map((part) => tf.transpose(part, [0, 2, 1, 3])) as unknown as Heads;
}

/** Softmax attention of q [B,H,Q,D] over k and v [B,H,T,D] where `mask` [Q,T] holds -> [B·Q,C]. */
function attention([q, k, v]: Heads, mask: tf.Tensor): tf.Tensor {
  const [B, H, Q, D] = q.shape as [number, number, number, number];
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(D));
  const y = tf.matMul(tf.softmax(tf.where(mask, scores, tf.scalar(-1e30)), -1), v);
  return tf.reshape(tf.transpose(y, [0, 2, 1, 3]), [B * Q, H * D]);
}

/** Mean nats of every label, given all before it. */
function lossOf(
  w: Params,
  config: BenchConfig,
  tables: Tables,
  mask: tf.Tensor,
  [tokens, targets]: readonly [tf.Tensor1D, tf.Tensor1D],
): tf.Scalar {
  const { context: T, batch: B, vocabulary: V } = config;
  const logits = logitsOf(w, tokens, (qkv) => {
    const [q, k, v] = headsOf(qkv, B, T, config);
    return attention([rotate(q, tables), rotate(k, tables), v], mask);
  });
  const nll = tf.mul(tf.logSoftmax(logits), tf.oneHot(targets, V));
  return tf.mul(tf.sum(nll), -1 / (B * T));
}

interface Moments {
  readonly m: tf.Variable;
  readonly v: tf.Variable;
}

/** One AdamW update of a variable; norms are not decayed. */
function update(w: tf.Variable, g: tf.Tensor, { m, v }: Moments, updates: number): void {
  const { beta1, beta2, epsilon, weightDecay } = ADAMW;
  m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
  v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)));
  const rate = LEARNING_RATE / (1 - beta1 ** updates);
  const size = tf.add(tf.sqrt(tf.div(v, 1 - beta2 ** updates)), epsilon);
  const kept = w.rank === 1 ? w : tf.mul(w, 1 - LEARNING_RATE * weightDecay);
  w.assign(tf.sub(kept, tf.div(tf.mul(m, rate), size)));
}

function openTraining(work: Workload): Job {
  const { config, rows } = work;
  const T = config.context;
  const w = variablesIn(work);
  const variables = variablesOf(w);
  const moments = variables.map((x): Moments => ({
    m: tf.variable(tf.zerosLike(x)),
    v: tf.variable(tf.zerosLike(x)),
  }));
  const tables = tablesOf(config, T);
  const position = tf.range(0, T);
  const mask = tf.greaterEqual(tf.expandDims(position, 1), position);
  const column = (from: number): tf.Tensor1D =>
    tf.tensor1d(
      rows.flatMap((row) => Array.from(row.subarray(from, from + T))),
      'int32',
    );
  const batch = [column(0), column(1)] as const;
  let updates = 0;
  const step = (): tf.Scalar => {
    updates += 1;
    return tf.tidy(() => {
      const { value, grads } = tf.variableGrads(
        () => lossOf(w, config, tables, mask, batch),
        variables,
      );
      variables.forEach((x, i) => update(x, grads[x.name]!, moments[i]!, updates));
      return value;
    });
  };
  return {
    run: (times) =>
      lossesOf(times, () => {
        const loss = step();
        return loss.data().finally(() => loss.dispose());
      }),
    close() {
      tf.dispose([variables, moments.flatMap(({ m, v }) => [m, v]), ...batch]);
      tf.dispose([tables.cos, tables.sin, position, mask]);
    },
  };
}

interface Decoding {
  readonly cache: readonly { readonly keys: tf.Tensor; readonly values: tf.Tensor }[]; // [R,H,A,D]
  readonly token: tf.Tensor1D;
}

function openDecoding(work: Workload): Job {
  const { config, prompts } = work;
  const { layers, heads, channels } = config.model;
  const [R, A] = [DECODE_ROWS, NEW_TOKENS];
  const w = variablesIn(work);
  const tables = tablesOf(config, A);
  const positions = tf.range(0, A);
  const first = tf.tensor1d([...prompts], 'int32');

  /** One token for every row at position `at`. */
  const step = ({ cache, token }: Decoding, at: number): Decoding => {
    const isHere = tf.reshape(tf.equal(positions, at), [1, 1, A, 1]);
    const isPast = tf.reshape(tf.lessEqual(positions, at), [1, 1, 1, A]);
    const here = { cos: tf.slice(tables.cos, at, 1), sin: tf.slice(tables.sin, at, 1) };
    const next: Decoding['cache'][number][] = [];
    const logits = logitsOf(w, token, (qkv, l) => {
      const [q, k, v] = headsOf(qkv, R, 1, config);
      const { keys, values } = cache[l]!;
      next.push({
        keys: tf.where(isHere, rotate(k, here), keys),
        values: tf.where(isHere, v, values),
      });
      return attention([rotate(q, here), next[l]!.keys, next[l]!.values], isPast);
    });
    return { cache: next, token: tf.argMax(logits, -1) };
  };

  const tensorsOf = ({ cache, token }: Decoding): tf.Tensor[] => [
    ...cache.flatMap(({ keys, values }) => [keys, values]),
    token,
  ];
  const begin = (): Decoding => ({
    token: tf.clone(first),
    cache: Array.from({ length: layers }, () => {
      const shape = [R, heads, A, channels / heads];
      return { keys: tf.zeros(shape), values: tf.zeros(shape) };
    }),
  });
  return {
    async run(times) {
      let tokens = new Int32Array(0);
      for (let i = 0; i < times; i++) {
        let state = begin();
        const chosen: tf.Tensor1D[] = [];
        for (let at = 0; at < A; at++) {
          const before = state;
          state = tf.tidy(() => {
            const after = step(before, at);
            tensorsOf(after).forEach((tensor) => tf.keep(tensor));
            return after as unknown as tf.TensorContainer;
          }) as unknown as Decoding;
          chosen.push(tf.clone(state.token));
          tf.dispose(tensorsOf(before));
        }
        const all = tf.stack(chosen, 1); // [R,A]
        tokens = Int32Array.from(await all.data());
        tf.dispose([all, ...chosen, ...tensorsOf(state)]);
      }
      return tokens;
    },
    close() {
      tf.dispose([variablesOf(w), positions, first, tables.cos, tables.sin]);
    },
  };
}

/** TensorFlow.js on a device of its own on the same adapter. */
export function tensorflowEngine(): Peer {
  return {
    name: 'tensorflow.js',
    async prepare(webgpu) {
      const adapter = await webgpu.requestAdapter();
      if (!adapter) {
        throw new PlaygroundError('webgpu-unavailable', 'TensorFlow.js found no WebGPU adapter.');
      }
      const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
      const requiredLimits = { maxStorageBufferBindingSize, maxBufferSize };
      const device = await adapter.requestDevice({ requiredLimits });
      tf.removeBackend('webgpu'); // one of its own devices, which a browser has and Node has not
      tf.registerBackend('webgpu', () => new WebGPUBackend(device, adapter.info));
      await tf.setBackend('webgpu');
    },
    async open(phase, work) {
      return phase === 'train' ? openTraining(work) : openDecoding(work);
    },
  };
}
