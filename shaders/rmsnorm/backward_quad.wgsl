// rmsnorm_backward_quad: what rmsnorm_backward does, a slice of the rows by four neighboring invocations,
// which hold a row in registers between its sum and its gradient, and the weight and its gradient for all
// of them. For adapters on which loads cost more than spilled registers.
//
//   with g[c] = dy[n,c] weight[c], v[c] = x[i,c] r, r = rstd[n], i = n or index[n]:
//   dx[i,c]      += r (g[c] - v[c] mean_j g[j] v[j])
//   dweight[s,c] += sum_{n in slice s} dy[n,c] v[c]
//
// Sizes     N = rows of y, C = channels, 16 for each vec4 that an invocation holds, MINE of them; S =
//           slices of the rows, 4 ceil(N/4S) rows each
// Grid      four invocations per slice
// Numerics  the order of additions in a slice is fixed by its rows; grad_norm_sum adds the slices
// Writes    dx (accumulates: it holds the gradient that came around the normalized branch), dweight
//           (accumulates); no two n have the same i
// Needs     WG, flat_group (prelude); MINE (const); lib/quad

struct Params {
  N: u32,
  has_index: u32,     // 1 takes rows by index, 0 never reads it
  S: u32,
  slice_stride: u32,  // floats between slices of dweight
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;             // [N,C]
@group(0) @binding(2) var<storage, read> x: array<vec4f>;              // [any,C]
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;         // [C]
@group(0) @binding(4) var<storage, read> rstd: array<f32>;             // [N]
@group(0) @binding(5) var<storage, read> index: array<i32>;            // [N]  row of x
@group(0) @binding(6) var<storage, read_write> dx: array<vec4f>;       // [any,C]
@group(0) @binding(7) var<storage, read_write> dweight: array<vec4f>;  // [C] of slice 0, then the others

const QUADS = 4u * MINE;  // vec4 of a row
alias Row = array<vec4f, MINE>;

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let invocation = flat_group(group, groups) * WG + lane;
  let slice = invocation / 4u;
  if (slice >= p.S) { return; }
  let first = invocation % 4u;  // its vec4 of a row: first, first + 4, …
  let share = (p.N + 4u * p.S - 1u) / (4u * p.S) * 4u;
  let end = min((slice + 1u) * share, p.N);

  var scale: Row;
  var sum: Row;
  for (var k = 0u; k < MINE; k++) { // unrolled once
    scale[k] = weight[first + 4u * k];
  }
  for (var n = slice * share; n < end; n++) {
    let out = n * QUADS + first;
    var row = out;
    if (p.has_index == 1u) { row = u32(index[n]) * QUADS + first; }
    let r = rstd[n];
    var d: Row;
    var v: Row;
    var overlap = 0.0;
    for (var k = 0u; k < MINE; k++) { // unrolled
      d[k] = dy[out + 4u * k];
      v[k] = x[row + 4u * k] * r;
      sum[k] += d[k] * v[k];
      d[k] *= scale[k];
      overlap += dot(d[k], v[k]);
    }
    overlap += quadSwapX(overlap);
    overlap += quadSwapY(overlap);
    let mean = overlap / f32(4u * QUADS);
    for (var k = 0u; k < MINE; k++) { // unrolled
      dx[row + 4u * k] += r * (d[k] - v[k] * mean);
    }
  }
  for (var k = 0u; k < MINE; k++) { // unrolled once
    dweight[slice * (p.slice_stride / 4u) + first + 4u * k] += sum[k];
  }
}
