// attention_cached: attention of new tokens over the keys and values kept in a cache.
//
//   s[j]   = q[n,h] · keys[row[n],j,g] / √D    for j = 0 … position[n], g = floor(h / (H/Hkv))
//   y[n,h] = sum_j softmax(s)[j] values[row[n],j,g]
//
// Sizes     N = new tokens, H = query heads, Hkv = key-value heads, D = head size, T = cache length
// Grid      one invocation per (token, head)
// Numerics  online softmax: sums are rescaled to the largest score so far, so every exp is ≤ 1
// Writes    y (overwritten)
// Needs     WG (prelude); Lane, row_of (lib/reduce.serial); D, D4 = D/4 (const); the cache already holds
//           the token's own key and value (qkv_rope_cached)
// Source    Milakov & Gimelshein 2018, "Online normalizer calculation for softmax"

struct Params {
  N: u32,
  H: u32,
  Hkv: u32,
  T: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> q: array<vec4f>;        // [N,H·D]
@group(0) @binding(2) var<storage, read> keys: array<vec4f>;     // [R,T,Hkv·D]
@group(0) @binding(3) var<storage, read> values: array<vec4f>;   // [R,T,Hkv·D]
@group(0) @binding(4) var<storage, read> row: array<i32>;        // [N]   of the cache
@group(0) @binding(5) var<storage, read> position: array<i32>;   // [N]   within its sequence
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;  // [N,H·D]

const SCALE = 1.0 / sqrt(f32(D));
const LOWEST = -0x1.fffffep127;

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  lane: Lane,
) {
  let item = row_of(group, groups, lane);
  if (item >= p.N * p.H) { return; }
  let n = item / p.H;
  let h = item % p.H;

  var query: array<vec4f, D4>;
  var acc: array<vec4f, D4>;
  for (var d = 0u; d < D4; d++) { // unrolled
    query[d] = q[item * D4 + d] * SCALE;
    acc[d] = vec4f();
  }

  var top = LOWEST;
  var sum = 0.0;
  let cache = u32(row[n]) * p.T;
  for (var j = 0u; j <= u32(position[n]); j++) {
    let at = ((cache + j) * p.Hkv + h * p.Hkv / p.H) * D4;
    var s = 0.0;
    for (var d = 0u; d < D4; d++) { // unrolled
      s += dot(query[d], keys[at + d]);
    }
    let high = max(top, s);
    let shrink = exp(top - high);
    let e = exp(s - high);
    top = high;
    sum = sum * shrink + e;
    for (var d = 0u; d < D4; d++) { // unrolled
      acc[d] = acc[d] * shrink + e * values[at + d];
    }
  }

  let inverse = 1.0 / sum;                        // sum >= 1 because exp(0) is one of its terms
  for (var d = 0u; d < D4; d++) { // unrolled
    y[item * D4 + d] = acc[d] * inverse;
  }
}
