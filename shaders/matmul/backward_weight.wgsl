// matmul_backward_weight: gradient of a linear layer's weight, in slices of the rows.
//
//   y[n,m] = sum_k x[n,k] w[m,k], so each w[m,k] reaches y[n,m] of every row by x[n,k]:
//   dw[s,m,k] += sum_{n in slice s} dy[n,m] x[n,k]
//
// Sizes     N = rows, K = inputs, M = outputs; K and M are multiples of 4; S = slices of the rows,
//           ceil(N/S) rows each
// Grid      one invocation per tile of 8 outputs by 8 inputs of one slice
// Numerics  added in the order of n within a slice; the slices are added by grad_norm_sum
// Writes    dw (accumulates)
// Needs     WG, flat_group (prelude)

struct Params {
  N: u32,
  K: u32,
  M: u32,
  S: u32,
  slice_stride: u32,  // floats between slices of dw
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;        // [N,M]
@group(0) @binding(2) var<storage, read> x: array<vec4f>;         // [N,K]
@group(0) @binding(3) var<storage, read_write> dw: array<vec4f>;  // [M,K] of slice 0, then the others

fn add(slice: u32, m: u32, k: u32, low: vec4f, high: vec4f) {
  if (m >= p.M) { return; }
  let i = (slice * p.slice_stride + m * p.K + k) / 4u;
  dw[i] += low;
  if (k + 4u < p.K) { dw[i + 1u] += high; }
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles_k = (p.K + 7u) / 8u;
  let tiles = (p.M + 7u) / 8u * tiles_k;
  let tile = flat_group(group, groups) * WG + lane;
  let slice = tile / tiles;
  if (slice >= p.S) { return; }
  let m = tile % tiles / tiles_k * 8u;
  let k = tile % tiles_k * 8u;
  let m_low = m / 4u;
  let m_high = min(m + 4u, p.M - 4u) / 4u;
  let k_low = k / 4u;
  let k_high = min(k + 4u, p.K - 4u) / 4u;

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
  let share = (p.N + p.S - 1u) / p.S;
  let end = min((slice + 1u) * share, p.N);
  for (var n = slice * share; n < end; n++) {
    let a = dy[n * (p.M / 4u) + m_low];
    let b = dy[n * (p.M / 4u) + m_high];
    let low = x[n * (p.K / 4u) + k_low];
    let high = x[n * (p.K / 4u) + k_high];
    low0 += a.x * low;
    high0 += a.x * high;
    low1 += a.y * low;
    high1 += a.y * high;
    low2 += a.z * low;
    high2 += a.z * high;
    low3 += a.w * low;
    high3 += a.w * high;
    low4 += b.x * low;
    high4 += b.x * high;
    low5 += b.y * low;
    high5 += b.y * high;
    low6 += b.z * low;
    high6 += b.z * high;
    low7 += b.w * low;
    high7 += b.w * high;
  }
  add(slice, m + 0u, k, low0, high0);
  add(slice, m + 1u, k, low1, high1);
  add(slice, m + 2u, k, low2, high2);
  add(slice, m + 3u, k, low3, high3);
  add(slice, m + 4u, k, low4, high4);
  add(slice, m + 5u, k, low5, high5);
  add(slice, m + 6u, k, low6, high6);
  add(slice, m + 7u, k, low7, high7);
}
