// embedding_forward: looks up each token's row.
//
//   y[n,c] = w[tokens[n],c]
//
// Sizes     N = tokens, V = vocabulary, C = channels, a multiple of 4
// Grid      one invocation per four channels of one token
// Writes    y (overwritten)
// Needs     WG, flat_group (prelude)

struct Params {
  N: u32,
  C: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> tokens: array<i32>;     // [N]    token id, 0 … V - 1
@group(0) @binding(2) var<storage, read> w: array<vec4f>;        // [V,C]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;  // [N,C]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let quads = p.C / 4u;
  let i = flat_group(group, groups) * WG + lane;
  if (i >= p.N * quads) { return; }
  y[i] = w[u32(tokens[i / quads]) * quads + i % quads];
}
