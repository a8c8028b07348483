/** The operations of transformer.ref.ts, in float64 and by definition; matrices are row-major. */

export type Numbers = Float64Array<ArrayBuffer>;

const NORM_EPSILON = 1e-5;

/** y[n,o] = Σ x[n,i]·w[o,i] */
export function linear(x: Numbers, w: Numbers, I: number): Numbers {
  const [N, O] = [x.length / I, w.length / I];
  const y = new Float64Array(N * O);
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      for (let i = 0; i < I; i++) y[n * O + o]! += x[n * I + i]! * w[o * I + i]!;
    }
  }
  return y;
}

/** dw += dyᵀ·x; returns dx = dy·w. */
export function linearBackward(
  dy: Numbers,
  x: Numbers,
  w: Numbers,
  I: number,
  dw: Numbers,
): Numbers {
  const [N, O] = [x.length / I, w.length / I];
  const dx = new Float64Array(N * I);
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      for (let i = 0; i < I; i++) {
        dx[n * I + i]! += dy[n * O + o]! * w[o * I + i]!;
        dw[o * I + i]! += dy[n * O + o]! * x[n * I + i]!;
      }
    }
  }
  return dx;
}

function inverseRms(x: Numbers, n: number, C: number): number {
  let square = 0;
  for (let c = 0; c < C; c++) square += x[n * C + c]! ** 2;
  return 1 / Math.sqrt(square / C + NORM_EPSILON);
}

/** y = g·x/rms(x) */
export function rmsnorm(x: Numbers, g: Numbers): Numbers {
  const C = g.length;
  const y = new Float64Array(x.length);
  for (let n = 0; n < x.length / C; n++) {
    const r = inverseRms(x, n, C);
    for (let c = 0; c < C; c++) y[n * C + c] = g[c]! * x[n * C + c]! * r;
  }
  return y;
}

/** dg += …; returns dx = r·g·dy − r³·x·Σ(g·dy·x)/C. */
export function rmsnormBackward(dy: Numbers, x: Numbers, g: Numbers, dg: Numbers): Numbers {
  const C = g.length;
  const dx = new Float64Array(x.length);
  for (let n = 0; n < x.length / C; n++) {
    const r = inverseRms(x, n, C);
    let along = 0;
    for (let c = 0; c < C; c++) {
      along += g[c]! * dy[n * C + c]! * x[n * C + c]!;
      dg[c]! += dy[n * C + c]! * x[n * C + c]! * r;
    }
    for (let c = 0; c < C; c++) {
      dx[n * C + c] = r * g[c]! * dy[n * C + c]! - (r ** 3 * x[n * C + c]! * along) / C;
    }
  }
  return dx;
}

/** Turns each pair (i, i + D/2) of every head by sign·position·base^(−2i/D), in place. */
export function rotate(
  x: Numbers,
  position: readonly number[],
  D: number,
  base: number,
  sign: 1 | -1,
): void {
  const heads = x.length / position.length / D;
  for (let row = 0; row < position.length * heads; row++) {
    for (let i = 0; i < D / 2; i++) {
      const angle = sign * position[Math.floor(row / heads)]! * base ** ((-2 * i) / D);
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const [a, b] = [x[row * D + i]!, x[row * D + i + D / 2]!];
      x[row * D + i] = a * cos - b * sin;
      x[row * D + i + D / 2] = b * cos + a * sin;
    }
  }
}

/** Sizes and sequences that every layer shares. */
export interface Frame {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly Hkv: number;
  readonly D: number;
  readonly base: number;
  readonly start: readonly number[]; //    [N] first token of the own sequence
  readonly position: readonly number[]; // [N] index within the own sequence
}

interface Heads {
  readonly q: Numbers; // [N,H·D]
  readonly k: Numbers; // [N,Hkv·D]
  readonly v: Numbers; // [N,Hkv·D]
}

/** Calls `visit` for each query head h of token n: offsets of its q, of the k and v of token m. */
function eachQuery(
  f: Frame,
  visit: (n: number, q: number, kv: (m: number) => number) => void,
): void {
  const group = f.H / f.Hkv;
  for (let n = 0; n < f.N; n++) {
    for (let h = 0; h < f.H; h++) {
      visit(n, (n * f.H + h) * f.D, (m) => (m * f.Hkv + Math.floor(h / group)) * f.D);
    }
  }
}

const dot = (a: Numbers, i: number, b: Numbers, j: number, D: number): number => {
  let sum = 0;
  for (let d = 0; d < D; d++) sum += a[i + d]! * b[j + d]!;
  return sum;
};

const addScaled = (y: Numbers, i: number, a: number, x: Numbers, j: number, D: number): void => {
  for (let d = 0; d < D; d++) y[i + d]! += a * x[j + d]!;
};

/** Softmax over tokens start[n] … n of q·k/√D. */
function attentionRow(f: Frame, { q, k }: Heads, n: number, at: number, kv: (m: number) => number) {
  const scores: number[] = [];
  for (let m = f.start[n]!; m <= n; m++) scores.push(dot(q, at, k, kv(m), f.D) / Math.sqrt(f.D));
  const top = Math.max(...scores);
  const odds = scores.map((s) => Math.exp(s - top));
  const sum = odds.reduce((a, b) => a + b, 0);
  return odds.map((o) => o / sum);
}

export function attention(f: Frame, heads: Heads): Numbers {
  const y = new Float64Array(f.N * f.H * f.D);
  eachQuery(f, (n, at, kv) => {
    attentionRow(f, heads, n, at, kv).forEach((p, j) =>
      addScaled(y, at, p, heads.v, kv(f.start[n]! + j), f.D),
    );
  });
  return y;
}

export function attentionBackward(f: Frame, heads: Heads, dy: Numbers): Heads {
  const { q, k, v } = heads;
  const d = { q: q.map(() => 0), k: k.map(() => 0), v: v.map(() => 0) };
  eachQuery(f, (n, at, kv) => {
    const p = attentionRow(f, heads, n, at, kv);
    const dp = p.map((_, j) => dot(dy, at, v, kv(f.start[n]! + j), f.D));
    const mean = p.reduce((sum, x, j) => sum + x * dp[j]!, 0);
    p.forEach((x, j) => {
      const m = kv(f.start[n]! + j);
      const ds = (x * (dp[j]! - mean)) / Math.sqrt(f.D);
      addScaled(d.v, m, x, dy, at, f.D);
      addScaled(d.q, at, ds, k, m, f.D);
      addScaled(d.k, m, ds, q, at, f.D);
    });
  });
  return d;
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const add = (a: Numbers, b: Numbers): Numbers => a.map((x, i) => x + b[i]!);
