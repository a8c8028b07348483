// swiglu_forward: gate and up layers of the feed-forward block, their gated activation and its slopes.
//
//   gate | up       = x[n,:] wᵀ
//   y[n,f]          = silu(gate[n,f]) up[n,f]                     silu(g) = g s(g), s(g) = 1 / (1 + exp(-g))
//   slopes[n,f]     = dy/dgate = up s(gate) (1 + gate s(-gate))   as s' = s (1 - s) and 1 - s(g) = s(-g)
//   slopes[n,F + f] = dy/dup   = silu(gate)
//
// Sizes     N = rows, K = inputs, F = width; K and F are multiples of 4
// Grid      one tile of gate | up per invocation or workgroup, as lib/tile decides; a tile pairs gate and
//           up columns of the same f
// Numerics  exp of a negative number only, so that nothing overflows; s(-gate) is not formed by subtraction
// Writes    y and slopes (overwritten); slopes are all that the backward kernel needs of gate and up
// Needs     WG, flat_group (prelude); lib/linear, lib/kept; tile<forward>

struct Params {
  N: u32,
  K: u32,
  F: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;             // [N,K]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;             // [2F,K]  gate | up
@group(0) @binding(3) var<storage, read_write> slopes: array<Kept>;   // [N,2F]  dy/dgate | dy/dup
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;       // [N,F]

fn forward_column(j: u32) -> u32 {
  return min(4u * paired(j), p.F - 4u) + select(0u, p.F, is_second(j));
}

fn forward_store(n: u32, j: u32, gate: vec4f, up: vec4f) {
  let F4 = p.F / 4u;
  let f = paired(j);
  if (f >= F4) { return; }
  let e = exp(-abs(gate));
  let positive = gate >= vec4f();
  let part = 1.0 / (1.0 + e);
  let sigmoid = select(e, vec4f(1.0), positive) * part;
  let opposite = select(vec4f(1.0), e, positive) * part;
  let silu = gate * sigmoid;
  y[n * F4 + f] = silu * up;
  slopes[n * 2u * F4 + f] = keep(up * sigmoid * (1.0 + gate * opposite));
  slopes[n * 2u * F4 + F4 + f] = keep(silu);
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = forward_item(flat_group(group, groups), lane);
  forward_product(tile, lane, p.N, p.F / 2u, 0u, p.K / 4u);
}
