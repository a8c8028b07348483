// attention_forward: causal attention of packed sequences, without a T×T matrix.
//
//   s[j]     = q[n,h] · k[j,g] / √D            for j = start[n] … n, g = floor(h / (H/Hkv))
//   lse[n,h] = log sum_j exp(s[j])
//   y[n,h]   = sum_j exp(s[j] - lse[n,h]) v[j,g]
//
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size
// Grid      one invocation per (head, ROWS neighboring tokens); SPAN neighboring tokens of one head or
//           more invocations go through the same keys together, KEYS at a time
// Numerics  online softmax: sums are rescaled to the largest score so far, so every exp is ≤ 1
// Writes    y, lse (overwritten); both are saved for the backward kernels
// Needs     WG, flat_group (prelude); lib/keys; D, D4 = D/4, ROWS, SPAN (const)
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

fn key_at(j: u32, d: u32) -> vec4f {
  return qkv[min(j, p.N - 1u) * (p.H + 2u * p.Hkv) * D4 + d];
}

fn value_at(j: u32, d: u32) -> vec4f {
  return key_at(j, p.Hkv * D4 + d);
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let blocks = (p.N + SPAN - 1u) / SPAN * (SPAN / ROWS);
  let item = flat_group(group, groups) * WG + lane;
  if (item >= blocks * p.H) { return; }
  let h = item / blocks;
  let n = item % blocks * ROWS;
  let span = n / SPAN * SPAN;
  let last = min(span + SPAN, p.N) - 1u;
  let key = (p.H + h * p.Hkv / p.H) * D4;         // of head g in a row of qkv

  var q: array<vec4f, ROWS * D4>;
  var acc: array<vec4f, ROWS * D4>;
  var top: array<f32, ROWS>;
  var sum: array<f32, ROWS>;
  var first: array<u32, ROWS>;
  for (var r = 0u; r < ROWS; r++) { // unrolled once
    let row = min(n + r, last);                   // rows past the end repeat it and are not stored
    first[r] = u32(start[row]);
    top[r] = LOWEST;
    for (var d = 0u; d < D4; d++) { // unrolled once
      q[r * D4 + d] = qkv[row * (p.H + 2u * p.Hkv) * D4 + h * D4 + d] * SCALE;
    }
  }

  for (var j = u32(start[span]) / KEYS * KEYS; j <= last; j += KEYS) {
    var s = array<Number, ROWS>();                  // scores of the keys, then their shares
    for (var d = 0u; d < D4; d++) { // unrolled
      let k = bring(key_at(j + mine(lane), key + d));
      for (var r = 0u; r < ROWS; r++) { // unrolled
        s[r] += product(q[r * D4 + d], k);
      }
    }
    let at = ids(j);
    var shrink = array<f32, ROWS>();                // of the sums so far: 1 where no score is larger
    for (var r = 0u; r < ROWS; r++) { // unrolled
      let is_seen = (at >= Id(first[r])) & (at <= Id(n + r));
      let seen = select(Number(LOWEST), s[r], is_seen);
      let high = max(top[r], largest(seen));
      shrink[r] = exp(top[r] - high);
      s[r] = select(Number(), exp(seen - high), is_seen);
      top[r] = high;
      sum[r] = sum[r] * shrink[r] + total(s[r]);
    }
    for (var d = 0u; d < D4; d++) { // unrolled
      let v = bring(value_at(j + mine(lane), key + d));
      for (var r = 0u; r < ROWS; r++) { // unrolled
        acc[r * D4 + d] = acc[r * D4 + d] * shrink[r] + v * s[r];
      }
    }
  }

  for (var r = 0u; r < ROWS; r++) { // unrolled once
    if (n + r <= last) {
      let out = (n + r) * p.H + h;
      lse[out] = top[r] + log(sum[r]);            // sum >= 1 because exp(0) is one of its terms
      for (var d = 0u; d < D4; d++) { // unrolled once
        y[out * D4 + d] = acc[r * D4 + d] / sum[r];
      }
    }
  }
}
