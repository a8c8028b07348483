// attention_backward_query: gradient of the queries as they were before their rotation, and the row
// sums both backward kernels need.
//
//   delta[n,h] = dy[n,h] · y[n,h]
//   dq[n,h]    = 1/√D sum_j P[j] (dy[n,h] · v[j,g] - delta[n,h]) k[j,g], turned back by n's position
//
// Derivation  With s[j] = q·k[j]/√D, P = softmax(s) and y = sum_j P[j] v[j]:
//             dP[j] = dy·v[j];  ds[j] = P[j] (dP[j] - sum_l P[l] dP[l]);
//             sum_l P[l] dP[l] = dy · sum_l P[l] v[l] = dy·y = delta;  dq = sum_j ds[j] k[j] / √D.
//             P[j] = exp(s[j] - lse) is computed again instead of being kept. A rotation's
//             transpose is its inverse.
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size, a
//           multiple of 8
// Grid      as attention_forward's
// Writes    delta, and the q heads of dqkv (overwritten)
// Needs     WG, flat_group (prelude); lib/keys; D, D4 = D/4, D8 = D/8, ROWS, SPAN (const)
// Source    Dao et al. 2022, "FlashAttention", appendix B

struct Params {
  N: u32,
  H: u32,
  Hkv: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;         // [N,(H+2·Hkv)·D]  q | k | v
@group(0) @binding(2) var<storage, read> start: array<i32>;         // [N]     first token of the sequence
@group(0) @binding(3) var<storage, read> y: array<vec4f>;           // [N,H·D]
@group(0) @binding(4) var<storage, read> dy: array<vec4f>;          // [N,H·D]
@group(0) @binding(5) var<storage, read> lse: array<f32>;           // [N,H]   nats
@group(0) @binding(6) var<storage, read_write> delta: array<f32>;   // [N,H]
@group(0) @binding(7) var<storage, read> table: array<vec4f>;       // [T,D]   D/2 cosines | D/2 sines
@group(0) @binding(8) var<storage, read_write> dqkv: array<vec4f>;  // [N,(H+2·Hkv)·D]  dq | dk | dv

const SCALE = 1.0 / sqrt(f32(D));

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
  let width = (p.H + 2u * p.Hkv) * D4;            // of a row of qkv
  let key = (p.H + h * p.Hkv / p.H) * D4;         // of head g in a row

  var q: array<vec4f, ROWS * D4>;
  var dout: array<vec4f, ROWS * D4>;
  var dq: array<vec4f, ROWS * D4>;
  var mean: array<f32, ROWS>;
  var z: array<f32, ROWS>;
  var first: array<u32, ROWS>;
  for (var r = 0u; r < ROWS; r++) { // unrolled once
    let row = min(n + r, last);                   // rows past the end repeat it and are not stored
    first[r] = u32(start[row]);
    z[r] = lse[row * p.H + h];
    for (var d = 0u; d < D4; d++) { // unrolled once
      let at = (row * p.H + h) * D4 + d;
      q[r * D4 + d] = qkv[row * width + h * D4 + d] * SCALE;
      dout[r * D4 + d] = dy[at];
      mean[r] += dot(dout[r * D4 + d], y[at]);
    }
  }

  for (var j = u32(start[span]) / KEYS * KEYS; j <= last; j += KEYS) {
    var k: array<Quad, D4>;
    var s = array<Number, ROWS>();                  // scores of the keys, then their gradients
    var dprob = array<Number, ROWS>();
    for (var d = 0u; d < D4; d++) { // unrolled
      k[d] = bring(key_at(j + mine(lane), key + d));
      let v = bring(value_at(j + mine(lane), key + d));
      for (var r = 0u; r < ROWS; r++) { // unrolled
        s[r] += product(q[r * D4 + d], k[d]);
        dprob[r] += product(dout[r * D4 + d], v);
      }
    }
    let at = ids(j);
    for (var r = 0u; r < ROWS; r++) { // unrolled
      let is_seen = (at >= Id(first[r])) & (at <= Id(n + r));
      s[r] = select(Number(), exp(s[r] - z[r]) * (dprob[r] - mean[r]), is_seen);
    }
    for (var d = 0u; d < D4; d++) { // unrolled
      for (var r = 0u; r < ROWS; r++) { // unrolled
        dq[r * D4 + d] += k[d] * s[r];
      }
    }
  }

  for (var r = 0u; r < ROWS; r++) { // unrolled once
    if (n + r <= last) {
      delta[(n + r) * p.H + h] = mean[r];
      let query = (n + r) * width + h * D4;
      let angle = (n + r - first[r]) * D4;
      for (var d = 0u; d < D8; d++) { // unrolled once
        let cosine = table[angle + d] * SCALE;
        let sine = table[angle + D8 + d] * SCALE;
        let a = dq[r * D4 + d];
        let b = dq[r * D4 + D8 + d];
        dqkv[query + d] = a * cosine + b * sine;
        dqkv[query + D8 + d] = b * cosine - a * sine;
      }
    }
  }
}
