// matmul_backward_input: gradient of a linear layer's input.
//
//   y[n,m] = sum_k x[n,k] w[m,k], so each x[n,k] reaches every y[n,m] by w[m,k]:
//   dx[n,k] = sum_m dy[n,m] w[m,k]
//
// Sizes     N = rows, K = inputs, M = outputs; K and M are multiples of 4
// Grid      one invocation per tile of 8 rows by 8 inputs; inputs of one row block are neighbors
// Numerics  four products at a time, added in the order of m
// Writes    dx (overwritten)
// Needs     WG, flat_group (prelude)

struct Params {
  N: u32,
  K: u32,
  M: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;        // [N,M]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;         // [M,K]
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;  // [N,K]

// Where row n begins; rows past the end repeat the last one and are not stored.
fn row_of_dy(n: u32) -> u32 {
  return min(n, p.N - 1u) * (p.M / 4u);
}

// Four inputs' weights to outputs m … m + 3 as columns: matrix times vector adds over m.
fn weights(m: u32, k: u32) -> mat4x4f {
  let stride = p.K / 4u;
  let i = m * stride + k / 4u;
  return mat4x4f(w[i], w[i + stride], w[i + 2u * stride], w[i + 3u * stride]);
}

fn store(n: u32, k: u32, low: vec4f, high: vec4f) {
  if (n >= p.N) { return; }
  let i = (n * p.K + k) / 4u;
  dx[i] = low;
  if (k + 4u < p.K) { dx[i + 1u] = high; }
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles = (p.K + 7u) / 8u;
  let tile = flat_group(group, groups) * WG + lane;
  let n = tile / tiles * 8u;
  let k = tile % tiles * 8u;
  if (n >= p.N) { return; }
  let k_high = min(k + 4u, p.K - 4u);

  let dy0 = row_of_dy(n + 0u);
  let dy1 = row_of_dy(n + 1u);
  let dy2 = row_of_dy(n + 2u);
  let dy3 = row_of_dy(n + 3u);
  let dy4 = row_of_dy(n + 4u);
  let dy5 = row_of_dy(n + 5u);
  let dy6 = row_of_dy(n + 6u);
  let dy7 = row_of_dy(n + 7u);
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
  for (var m = 0u; m < p.M / 4u; m++) {
    let low = weights(4u * m, k);
    let high = weights(4u * m, k_high);
    let a0 = dy[dy0 + m];
    low0 += low * a0;
    high0 += high * a0;
    let a1 = dy[dy1 + m];
    low1 += low * a1;
    high1 += high * a1;
    let a2 = dy[dy2 + m];
    low2 += low * a2;
    high2 += high * a2;
    let a3 = dy[dy3 + m];
    low3 += low * a3;
    high3 += high * a3;
    let a4 = dy[dy4 + m];
    low4 += low * a4;
    high4 += high * a4;
    let a5 = dy[dy5 + m];
    low5 += low * a5;
    high5 += high * a5;
    let a6 = dy[dy6 + m];
    low6 += low * a6;
    high6 += high * a6;
    let a7 = dy[dy7 + m];
    low7 += low * a7;
    high7 += high * a7;
  }
  store(n + 0u, k, low0, high0);
  store(n + 1u, k, low1, high1);
  store(n + 2u, k, low2, high2);
  store(n + 3u, k, low3, high3);
  store(n + 4u, k, low4, high4);
  store(n + 5u, k, low5, high5);
  store(n + 6u, k, low6, high6);
  store(n + 7u, k, low7, high7);
}
