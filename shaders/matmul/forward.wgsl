// matmul_forward: a linear layer, with the residual stream added where there is one.
//
//   y[n,m] = sum_k x[n,k] w[m,k]  (+ residual[n,m])
//
// Sizes     N = rows, K = inputs, M = outputs; K and M are multiples of 4
// Grid      one tile of y per invocation or workgroup, as lib/tile decides
// Writes    y (overwritten)
// Needs     WG, flat_group (prelude); lib/linear; tile<forward>

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

fn forward_column(j: u32) -> u32 {
  return min(4u * j, p.M - 4u);
}

fn put(n: u32, j: u32, value: vec4f) {
  if (4u * j >= p.M) { return; }
  let i = n * (p.M / 4u) + j;
  var sum = value;
  if (p.has_residual == 1u) {
    sum += residual[i];
  }
  y[i] = sum;
}

fn forward_store(n: u32, j: u32, low: vec4f, high: vec4f) {
  put(n, j, low);
  put(n, j + forward_HALF, high);
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = forward_item(flat_group(group, groups), lane);
  forward_product(tile, lane, p.N, p.M / 4u, 0u, p.K / 4u);
}
