// rope_apply: rotates the query and key heads of each token by its position, in place.
//
//   (a, b) = (x[i], x[i + D/2])          for each pair i < D/2 of a head (Llama's rotate-half)
//   x[i]       = a·cos - direction·b·sin
//   x[i + D/2] = b·cos + direction·a·sin
//
// Backward  a rotation's transpose is its inverse: the same kernel with direction = -1 on dqkv
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size
// Grid      one invocation per (token, q or k head), which turns its pairs one by one
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
  let item = flat_group(group, groups) * WG + lane;
  if (item >= p.N * (p.H + p.Hkv)) { return; }
  let n = item / (p.H + p.Hkv);
  let head = item % (p.H + p.Hkv);
  let angle = u32(position[n]) * D;
  let at = (n * (p.H + 2u * p.Hkv) + head) * D;
  for (var i = 0u; i < PAIRS; i++) {
    let c = table[angle + i];
    let s = p.direction * table[angle + PAIRS + i];
    let a = qkv[at + i];
    let b = qkv[at + PAIRS + i];
    qkv[at + i] = a * c - b * s;
    qkv[at + PAIRS + i] = b * c + a * s;
  }
}
