// swiglu_forward: the gated activation of the feed-forward block.
//
//   y[n,f] = silu(gate[n,f]) up[n,f], silu(g) = g / (1 + exp(-g))
//
// Sizes     N = rows, F = width, a multiple of 4
// Grid      one invocation per four outputs
// Numerics  exp of a negative number only, so that nothing overflows
// Writes    y (overwritten)
// Needs     WG, flat_group (prelude)

struct Params {
  N: u32,
  F: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> gu: array<vec4f>;       // [N,2F]  gate | up
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;  // [N,F]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let quads = p.F / 4u;
  let i = flat_group(group, groups) * WG + lane;
  if (i >= p.N * quads) { return; }
  let at = i / quads * 2u * quads + i % quads;
  let gate = gu[at];
  let up = gu[at + quads];

  let e = exp(-abs(gate));
  let sigmoid = select(e, vec4f(1.0), gate >= vec4f()) / (1.0 + e);
  y[i] = gate * sigmoid * up;
}
