// attention_forward: causal attention of packed sequences, without a T×T matrix.
//
//   s[j]     = q[n,h] · k[j,g] / √D            for j = start[n] … n, g = floor(h / (H/Hkv))
//   lse[n,h] = log sum_j exp(s[j])
//   y[n,h]   = sum_j exp(s[j] - lse[n,h]) v[j,g]
//
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size
// Grid      one invocation per (head, ROWS neighboring tokens), which share the keys they read
// Numerics  online softmax: sums are rescaled whenever a larger score comes, so every exp is ≤ 1
// Writes    y, lse (overwritten); both are saved for the backward kernels
// Needs     WG, flat_group (prelude); D, D4 = D/4, ROWS (const)
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

const SCALE = 1.0 / sqrt(f32(D));
const LOWEST = -0x1.fffffep127;

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let blocks = (p.N + ROWS - 1u) / ROWS;
  let item = flat_group(group, groups) * WG + lane;
  if (item >= blocks * p.H) { return; }
  let h = item / blocks;
  let n = item % blocks * ROWS;
  let last = min(n + ROWS, p.N) - 1u;             // rows past the end repeat it and are not stored
  let width = (p.H + 2u * p.Hkv) * D4;            // of a row of qkv
  let key = (p.H + h * p.Hkv / p.H) * D4;         // of head g in a row
  let value = key + p.Hkv * D4;

  var q: array<vec4f, ROWS * D4>;
  var acc: array<vec4f, ROWS * D4>;
  var top: array<f32, ROWS>;
  var sum: array<f32, ROWS>;
  var first: array<u32, ROWS>;
  for (var r = 0u; r < ROWS; r++) { // unrolled
    let row = min(n + r, last);
    first[r] = u32(start[row]);
    top[r] = LOWEST;
    for (var d = 0u; d < D4; d++) { // unrolled
      q[r * D4 + d] = qkv[row * width + h * D4 + d] * SCALE;
    }
  }

  for (var j = first[0]; j <= last; j++) {
    let row = j * width;
    var k: array<vec4f, D4>;
    var v: array<vec4f, D4>;
    for (var d = 0u; d < D4; d++) { // unrolled
      k[d] = qkv[row + key + d];
      v[d] = qkv[row + value + d];
    }
    for (var r = 0u; r < ROWS; r++) { // unrolled
      if (j >= first[r] && j <= n + r) {
        var s = 0.0;
        for (var d = 0u; d < D4; d++) { // unrolled
          s += dot(q[r * D4 + d], k[d]);
        }
        if (s > top[r]) {
          let shrink = exp(top[r] - s);
          sum[r] *= shrink;
          for (var d = 0u; d < D4; d++) { // unrolled
            acc[r * D4 + d] *= shrink;
          }
          top[r] = s;
        }
        let e = exp(s - top[r]);
        sum[r] += e;
        for (var d = 0u; d < D4; d++) { // unrolled
          acc[r * D4 + d] += e * v[d];
        }
      }
    }
  }

  for (var r = 0u; r < ROWS; r++) { // unrolled
    if (n + r <= last) {
      let out = (n + r) * p.H + h;
      lse[out] = top[r] + log(sum[r]);            // sum >= 1 because exp(0) is one of its terms
      for (var d = 0u; d < D4; d++) { // unrolled
        y[out * D4 + d] = acc[r * D4 + d] / sum[r];
      }
    }
  }
}
