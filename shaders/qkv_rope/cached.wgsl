// qkv_rope_cached: as qkv_rope_forward, with keys and values put into a cache.
//
//   keys[row[n] + i, position[n]]   = k[n]     i = 0 … fan - 1: neighboring rows that share
//   values[row[n] + i, position[n]] = v[n]     the token, such as the prompt of a group
//
// Sizes     N = new tokens, K = inputs, H = query heads, Hkv = key-value heads, D = head size, a
//           multiple of 8, T = cache length
// Grid      one tile of q | k | v per invocation or workgroup, as lib/tile decides; a tile pairs both
//           halves of a head
// Writes    q (overwritten); `fan` rows of keys and of values per token; no two tokens share
//           (row, position)
// Needs     WG, flat_group (prelude); D (const); lib/linear; tile<forward>

struct Params {
  N: u32,
  K: u32,
  H: u32,
  Hkv: u32,
  T: u32,
  fan: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;             // [N,K]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;             // [(H+2·Hkv)·D,K]
@group(0) @binding(3) var<storage, read> row: array<i32>;             // [N]   of the cache
@group(0) @binding(4) var<storage, read> position: array<i32>;        // [N]   within its sequence
@group(0) @binding(5) var<storage, read> table: array<vec4f>;         // [T,D] D/2 cosines | D/2 sines
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;       // [N,H·D]
@group(0) @binding(7) var<storage, read_write> keys: array<vec4f>;    // [R,T,Hkv·D]
@group(0) @binding(8) var<storage, read_write> values: array<vec4f>;  // [R,T,Hkv·D]

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
  let angle = u32(position[n]) * D4 + i % D8;
  let cosine = table[angle];
  let sine = table[angle + D8];
  let first = low * cosine - high * sine;
  let second = high * cosine + low * sine;
  if (head < p.H) {
    let at = (n * p.H + head) * D4 + i % D8;
    y[at] = first;
    y[at + D8] = second;
    return;
  }
  for (var f = 0u; f < p.fan; f++) {
    let place = ((u32(row[n]) + f) * p.T + u32(position[n])) * p.Hkv;
    if (head < p.H + p.Hkv) {
      let at = (place + head - p.H) * D4 + i % D8;
      keys[at] = first;
      keys[at + D8] = second;
    } else {
      let at = (place + head - p.H - p.Hkv) * D4 + i % D8;
      values[at] = low;
      values[at + D8] = high;
    }
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
