// embedding_backward: gradient of the embedding table, without atomics.
//
//   y[n] = w[tokens[n]], so row v of w collects the gradient of each n with tokens[n] = v. The host
//   sorts the positions n by token: those of v are order[starts[v]] … order[starts[v + 1] - 1].
//   dw[v,c] += sum_{starts[v] <= j < starts[v + 1]} dy[order[j],c]
//
// Sizes     N = tokens, V = vocabulary, C = channels, a multiple of 4
// Grid      one invocation per four channels of one vocabulary row
// Numerics  added in the order of j
// Writes    dw (accumulates)
// Needs     WG, flat_group (prelude)

struct Params {
  V: u32,
  C: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;        // [N,C]
@group(0) @binding(2) var<storage, read> order: array<i32>;       // [N]    token positions, by id
@group(0) @binding(3) var<storage, read> starts: array<i32>;      // [V+1]  into order
@group(0) @binding(4) var<storage, read_write> dw: array<vec4f>;  // [V,C]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let quads = p.C / 4u;
  let i = flat_group(group, groups) * WG + lane;
  if (i >= p.V * quads) { return; }
  let v = i / quads;
  let c = i % quads;

  var sum = vec4f();
  for (var j = starts[v]; j < starts[v + 1u]; j++) {
    sum += dy[u32(order[j]) * quads + c];
  }
  dw[i] += sum;
}
