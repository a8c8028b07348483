// swiglu_backward: gradients of the gated activation and of the layer after it.
//
//   y = x wᵀ with x = silu(gate) up, so with dx and dw of lib/linear_backward, of which dx is not stored:
//   dgate | dup = dx[n,k] times the slopes that swiglu_forward has kept
//
// Sizes     N = rows, K = width of the activation, M = outputs; K and M are multiples of 4; S = slices
//           of the rows, 4 ceil(N/4S) rows each
// Grid      one tile of dx or dw per invocation or workgroup, as lib/tile decides
// Numerics  the slices are added by grad_norm_sum
// Writes    dgu (overwritten), dw (accumulates)
// Needs     WG, flat_group (prelude); lib/linear_backward, lib/kept; tile<input>, tile<weight>

struct Params {
  N: u32,
  K: u32,
  M: u32,
  input_groups: u32,
  S: u32,
  slice_stride: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;         // [N,M]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;          // [M,K]
@group(0) @binding(3) var<storage, read> x: array<vec4f>;          // [N,K]
@group(0) @binding(4) var<storage, read> slopes: array<Kept>;      // [N,2K]  of x: by gate | by up
@group(0) @binding(5) var<storage, read_write> dgu: array<vec4f>;  // [N,2K]  dgate | dup
@group(0) @binding(6) var<storage, read_write> dw: array<vec4f>;   // [M,K] of slice 0, then the others

fn put(n: u32, j: u32, dx: vec4f) {
  let K4 = p.K / 4u;
  if (j >= K4) { return; }
  let i = n * 2u * K4 + j;
  dgu[i] = dx * taken(slopes[i]);
  dgu[i + K4] = dx * taken(slopes[i + K4]);
}

fn input_store(n: u32, j: u32, low: vec4f, high: vec4f) {
  for (var h = 0u; h < 2u; h++) { put(n, j + h * input_HALF, select(high, low, h == 0u)); }
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  linear_backward(flat_group(group, groups), lane);
}
