// matmul_backward_input_wide: as matmul_backward_input, with tiles of 16 by 16 instead of 8 by 8.
//
//   y[n,m] = sum_k x[n,k] w[m,k], so each x[n,k] reaches every y[n,m] by w[m,k]:
//   dx[n,k] = sum_m dy[n,m] w[m,k]
//
// For adapters on which loads cost more than spilled registers: see forward_wide.
//
// Sizes     N = rows, K = inputs, M = outputs; K and M are multiples of 4
// Grid      one invocation per tile of 16 rows by 16 inputs; inputs of one row block are neighbors
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

// Four rows of dy as columns; rows past the end repeat the last one and are not stored.
fn rows_of_dy(n: u32, m: u32) -> mat4x4f {
  let stride = p.M / 4u;
  let last = p.N - 1u;
  return mat4x4f(
    dy[min(n, last) * stride + m],
    dy[min(n + 1u, last) * stride + m],
    dy[min(n + 2u, last) * stride + m],
    dy[min(n + 3u, last) * stride + m],
  );
}

// Four inputs' weights to outputs 4m … 4m + 3 as columns.
fn weights(m: u32, k: u32) -> mat4x4f {
  let stride = p.K / 4u;
  let i = 4u * m * stride + min(k, p.K - 4u) / 4u;
  return mat4x4f(w[i], w[i + stride], w[i + 2u * stride], w[i + 3u * stride]);
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles = (p.K + 15u) / 16u;
  let tile = flat_group(group, groups) * WG + lane;
  let n = tile / tiles * 16u;
  let k = tile % tiles * 16u;
  if (n >= p.N) { return; }

  var x00 = mat4x4f(); var x01 = mat4x4f(); var x02 = mat4x4f(); var x03 = mat4x4f();
  var x10 = mat4x4f(); var x11 = mat4x4f(); var x12 = mat4x4f(); var x13 = mat4x4f();
  var x20 = mat4x4f(); var x21 = mat4x4f(); var x22 = mat4x4f(); var x23 = mat4x4f();
  var x30 = mat4x4f(); var x31 = mat4x4f(); var x32 = mat4x4f(); var x33 = mat4x4f();
  for (var m = 0u; m < p.M / 4u; m++) {
    let w0 = weights(m, k);
    let w1 = weights(m, k + 4u);
    let w2 = weights(m, k + 8u);
    let w3 = weights(m, k + 12u);
    let y0 = rows_of_dy(n, m);
    x00 += w0 * y0; x01 += w1 * y0; x02 += w2 * y0; x03 += w3 * y0;
    let y1 = rows_of_dy(n + 4u, m);
    x10 += w0 * y1; x11 += w1 * y1; x12 += w2 * y1; x13 += w3 * y1;
    let y2 = rows_of_dy(n + 8u, m);
    x20 += w0 * y2; x21 += w1 * y2; x22 += w2 * y2; x23 += w3 * y2;
    let y3 = rows_of_dy(n + 12u, m);
    x30 += w0 * y3; x31 += w1 * y3; x32 += w2 * y3; x33 += w3 * y3;
  }
  let blocks = array(
    x00, x01, x02, x03, x10, x11, x12, x13, x20, x21, x22, x23, x30, x31, x32, x33,
  );
  for (var b = 0u; b < 16u; b++) {
    let column = k + b % 4u * 4u;
    let row = n + b / 4u * 4u;
    for (var r = 0u; r < 4u; r++) {
      if (column >= p.K || row + r >= p.N) { break; }
      dx[((row + r) * p.K + column) / 4u] = blocks[b][r];
    }
  }
}
