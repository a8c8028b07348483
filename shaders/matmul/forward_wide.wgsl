// matmul_forward_wide: as matmul_forward, with tiles of 16 by 16 instead of 8 by 8.
//
//   y[n,m] = sum_k x[n,k] w[m,k]  (+ residual[n,m])
//
// Half the loads per product, for adapters on which loads cost more than spilled registers, such as
// a software one. A GPU would spill the 256 sums.
//
// Sizes     N = rows, K = inputs, M = outputs; K and M are multiples of 4
// Grid      one invocation per tile of 16 rows by 16 outputs; outputs of one row block are neighbors
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

// Four rows of x as columns; rows past the end repeat the last one and are not stored.
fn rows_of_x(n: u32, k: u32) -> mat4x4f {
  let stride = p.K / 4u;
  let last = p.N - 1u;
  return mat4x4f(
    x[min(n, last) * stride + k],
    x[min(n + 1u, last) * stride + k],
    x[min(n + 2u, last) * stride + k],
    x[min(n + 3u, last) * stride + k],
  );
}

// Four inputs' weights to four outputs: times four rows of x it gives those rows of y.
fn weights(m: u32, k: u32) -> mat4x4f {
  let stride = p.K / 4u;
  let i = min(m, p.M - 4u) * stride + k;
  return transpose(mat4x4f(w[i], w[i + stride], w[i + 2u * stride], w[i + 3u * stride]));
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles = (p.M + 15u) / 16u;
  let tile = flat_group(group, groups) * WG + lane;
  let n = tile / tiles * 16u;
  let m = tile % tiles * 16u;
  if (n >= p.N) { return; }

  var y00 = mat4x4f(); var y01 = mat4x4f(); var y02 = mat4x4f(); var y03 = mat4x4f();
  var y10 = mat4x4f(); var y11 = mat4x4f(); var y12 = mat4x4f(); var y13 = mat4x4f();
  var y20 = mat4x4f(); var y21 = mat4x4f(); var y22 = mat4x4f(); var y23 = mat4x4f();
  var y30 = mat4x4f(); var y31 = mat4x4f(); var y32 = mat4x4f(); var y33 = mat4x4f();
  for (var k = 0u; k < p.K / 4u; k++) {
    let w0 = weights(m, k);
    let w1 = weights(m + 4u, k);
    let w2 = weights(m + 8u, k);
    let w3 = weights(m + 12u, k);
    let x0 = rows_of_x(n, k);
    y00 += w0 * x0; y01 += w1 * x0; y02 += w2 * x0; y03 += w3 * x0;
    let x1 = rows_of_x(n + 4u, k);
    y10 += w0 * x1; y11 += w1 * x1; y12 += w2 * x1; y13 += w3 * x1;
    let x2 = rows_of_x(n + 8u, k);
    y20 += w0 * x2; y21 += w1 * x2; y22 += w2 * x2; y23 += w3 * x2;
    let x3 = rows_of_x(n + 12u, k);
    y30 += w0 * x3; y31 += w1 * x3; y32 += w2 * x3; y33 += w3 * x3;
  }
  let blocks = array(
    y00, y01, y02, y03, y10, y11, y12, y13, y20, y21, y22, y23, y30, y31, y32, y33,
  );
  for (var b = 0u; b < 16u; b++) {
    let column = m + b % 4u * 4u;
    let row = n + b / 4u * 4u;
    for (var r = 0u; r < 4u; r++) {
      if (column >= p.M || row + r >= p.N) { break; }
      let i = ((row + r) * p.M + column) / 4u;
      var value = blocks[b][r];
      if (p.has_residual == 1u) { value += residual[i]; }
      y[i] = value;
    }
  }
}
