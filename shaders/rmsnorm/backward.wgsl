// rmsnorm_backward: gradient of the normalized rows.
//
//   y[c] = x[c] r weight[c] with r = (mean x^2 + eps)^(-1/2), so dr/dx[c] = -r^3 x[c] / C and, with
//   g[c] = dy[c] weight[c],
//   dx[n,c] += r (g[c] - x[c] r^2 mean_j g[j] x[j])
//
// Sizes     N = rows, C = channels, a multiple of 4
// Grid      one row per workgroup or invocation, as lib/reduce decides
// Writes    dx (accumulates: it holds the gradient that came around the normalized branch)
// Needs     row_of, first, STRIDE, wg_sum (lib/reduce)

struct Params {
  N: u32,
  C: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;        // [N,C]
@group(0) @binding(2) var<storage, read> x: array<vec4f>;         // [N,C]
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;    // [C]
@group(0) @binding(4) var<storage, read> rstd: array<f32>;        // [N]
@group(0) @binding(5) var<storage, read_write> dx: array<vec4f>;  // [N,C]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  lane: Lane,
) {
  let n = row_of(group, groups, lane);
  if (n >= p.N) { return; }
  let quads = p.C / 4u;
  let row = n * quads;
  let r = rstd[n];

  var overlap = 0.0;
  for (var c = first(lane); c < quads; c += STRIDE) {
    overlap += dot(dy[row + c] * weight[c], x[row + c] * r);
  }
  let mean = wg_sum(overlap, lane) / f32(p.C);

  for (var c = first(lane); c < quads; c += STRIDE) {
    dx[row + c] += r * (dy[row + c] * weight[c] - x[row + c] * r * mean);
  }
}
