// roof_copy: y = x, one vec4 per invocation.
//
// Sizes     quads = vec4s
// Grid      one invocation per vec4
// Writes    y (overwritten)
// Needs     WG, flat_group (prelude)

struct Params {
  quads: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;        // [quads]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;  // [quads]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = flat_group(group, groups) * WG + lane;
  if (i < p.quads) { y[i] = x[i]; }
}
