// rmsnorm_backward_weight: gradient of the channel weights, in slices of the rows.
//
//   y[n,c] = x[n,c] rstd[n] weight[c], so
//   dweight[s,c] += sum_{n in slice s} dy[n,c] x[n,c] rstd[n]
//
// Sizes     N = rows, C = channels, a multiple of 4; S = slices of the rows, ceil(N/S) rows each
// Grid      one invocation per four channels of one slice
// Numerics  added in the order of n within a slice; the slices are added by grad_norm_sum
// Writes    dweight (accumulates)
// Needs     WG, flat_group (prelude)

struct Params {
  N: u32,
  C: u32,
  S: u32,
  slice_stride: u32,  // floats between slices of dweight
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;             // [N,C]
@group(0) @binding(2) var<storage, read> x: array<vec4f>;              // [N,C]
@group(0) @binding(3) var<storage, read> rstd: array<f32>;             // [N]
@group(0) @binding(4) var<storage, read_write> dweight: array<vec4f>;  // [C] of slice 0, then the others

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let quads = p.C / 4u;
  let i = flat_group(group, groups) * WG + lane;
  let slice = i / quads;
  let c = i % quads;
  if (slice >= p.S) { return; }

  let share = (p.N + p.S - 1u) / p.S;
  let end = min((slice + 1u) * share, p.N);
  var sum = vec4f();
  for (var n = slice * share; n < end; n++) {
    sum += dy[n * quads + c] * x[n * quads + c] * rstd[n];
  }
  dweight[slice * (p.slice_stride / 4u) + c] += sum;
}
