// rmsnorm_backward: gradients of the normalized rows and, in slices of the rows, of the channel weights.
//
//   y[n,c] = x[i,c] r weight[c] with r = rstd[n] = (mean_c x[i,c]^2 + eps)^(-1/2) and i = n or index[n];
//   dr/dx[c] = -r^3 x[c] / C, so with g[c] = dy[n,c] weight[c]
//   dx[i,c]      += r (g[c] - x[i,c] r^2 mean_j g[j] x[i,j])
//   dweight[s,c] += sum_{n in slice s} dy[n,c] x[i,c] r
//
// Sizes     N = rows of y, C = channels, a multiple of 4; S = slices of the rows, 4 ceil(N/4S) rows each
// Grid      first one row of dx per workgroup or invocation, as lib/reduce decides, then the slices of
//           dweight, as lib/columns decides
// Numerics  the order of additions in a slice is fixed by its rows; grad_norm_sum adds the slices
// Writes    dx (accumulates: it holds the gradient that came around the normalized branch), dweight
//           (accumulates); no two n have the same i
// Needs     WG, flat_group (prelude); row_of, first, STRIDE, wg_sum (lib/reduce); list_of, quad_of, row_in,
//           ROWS, sum_rows, is_writer (lib/columns)

struct Params {
  N: u32,
  C: u32,
  has_index: u32,     // 1 takes rows by index, 0 never reads it
  row_groups: u32,    // workgroups that make dx; the others make dweight
  S: u32,
  slice_stride: u32,  // floats between slices of dweight
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;             // [N,C]
@group(0) @binding(2) var<storage, read> x: array<vec4f>;              // [any,C]
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;         // [C]
@group(0) @binding(4) var<storage, read> rstd: array<f32>;             // [N]
@group(0) @binding(5) var<storage, read> index: array<i32>;            // [N]  row of x
@group(0) @binding(6) var<storage, read_write> dx: array<vec4f>;       // [any,C]
@group(0) @binding(7) var<storage, read_write> dweight: array<vec4f>;  // [C] of slice 0, then the others

fn chosen(n: u32) -> u32 {
  if (p.has_index == 1u) { return u32(index[n]); }
  return n;
}

fn add_row(n: u32, lane: Lane) {
  let quads = p.C / 4u;
  let out = n * quads;
  let row = chosen(n) * quads;
  let r = rstd[n];
  var overlap = 0.0;
  for (var c = first(lane); c < quads; c += STRIDE) {
    overlap += dot(dy[out + c] * weight[c], x[row + c] * r);
  }
  let mean = wg_sum(overlap, lane) / f32(p.C);
  for (var c = first(lane); c < quads; c += STRIDE) {
    dx[row + c] += r * (dy[out + c] * weight[c] - x[row + c] * r * mean);
  }
}

fn add_channels(group: u32, lane: u32) {
  let quads = p.C / 4u;
  let slice = list_of(group, lane, quads);
  if (slice >= p.S) { return; }
  let c = quad_of(group, lane, quads);
  let share = (p.N + 4u * p.S - 1u) / (4u * p.S) * 4u;
  let end = select(0u, min((slice + 1u) * share, p.N), c < quads);
  var sum = vec4f();
  for (var n = slice * share + row_in(lane); n < end; n += ROWS) {
    sum += dy[n * quads + c] * x[chosen(n) * quads + c] * rstd[n];
  }
  sum = sum_rows(sum, lane);
  if (c < quads && is_writer(lane)) {
    dweight[slice * (p.slice_stride / 4u) + c] += sum;
  }
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  lane: Lane,
) {
  let g = flat_group(group, groups);
  if (g >= p.row_groups) {
    add_channels(g - p.row_groups, lane.id);
    return;
  }
  let n = row_of(group, groups, lane);
  if (n >= p.N) { return; }
  add_row(n, lane);
}
