// attention_backward_key_value: gradients of the keys and the values.
//
//   dk[j,g] = 1/√D sum_h sum_n P[n,h] (dy[n,h] · v[j,g] - delta[n,h]) q[n,h]
//   dv[j,g] =      sum_h sum_n P[n,h] dy[n,h]
//
// over the query heads h of group g and the tokens n = j … end[j] - 1 that see token j.
//
// Derivation  As in backward_query.wgsl; y[n,h] = sum_j P[n,h,j] v[j] gives dv[j] = sum P dy, and
//             s[n,h,j] = q[n,h]·k[j]/√D gives dk[j] = sum ds q / √D. The heads of a group share
//             their key and value, so their gradients add up.
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size
// Grid      one invocation per (key-value head, token): its sums are nobody else's, so no atomics
// Writes    the k and v heads of dqkv (overwritten)
// Needs     WG, flat_group (prelude); D (const); delta from attention_backward_query
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
@group(0) @binding(6) var<storage, read_write> dqkv: array<vec4f>;  // [N,(H+2·Hkv)·D]  dq | dk | dv

const D4 = D / 4u;
const SCALE = 1.0 / sqrt(f32(D));

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = flat_group(group, groups) * WG + lane;
  if (item >= p.N * p.Hkv) { return; }
  let g = item / p.N;
  let j = item % p.N;
  let shared_by = p.H / p.Hkv;
  let width = (p.H + 2u * p.Hkv) * D4;            // of a row of qkv
  let key = j * width + (p.H + g) * D4;
  let value = key + p.Hkv * D4;

  var k: array<vec4f, D4>;
  var v: array<vec4f, D4>;
  var dk: array<vec4f, D4>;
  var dv: array<vec4f, D4>;
  for (var d = 0u; d < D4; d++) {
    k[d] = qkv[key + d] * SCALE;
    v[d] = qkv[value + d];
    dk[d] = vec4f();
    dv[d] = vec4f();
  }

  for (var h = g * shared_by; h < (g + 1u) * shared_by; h++) {
    for (var n = j; n < u32(end[j]); n++) {
      let query = n * width + h * D4;
      let out = (n * p.H + h) * D4;
      var s = 0.0;
      var dprob = 0.0;
      for (var d = 0u; d < D4; d++) {
        s += dot(qkv[query + d], k[d]);
        dprob += dot(dy[out + d], v[d]);
      }
      let prob = exp(s - lse[n * p.H + h]);
      let ds = prob * (dprob - delta[n * p.H + h]);
      for (var d = 0u; d < D4; d++) {
        dk[d] += ds * qkv[query + d];
        dv[d] += prob * dy[out + d];
      }
    }
  }

  for (var d = 0u; d < D4; d++) {
    dqkv[key + d] = dk[d] * SCALE;
    dqkv[value + d] = dv[d];
  }
}
