// linear_backward: both gradients of y = x wᵀ, each a product of tiles, the weight's in slices of the rows.
//
//   each x[n,k] reaches every y[n,m] by w[m,k], and each w[m,k] reaches y[n,m] of every row by x[n,k]:
//   dx[n,k]    = sum_m dy[n,m] w[m,k]
//   dw[s,m,k] += sum_{n in slice s} dy[n,m] x[n,k]
//
// A slice has 4 ceil(N/4S) rows. The tiles of dx come first, then those of dw, slice by slice. They need
// nothing of each other, and one dispatch fills a GPU better than two.
// Needs dy [N,M], w [M,K], x [N,K] and dw [S,M,K] as arrays of vec4f, p.N, p.K, p.M, p.input_groups (workgroups
// that make dx), p.S, p.slice_stride (floats between slices of dw), and tile<input>, tile<weight>; the
// kernel says in input_store what becomes of dx.

fn input_left(n: u32, q: u32) -> mat4x4f {
  let M4 = p.M / 4u;
  let last = p.N - 1u;
  return mat4x4f(
    dy[min(n, last) * M4 + q],
    dy[min(n + 1u, last) * M4 + q],
    dy[min(n + 2u, last) * M4 + q],
    dy[min(n + 3u, last) * M4 + q],
  );
}

fn input_right(k: u32, q: u32) -> mat4x4f {
  let K4 = p.K / 4u;
  let i = 4u * q * K4 + k / 4u;
  return mat4x4f(w[i], w[i + K4], w[i + 2u * K4], w[i + 3u * K4]);
}

fn input_column(j: u32) -> u32 {
  return min(4u * j, p.K - 4u);
}

// Four columns of dy, 0 beyond the last row.
fn weight_left(m: u32, q: u32) -> mat4x4f {
  let at = min(m, p.M - 4u) / 4u;
  let n = 4u * q;
  return transpose(mat4x4f(dy_at(n, at), dy_at(n + 1u, at), dy_at(n + 2u, at), dy_at(n + 3u, at)));
}

fn dy_at(n: u32, quad: u32) -> vec4f {
  return select(vec4f(), dy[min(n, p.N - 1u) * (p.M / 4u) + quad], n < p.N);
}

// Four rows of x; beyond the last one it comes again.
fn weight_right(k: u32, q: u32) -> mat4x4f {
  let K4 = p.K / 4u;
  let last = (p.N - 1u) * K4 + k / 4u;
  let i = 4u * q * K4 + k / 4u;
  return mat4x4f(x[i], x[min(i + K4, last)], x[min(i + 2u * K4, last)], x[min(i + 3u * K4, last)]);
}

fn weight_column(j: u32) -> u32 {
  return min(4u * j, p.K - 4u);
}

var<private> slice: u32;  // that weight_store adds to

fn weight_store(m: u32, j: u32, low: vec4f, high: vec4f) {
  let K4 = p.K / 4u;
  let i = slice * (p.slice_stride / 4u) + m * K4 + j;
  if (j < K4) { dw[i] += low; }
  if (j + weight_HALF < K4) { dw[i + weight_HALF] += high; }
}

fn linear_backward(group: u32, lane: u32) {
  if (group < p.input_groups) {
    input_product(input_item(group, lane), lane, p.N, p.K / 4u, 0u, p.M / 4u);
    return;
  }
  let item = weight_item(group - p.input_groups, lane);
  let tiles = weight_tiles(p.M, p.K / 4u);
  let s = item / tiles;
  if (s >= p.S) { return; }
  slice = s;
  let quads = (p.N + 4u * p.S - 1u) / (4u * p.S);  // of rows in a slice
  let end = min((s + 1u) * quads, (p.N + 3u) / 4u);
  weight_product(item % tiles, lane, p.M, p.K / 4u, s * quads, end);
}
