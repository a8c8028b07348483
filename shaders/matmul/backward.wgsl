// matmul_backward: both gradients of a linear layer, as lib/linear_backward derives them.
//
//   dx[n,k]    = sum_m dy[n,m] w[m,k]
//   dw[s,m,k] += sum_{n in slice s} dy[n,m] x[n,k]
//
// Sizes     N = rows, K = inputs, M = outputs; K and M are multiples of 4; S = slices of the rows,
//           4 ceil(N/4S) rows each
// Grid      one tile of dx or dw per invocation or workgroup, as lib/tile decides
// Numerics  the slices are added by grad_norm_sum
// Writes    dx (overwritten), dw (accumulates)
// Needs     WG, flat_group (prelude); lib/linear_backward; tile<input>, tile<weight>

struct Params {
  N: u32,
  K: u32,
  M: u32,
  input_groups: u32,
  S: u32,
  slice_stride: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;        // [N,M]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;         // [M,K]
@group(0) @binding(3) var<storage, read> x: array<vec4f>;         // [N,K]
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;  // [N,K]
@group(0) @binding(5) var<storage, read_write> dw: array<vec4f>;  // [M,K] of slice 0, then the others

fn input_store(n: u32, j: u32, low: vec4f, high: vec4f) {
  let K4 = p.K / 4u;
  if (j < K4) { dx[n * K4 + j] = low; }
  if (j + input_HALF < K4) { dx[n * K4 + j + input_HALF] = high; }
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  linear_backward(flat_group(group, groups), lane);
}
