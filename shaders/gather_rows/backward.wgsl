// gather_rows_backward: gradient of the rows that were chosen from.
//
//   y[m] = x[index[m]] and no row is chosen twice, so row n of x has the gradient of the one m with
//   index[m] = n, which is inverse[n], or none:
//   dx[n,c] = dy[inverse[n],c]        (0 where inverse[n] < 0)
//
// Sizes     N = rows of x, M = chosen rows, C = channels, a multiple of 4
// Grid      one invocation per four channels of one row of x
// Writes    dx (overwritten)
// Needs     WG, flat_group (prelude)

struct Params {
  N: u32,
  C: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;        // [M,C]
@group(0) @binding(2) var<storage, read> inverse: array<i32>;     // [N]    row of dy, < 0 = none
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;  // [N,C]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let quads = p.C / 4u;
  let i = flat_group(group, groups) * WG + lane;
  if (i >= p.N * quads) { return; }
  let m = inverse[i / quads];
  dx[i] = vec4f();
  if (m >= 0) {
    dx[i] = dy[u32(m) * quads + i % quads];
  }
}
