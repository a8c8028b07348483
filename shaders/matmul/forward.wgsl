// matmul_forward: a linear layer, with the residual stream added where there is one.
//
//   y[n,m] = sum_k x[n,k] w[m,k]  (+ residual[n,m])
//
// Sizes     N = rows, K = inputs, M = outputs; K and M are multiples of 4
// Grid      one invocation per tile of 8 rows by 8 outputs; outputs of one row block are neighbors
// Numerics  four products at a time, added in the order of k; the sum is independent of N
// Writes    y (overwritten)
// Needs     WG, flat_group (prelude)

struct Params {
  N: u32,
  K: u32,
  M: u32,
  has_residual: u32,  // 1 adds residual, 0 never reads it
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;         // [N,K]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;         // [M,K]
@group(0) @binding(3) var<storage, read> residual: array<vec4f>;  // [N,M]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;   // [N,M]

// Where row n begins; rows past the end repeat the last one and are not stored.
fn row_of_x(n: u32) -> u32 {
  return min(n, p.N - 1u) * (p.K / 4u);
}

// Four outputs' weights as columns: vector times matrix is four dot products.
fn weights(m: u32, k: u32) -> mat4x4f {
  let stride = p.K / 4u;
  let i = m * stride + k;
  return mat4x4f(w[i], w[i + stride], w[i + 2u * stride], w[i + 3u * stride]);
}

fn put(i: u32, value: vec4f) {
  if (p.has_residual == 1u) {
    y[i] = value + residual[i];
  } else {
    y[i] = value;
  }
}

fn store(n: u32, m: u32, low: vec4f, high: vec4f) {
  if (n >= p.N) { return; }
  let i = (n * p.M + m) / 4u;
  put(i, low);
  if (m + 4u < p.M) { put(i + 1u, high); }
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles = (p.M + 7u) / 8u;
  let tile = flat_group(group, groups) * WG + lane;
  let n = tile / tiles * 8u;
  let m = tile % tiles * 8u;
  if (n >= p.N) { return; }
  let m_high = min(m + 4u, p.M - 4u);

  let x0 = row_of_x(n + 0u);
  let x1 = row_of_x(n + 1u);
  let x2 = row_of_x(n + 2u);
  let x3 = row_of_x(n + 3u);
  let x4 = row_of_x(n + 4u);
  let x5 = row_of_x(n + 5u);
  let x6 = row_of_x(n + 6u);
  let x7 = row_of_x(n + 7u);
  var low0 = vec4f();
  var high0 = vec4f();
  var low1 = vec4f();
  var high1 = vec4f();
  var low2 = vec4f();
  var high2 = vec4f();
  var low3 = vec4f();
  var high3 = vec4f();
  var low4 = vec4f();
  var high4 = vec4f();
  var low5 = vec4f();
  var high5 = vec4f();
  var low6 = vec4f();
  var high6 = vec4f();
  var low7 = vec4f();
  var high7 = vec4f();
  for (var k = 0u; k < p.K / 4u; k++) {
    let low = weights(m, k);
    let high = weights(m_high, k);
    let a0 = x[x0 + k];
    low0 += a0 * low;
    high0 += a0 * high;
    let a1 = x[x1 + k];
    low1 += a1 * low;
    high1 += a1 * high;
    let a2 = x[x2 + k];
    low2 += a2 * low;
    high2 += a2 * high;
    let a3 = x[x3 + k];
    low3 += a3 * low;
    high3 += a3 * high;
    let a4 = x[x4 + k];
    low4 += a4 * low;
    high4 += a4 * high;
    let a5 = x[x5 + k];
    low5 += a5 * low;
    high5 += a5 * high;
    let a6 = x[x6 + k];
    low6 += a6 * low;
    high6 += a6 * high;
    let a7 = x[x7 + k];
    low7 += a7 * low;
    high7 += a7 * high;
  }
  store(n + 0u, m, low0, high0);
  store(n + 1u, m, low1, high1);
  store(n + 2u, m, low2, high2);
  store(n + 3u, m, low3, high3);
  store(n + 4u, m, low4, high4);
  store(n + 5u, m, low5, high5);
  store(n + 6u, m, low6, high6);
  store(n + 7u, m, low7, high7);
}
