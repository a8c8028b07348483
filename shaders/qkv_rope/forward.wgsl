// qkv_rope_forward: queries, keys and values of each token; queries and keys rotated by its position.
//
//   qkv[n,:]  = x[n,:] wᵀ                                   q heads | k heads | v heads
//   (a, b)    = (qkv[n,h,i], qkv[n,h,i + D/2])              for each pair i < D/2 of a q or k head h
//   qkv[n,h,i]       = a cos - b sin                        (Llama's rotate-half)
//   qkv[n,h,i + D/2] = b cos + a sin
//
// Sizes     N = packed tokens, K = inputs, H = query heads, Hkv = key-value heads, D = head size, a
//           multiple of 8
// Grid      one tile of qkv per invocation or workgroup, as lib/tile decides; a tile pairs both
//           halves of a head
// Numerics  cos and sin come from a table made in float64
// Writes    qkv (overwritten)
// Needs     WG, flat_group (prelude); D (const); lib/linear; tile<forward>
// Source    Su et al. 2021, "RoFormer"

struct Params {
  N: u32,
  K: u32,
  H: u32,
  Hkv: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;          // [N,K]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;          // [(H+2·Hkv)·D,K]
@group(0) @binding(3) var<storage, read> position: array<i32>;     // [N]   within its sequence
@group(0) @binding(4) var<storage, read> table: array<vec4f>;      // [T,D] D/2 cosines | D/2 sines
@group(0) @binding(5) var<storage, read_write> qkv: array<vec4f>;  // [N,(H+2·Hkv)·D]

const D4 = D / 4u;
const D8 = D / 8u;

fn forward_column(j: u32) -> u32 {
  let i = min(paired(j), (p.H + 2u * p.Hkv) * D8 - 1u);
  return 4u * (i / D8 * D4 + i % D8 + select(0u, D8, is_second(j)));
}

fn forward_store(n: u32, j: u32, low: vec4f, high: vec4f) {
  let i = paired(j);
  let head = i / D8;
  if (head >= p.H + 2u * p.Hkv) { return; }
  let at = (n * (p.H + 2u * p.Hkv) + head) * D4 + i % D8;
  if (head >= p.H + p.Hkv) {
    qkv[at] = low;
    qkv[at + D8] = high;
  } else {
    let angle = u32(position[n]) * D4 + i % D8;
    let cosine = table[angle];
    let sine = table[angle + D8];
    qkv[at] = low * cosine - high * sine;
    qkv[at + D8] = high * cosine + low * sine;
  }
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = forward_item(flat_group(group, groups), lane);
  forward_product(tile, lane, p.N, (p.H + 2u * p.Hkv) * D4, 0u, p.K / 4u);
}
