// swiglu_backward: gradient of the gated activation.
//
//   y = silu(gate) up and silu(g) = g s(g) with s = 1 / (1 + exp(-g)), s' = s (1 - s), so
//   dup[n,f] = dy[n,f] gate s(gate)
//   dgate[n,f] = dy[n,f] up s(gate) (1 + gate s(-gate))          as 1 - s(g) = s(-g)
//
// Sizes     N = rows, F = width, a multiple of 4
// Grid      one invocation per four elements of dy
// Numerics  exp of a negative number only; s(-gate) is not formed by subtraction
// Writes    dgu (overwritten)
// Needs     WG, flat_group (prelude)

struct Params {
  N: u32,
  F: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> gu: array<vec4f>;         // [N,2F]  gate | up
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;         // [N,F]
@group(0) @binding(3) var<storage, read_write> dgu: array<vec4f>;  // [N,2F]  dgate | dup

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
  let positive = gate >= vec4f();
  let sigmoid = select(e, vec4f(1.0), positive) / (1.0 + e);
  let opposite = select(vec4f(1.0), e, positive) / (1.0 + e);
  dgu[at] = dy[i] * up * sigmoid * (1.0 + gate * opposite);
  dgu[at + quads] = dy[i] * gate * sigmoid;
}
