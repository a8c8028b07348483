// kv_append_copy: puts the key and value of each new token into the cache.
//
//   keys[row[n] + i, position[n]]   = k[n]     i = 0 … fan - 1: neighboring rows that share
//   values[row[n] + i, position[n]] = v[n]     the token, such as the prompt of a group
//
// Sizes     N = new tokens, H = query heads, Hkv = key-value heads, D = head size, T = cache length
// Grid      one invocation per (token, four numbers of its key or value)
// Writes    `fan` rows of keys and of values per token; no two tokens share (row, position)
// Needs     WG, flat_group (prelude); D (const)

struct Params {
  N: u32,
  H: u32,
  Hkv: u32,
  T: u32,
  fan: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;           // [N,(H+2·Hkv)·D]  q | k | v
@group(0) @binding(2) var<storage, read> row: array<i32>;             // [N]   of the cache
@group(0) @binding(3) var<storage, read> position: array<i32>;        // [N]   within its sequence
@group(0) @binding(4) var<storage, read_write> keys: array<vec4f>;    // [R,T,Hkv·D]
@group(0) @binding(5) var<storage, read_write> values: array<vec4f>;  // [R,T,Hkv·D]

const D4 = D / 4u;

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let kv_width = p.Hkv * D4;
  let item = flat_group(group, groups) * WG + lane;
  if (item >= p.N * 2u * kv_width) { return; }
  let n = item / (2u * kv_width);
  let c = item % (2u * kv_width);                 // k | v
  let x = qkv[n * (p.H * D4 + 2u * kv_width) + p.H * D4 + c];
  for (var i = 0u; i < p.fan; i++) {
    let to = ((u32(row[n]) + i) * p.T + u32(position[n])) * kv_width;
    if (c < kv_width) {
      keys[to + c] = x;
    } else {
      values[to + c - kv_width] = x;
    }
  }
}
