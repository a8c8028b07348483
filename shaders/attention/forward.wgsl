// attention_forward: causal attention of packed sequences, without a T×T matrix.
//
//   s[j]     = q[n,h] · k[j,g] / √D            for j = start[n] … n, g = floor(h / (H/Hkv))
//   lse[n,h] = log sum_j exp(s[j])
//   y[n,h]   = sum_j exp(s[j] - lse[n,h]) v[j,g]
//
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size
// Grid      one invocation per (head, token); neighbors share a head and mostly the keys they read
// Numerics  online softmax: sums are rescaled whenever a larger score comes, so every exp is ≤ 1
// Writes    y, lse (overwritten); both are saved for the backward kernels
// Needs     WG, flat_group (prelude); D (const)
// Source    Milakov & Gimelshein 2018, "Online normalizer calculation for softmax"

struct Params {
  N: u32,
  H: u32,
  Hkv: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;      // [N,(H+2·Hkv)·D]  q | k | v
@group(0) @binding(2) var<storage, read> start: array<i32>;      // [N]     first token of the sequence
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;  // [N,H·D]
@group(0) @binding(4) var<storage, read_write> lse: array<f32>;  // [N,H]   nats

const D4 = D / 4u;
const SCALE = 1.0 / sqrt(f32(D));
const LOWEST = -0x1.fffffep127;

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = flat_group(group, groups) * WG + lane;
  if (item >= p.N * p.H) { return; }
  let h = item / p.N;
  let n = item % p.N;
  let width = (p.H + 2u * p.Hkv) * D4;            // of a row of qkv
  let key = (p.H + h * p.Hkv / p.H) * D4;         // of head g in a row
  let value = key + p.Hkv * D4;

  var q: array<vec4f, D4>;
  var acc: array<vec4f, D4>;
  for (var d = 0u; d < D4; d++) {
    q[d] = qkv[n * width + h * D4 + d] * SCALE;
    acc[d] = vec4f();
  }

  var top = LOWEST;
  var sum = 0.0;
  for (var j = u32(start[n]); j <= n; j++) {
    let row = j * width;
    var s = 0.0;
    for (var d = 0u; d < D4; d++) {
      s += dot(q[d], qkv[row + key + d]);
    }
    if (s > top) {
      let shrink = exp(top - s);
      sum *= shrink;
      for (var d = 0u; d < D4; d++) {
        acc[d] *= shrink;
      }
      top = s;
    }
    let e = exp(s - top);
    sum += e;
    for (var d = 0u; d < D4; d++) {
      acc[d] += e * qkv[row + value + d];
    }
  }

  lse[n * p.H + h] = top + log(sum);              // sum >= 1 because exp(0) is one of its terms
  for (var d = 0u; d < D4; d++) {
    y[(n * p.H + h) * D4 + d] = acc[d] / sum;
  }
}
