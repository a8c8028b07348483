// gather_rows_forward: copies chosen rows, so that what follows skips the others.
//
//   y[m,c] = x[index[m],c]
//
// Sizes     N = rows of x, M = chosen rows, C = channels, a multiple of 4
// Grid      one invocation per four channels of one chosen row
// Writes    y (overwritten)
// Needs     WG, flat_group (prelude)

struct Params {
  M: u32,
  C: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;        // [N,C]
@group(0) @binding(2) var<storage, read> index: array<i32>;      // [M]    row of x, 0 … N - 1
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;  // [M,C]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let quads = p.C / 4u;
  let i = flat_group(group, groups) * WG + lane;
  if (i >= p.M * quads) { return; }
  y[i] = x[u32(index[i / quads]) * quads + i % quads];
}
