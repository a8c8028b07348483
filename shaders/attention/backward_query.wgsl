// attention_backward_query: gradient of the queries, and the row sums both backward kernels need.
//
//   delta[n,h] = dy[n,h] · y[n,h]
//   dq[n,h]    = 1/√D sum_j P[j] (dy[n,h] · v[j,g] - delta[n,h]) k[j,g]
//
// Derivation  With s[j] = q·k[j]/√D, P = softmax(s) and y = sum_j P[j] v[j]:
//             dP[j] = dy·v[j];  ds[j] = P[j] (dP[j] - sum_l P[l] dP[l]);
//             sum_l P[l] dP[l] = dy · sum_l P[l] v[l] = dy·y = delta;  dq = sum_j ds[j] k[j] / √D.
//             P[j] = exp(s[j] - lse) is computed again instead of being kept.
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size
// Grid      one invocation per (head, token)
// Writes    delta, and the q heads of dqkv (overwritten)
// Needs     WG, flat_group (prelude); D (const)
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
@group(0) @binding(7) var<storage, read_write> dqkv: array<vec4f>;  // [N,(H+2·Hkv)·D]  dq | dk | dv

const D4 = D / 4u;
const SCALE = 1.0 / sqrt(f32(D));

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
  let query = n * width + h * D4;

  var q: array<vec4f, D4>;
  var dout: array<vec4f, D4>;
  var dq: array<vec4f, D4>;
  var mean = 0.0;
  for (var d = 0u; d < D4; d++) {
    let at = (n * p.H + h) * D4 + d;
    q[d] = qkv[query + d] * SCALE;
    dout[d] = dy[at];
    dq[d] = vec4f();
    mean += dot(dout[d], y[at]);
  }

  let z = lse[n * p.H + h];
  for (var j = u32(start[n]); j <= n; j++) {
    let row = j * width;
    var s = 0.0;
    var dprob = 0.0;
    for (var d = 0u; d < D4; d++) {
      s += dot(q[d], qkv[row + key + d]);
      dprob += dot(dout[d], qkv[row + value + d]);
    }
    let ds = exp(s - z) * (dprob - mean);
    for (var d = 0u; d < D4; d++) {
      dq[d] += ds * qkv[row + key + d];
    }
  }

  delta[n * p.H + h] = mean;
  for (var d = 0u; d < D4; d++) {
    dqkv[query + d] = dq[d] * SCALE;
  }
}
