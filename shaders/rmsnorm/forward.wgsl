// rmsnorm_forward: scales each row to root mean square one, then each channel by its weight.
//
//   rstd[n] = 1 / sqrt(mean_c x[i,c]^2 + EPSILON)
//   y[n,c] = x[i,c] rstd[n] weight[c]          i = n, or index[n] if only some rows are wanted
//
// Sizes     N = rows of y, C = channels, a multiple of 4
// Grid      one row per workgroup or invocation, as lib/reduce decides
// Numerics  the mean square must stay below the largest f32: |x| up to 1e19
// Writes    y, rstd (overwritten); rstd is saved for the backward kernel
// Needs     row_of, first, STRIDE, is_first, wg_sum (lib/reduce)

const EPSILON = 1e-5;

struct Params {
  N: u32,
  C: u32,
  has_index: u32,  // 1 takes rows by index, 0 never reads it
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;        // [any,C]
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;   // [C]
@group(0) @binding(3) var<storage, read> index: array<i32>;      // [N]    row of x
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;  // [N,C]
@group(0) @binding(5) var<storage, read_write> rstd: array<f32>; // [N]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  lane: Lane,
) {
  let n = row_of(group, groups, lane);
  if (n >= p.N) { return; }
  let quads = p.C / 4u;
  var row = n * quads;
  if (p.has_index == 1u) { row = u32(index[n]) * quads; }

  var squares = 0.0;
  for (var c = first(lane); c < quads; c += STRIDE) {
    let v = x[row + c];
    squares += dot(v, v);
  }
  let scale = 1.0 / sqrt(wg_sum(squares, lane) / f32(p.C) + EPSILON);

  for (var c = first(lane); c < quads; c += STRIDE) {
    y[n * quads + c] = x[row + c] * scale * weight[c];
  }
  if (is_first(lane)) {
    rstd[n] = scale;
  }
}
