/**
 * Counter-based random numbers: a value is a pure function of (seed, stream, step, row), so batch
 * size, order and thread never change it. `shaders/lib/random.wgsl` holds the same function.
 *
 * Source: Jarzynski & Olano 2020, "Hash Functions for GPU Rendering", pcg4d.
 */

/** Names of the independent streams of one seed. The numbers are part of the reproducibility contract. */
export const STREAM = {
  init: 1, // initial parameters
  corpus: 2, // pretraining dialogues
  prompts: 3, // which training prompts
  rollout: 4, // sampled tokens of rollouts
  order: 5, // order of training rows
  evalPrompts: 6, // which held-out prompts
  evalSample: 7, // sampled tokens of evaluation
  task: 8, // hidden parts of a prompt
  chat: 9, // "talk to it"
} as const;

/** Four 32-bit words from the counter (seed, stream, step, row). */
export function pcg4d(
  seed: number,
  stream: number,
  step: number,
  row: number,
): [number, number, number, number] {
  const scramble = (v: number): number => (Math.imul(v, 1664525) + 1013904223) | 0;
  let x = scramble(seed);
  let y = scramble(stream);
  let z = scramble(step);
  let w = scramble(row);
  const mix = (): void => {
    x = (x + Math.imul(y, w)) | 0;
    y = (y + Math.imul(z, x)) | 0;
    z = (z + Math.imul(x, y)) | 0;
    w = (w + Math.imul(y, z)) | 0;
  };
  mix();
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  mix();
  return [x >>> 0, y >>> 0, z >>> 0, w >>> 0];
}

/** A sequential view of one counter lane: uniform, normal and integer draws, each reproducible. */
export interface Rng {
  /** In [0,1), 24 random bits, as the GPU draws them. */
  readonly uniform: () => number;
  /** Standard normal (Box-Muller). */
  readonly normal: () => number;
  /** Integer in [0,n). */
  readonly int: (n: number) => number;
  /** One of the items. */
  readonly pick: <T>(items: readonly T[]) => T;
}

/** The draws of (seed, stream, step = 0,1,2,…, row). */
export function rng(seed: number, stream = 0, row = 0): Rng {
  let step = 0;
  let spare: number[] = [];
  const word = (): number => {
    if (spare.length === 0) spare = pcg4d(seed, stream, step++, row);
    return spare.pop()!;
  };
  const uniform = (): number => (word() >>> 8) / 0x1000000;
  const int = (n: number): number => Math.floor(uniform() * n);
  return {
    uniform,
    int,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    pick: (items) => items[int(items.length)]!,
  };
}

/** Fisher-Yates order of 0 … n−1. */
export function permutation(n: number, random: Rng): Int32Array<ArrayBuffer> {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
