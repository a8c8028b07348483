// attention_backward_key_value: gradients of the values, and of the keys as they were before their
// rotation.
//
//   dk[j,g] = 1/√D sum_h sum_n P[n,h] (dy[n,h] · v[j,g] - delta[n,h]) q[n,h], turned back by j's position
//   dv[j,g] =      sum_h sum_n P[n,h] dy[n,h]
//
// over the query heads h of group g and the tokens n = j … end[j] - 1 that see token j.
//
// Derivation  As in backward_query.wgsl; y[n,h] = sum_j P[n,h,j] v[j] gives dv[j] = sum P dy, and
//             s[n,h,j] = q[n,h]·k[j]/√D gives dk[j] = sum ds q / √D. The heads of a group share
//             their key and value, so their gradients add up.
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size, a
//           multiple of 8
// Grid      one invocation per (key-value head, ROWS neighboring tokens); SPAN neighboring tokens of one
//           head or more invocations go through the queries that see them together, KEYS at a time; an
//           invocation's sums are nobody else's, so no atomics
// Writes    the k and v heads of dqkv (overwritten)
// Needs     WG, flat_group (prelude); lib/keys; D, D4 = D/4, D8 = D/8, ROWS, SPAN
//           (const); delta from attention_backward_query
// Source    Dao et al. 2022, "FlashAttention", appendix B

struct Params {
  N: u32,
  H: u32,
  Hkv: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;         // [N,(H+2·Hkv)·D]  q | k | v
@group(0) @binding(2) var<storage, read> end: array<i32>;           // [N]     one past the sequence
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;          // [N,H·D]
@group(0) @binding(4) var<storage, read> lse: array<f32>;           // [N,H]   nats
@group(0) @binding(5) var<storage, read> delta: array<f32>;         // [N,H]
@group(0) @binding(6) var<storage, read> start: array<i32>;         // [N]     first token of the sequence
@group(0) @binding(7) var<storage, read> table: array<vec4f>;       // [T,D]   D/2 cosines | D/2 sines
@group(0) @binding(8) var<storage, read_write> dqkv: array<vec4f>;  // [N,(H+2·Hkv)·D]  dq | dk | dv

const SCALE = 1.0 / sqrt(f32(D));

fn query_at(n: u32, d: u32) -> vec4f {
  return qkv[min(n, p.N - 1u) * (p.H + 2u * p.Hkv) * D4 + d];
}

fn out_at(n: u32, d: u32) -> vec4f {
  return dy[min(n, p.N - 1u) * p.H * D4 + d];
}

// What the queries of head h keep of their softmax.
fn row_at(n: u32, h: u32) -> vec4f {
  let i = min(n, p.N - 1u) * p.H + h;
  return vec4f(lse[i], delta[i], 0.0, 0.0);
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let blocks = (p.N + SPAN - 1u) / SPAN * (SPAN / ROWS);
  let item = flat_group(group, groups) * WG + lane;
  if (item >= blocks * p.Hkv) { return; }
  let g = item / blocks;
  let j = item % blocks * ROWS;
  let span = j / SPAN * SPAN;
  let last = min(span + SPAN, p.N) - 1u;
  let shared_by = p.H / p.Hkv;
  let width = (p.H + 2u * p.Hkv) * D4;            // of a row of qkv
  let key = (p.H + g) * D4;                       // of head g in a row
  let value = key + p.Hkv * D4;

  var k: array<vec4f, ROWS * D4>;
  var v: array<vec4f, ROWS * D4>;
  var dk: array<vec4f, ROWS * D4>;
  var dv: array<vec4f, ROWS * D4>;
  var stop: array<u32, ROWS>;
  for (var r = 0u; r < ROWS; r++) { // unrolled once
    let row = min(j + r, last);                   // rows past the end repeat it and are not stored
    stop[r] = u32(end[row]);
    for (var d = 0u; d < D4; d++) { // unrolled once
      k[r * D4 + d] = qkv[row * width + key + d] * SCALE;
      v[r * D4 + d] = qkv[row * width + value + d];
    }
  }

  for (var h = g * shared_by; h < (g + 1u) * shared_by; h++) {
    for (var n = span; n < u32(end[last]); n += KEYS) {
      var q: array<Quad, D4>;
      var dout: array<Quad, D4>;
      var s = array<Number, ROWS>();                // scores of the queries
      var dprob = array<Number, ROWS>();
      for (var d = 0u; d < D4; d++) { // unrolled
        q[d] = bring(query_at(n + mine(lane), h * D4 + d));
        dout[d] = bring(out_at(n + mine(lane), h * D4 + d));
        for (var r = 0u; r < ROWS; r++) { // unrolled
          s[r] += product(k[r * D4 + d], q[d]);
          dprob[r] += product(v[r * D4 + d], dout[d]);
        }
      }
      let row = parts(bring(row_at(n + mine(lane), h)));
      let at = ids(n);
      for (var r = 0u; r < ROWS; r++) { // unrolled
        let sees = (at >= Id(j + r)) & (at < Id(stop[r]));
        let prob = select(Number(), exp(s[r] - row[0]), sees);
        let ds = prob * (dprob[r] - row[1]);
        for (var d = 0u; d < D4; d++) { // unrolled
          dk[r * D4 + d] += q[d] * ds;
          dv[r * D4 + d] += dout[d] * prob;
        }
      }
    }
  }

  for (var r = 0u; r < ROWS; r++) { // unrolled once
    if (j + r <= last) {
      let to = (j + r) * width;
      let angle = (j + r - u32(start[j + r])) * D4;
      for (var d = 0u; d < D8; d++) { // unrolled once
        let cosine = table[angle + d] * SCALE;
        let sine = table[angle + D8 + d] * SCALE;
        let a = dk[r * D4 + d];
        let b = dk[r * D4 + D8 + d];
        dqkv[to + key + d] = a * cosine + b * sine;
        dqkv[to + key + D8 + d] = b * cosine - a * sine;
      }
      for (var d = 0u; d < D4; d++) { // unrolled once
        dqkv[to + value + d] = dv[r * D4 + d];
      }
    }
  }
}
