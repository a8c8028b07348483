// cross_entropy_backward: gradient of sum_m coefficient[m] * nll[m], written over the logits.
//
//   d lse[m] / d logits[m,v]                   = exp(logits[m,v] - lse[m])
//   d logits[m,targets[m]] / d logits[m,v]     = 1 if v = targets[m], else 0
//   dlogits[m,v] = coefficient[m] * (exp(logits[m,v] - lse[m]) - [v = targets[m]])
//
// and 0 in the padding columns v >= V and in rows whose target is ignored.
//
// Sizes     M = trained tokens, V = vocabulary, stride = floats between rows, a multiple of 4, >= V
// Grid      one invocation per four columns
// Numerics  exponents are capped at 0: a probability is at most 1, and padding is never read as one
// Writes    logits (in place: becomes dlogits)
// Needs     WG, flat_group (prelude)

struct Params {
  M: u32,
  V: u32,
  stride: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> targets: array<i32>;          // [M]  token id, < 0 = ignored
@group(0) @binding(2) var<storage, read> coefficient: array<f32>;      // [M]  loss per nat
@group(0) @binding(3) var<storage, read> lse: array<f32>;              // [M]  nats
@group(0) @binding(4) var<storage, read_write> logits: array<vec4f>;   // [M,stride]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = flat_group(group, groups) * WG + lane;
  let quads = p.stride / 4u;
  let m = i / quads;
  if (m >= p.M) { return; }
  let column = 4u * (i % quads) + vec4u(0u, 1u, 2u, 3u);

  let target_id = targets[m];
  let probability = exp(min(logits[i] - lse[m], vec4f()));
  let hit = select(vec4f(), vec4f(1.0), column == vec4u(u32(target_id)));
  let gradient = coefficient[m] * (probability - hit);
  let counted = (column < vec4u(p.V)) & vec4<bool>(target_id >= 0);
  logits[i] = select(vec4f(), gradient, counted);
}
