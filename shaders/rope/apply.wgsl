// rope_apply: rotates the query and key heads of each token by its position, in place.
//
//   (a, b) = (x[i], x[i + D/2])          for each pair i < D/2 of a head (Llama's rotate-half)
//   x[i]       = a·cos - direction·b·sin
//   x[i + D/2] = b·cos + direction·a·sin
//
// Backward  a rotation's transpose is its inverse: the same kernel with direction = -1 on dqkv
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size
// Grid      one invocation per (token, q or k head, pair)
// Numerics  cos and sin come from a table made in float64
// Writes    the q and k heads of qkv (in place); the v heads are left alone
// Needs     WG, flat_group (prelude); D (const)

struct Params {
  N: u32,
  H: u32,
  Hkv: u32,
  direction: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> position: array<i32>;   // [N]   within its sequence
@group(0) @binding(2) var<storage, read> table: array<f32>;      // [T,D] D/2 cosines | D/2 sines
@group(0) @binding(3) var<storage, read_write> qkv: array<f32>;  // [N,(H+2·Hkv)·D]  q | k | v

const PAIRS = D / 2u;

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let per_token = (p.H + p.Hkv) * PAIRS;
  let item = flat_group(group, groups) * WG + lane;
  if (item >= p.N * per_token) { return; }
  let n = item / per_token;
  let head = item % per_token / PAIRS;
  let i = item % PAIRS;

  let angle = u32(position[n]) * D + i;
  let c = table[angle];
  let s = p.direction * table[angle + PAIRS];

  let at = (n * (p.H + 2u * p.Hkv) + head) * D + i;
  let a = qkv[at];
  let b = qkv[at + PAIRS];
  qkv[at] = a * c - b * s;
  qkv[at + PAIRS] = b * c + a * s;
}
