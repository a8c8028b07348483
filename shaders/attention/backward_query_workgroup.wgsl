// attention_backward_query_workgroup: as attention_backward_query, in blocks that pass through workgroup
// memory.
//
//   delta[n,h] = dy[n,h] · y[n,h]
//   dq[n,h]    = 1/√D sum_j P[j] (dy[n,h] · v[j,g] - delta[n,h]) k[j,g], turned back by n's position
//
// Derivation  As in backward_query.wgsl. With blocks of queries as rows and of keys as columns, the scores
//             are the product q kᵀ and the gradients of P the product dy vᵀ; what they make of each other,
//             ds, is the left side of a third product, ds k, which is the gradient.
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size, a multiple of 8
// Grid      as attention_forward_workgroup's
// Registers in floats a lane, addresses apart: 4·ROWS·CHUNKS sums, 8·ROWS scores and gradients, 4·ROWS + 16
//           on their way; 80 at D = 32, 96 at 64 (ROWS = 4), 64 at 96, 72 at 128 (ROWS = 2)
// Memory    9 KiB with ROWS = 4, 7 KiB with 2
// Barriers  6·CHUNKS for 32 keys
// Writes    delta, and the q heads of dqkv (overwritten)
// Needs     WG, flat_group (prelude); lib/blocks, lib/heads; D, D4 = D/4, D8 = D/8, CHUNKS,
//           PAIRS, ROWS (const)
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

fn out_rows(n: u32, quad: u32, has: bool) -> Rows {
  var rows: Rows;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    rows[i] = select(vec4f(), dy[min(n + i, p.N - 1u) * p.H * D4 + quad], has);
  }
  return rows;
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let blocks = (p.N + HEIGHT - 1u) / HEIGHT;
  let item = flat_group(group, groups);
  if (item >= blocks * p.H) { return; }           // whole workgroup leaves together
  let h = item % p.H;
  let block = (blocks - 1u - item / p.H) * HEIGHT;
  let last = min(block + HEIGHT, p.N) - 1u;
  let x = lane % SIDE;
  let n = block + lane / SIDE * ROWS;             // first of the lane's rows
  let width = (p.H + 2u * p.Hkv) * D4;            // of a row of qkv
  let key = (p.H + h * p.Hkv / p.H) * D4;         // of head g in a row
  let value = key + p.Hkv * D4;

  var dq: array<Rows, CHUNKS>;
  var z: array<f32, ROWS>;
  var first: array<u32, ROWS>;
  var mean = vec4f();
  for (var i = 0u; i < ROWS; i++) { // unrolled
    let row = min(n + i, last);                   // rows past the end repeat it and are not stored
    first[i] = u32(start[row]);
    z[i] = lse[row * p.H + h];
    for (var quad = x; quad < D4; quad += SIDE) {
      let at = (row * p.H + h) * D4 + quad;
      mean[i] += dot(dy[at], y[at]);
    }
  }
  mean = row_sum(mean, lane);

  for (var j = u32(start[block]); j <= last; j += WIDTH) {
    let four = j + lane / SIDE * 4u;              // the keys that the lane fetches
    var s = Rows();                               // scores of keys j + 4x …, then their gradients
    var dprob = Rows();
    for (var c = 0u; c < CHUNKS; c++) {
      let quad = head_quad(c, x);
      let q = rows_at(n, h * D4 + quad, has_quad(c, x));
      let k = four_at(four, key + quad);
      workgroupBarrier();                         // what is there has been read
      put_left(q, lane);
      put_turned(k, lane);
      workgroupBarrier();
      s = with_product(s, 2u * PAIRS, lane);

      let dout = out_rows(n, h * D4 + quad, has_quad(c, x));
      let v = four_at(four, value + quad);
      workgroupBarrier();
      put_left(dout, lane);
      put_turned(v, lane);
      workgroupBarrier();
      dprob = with_product(dprob, 2u * PAIRS, lane);
    }

    let at = j + 4u * x + vec4u(0u, 1u, 2u, 3u);
    for (var i = 0u; i < ROWS; i++) { // unrolled
      let is_seen = (at >= vec4u(first[i])) & (at <= vec4u(n + i));
      s[i] = select(vec4f(), exp(s[i] * SCALE - z[i]) * (dprob[i] - mean[i]), is_seen);
    }
    for (var c = 0u; c < CHUNKS; c++) { // unrolled
      let k = four_at(four, key + head_quad(c, x));
      workgroupBarrier();
      if (c == 0u) { put_left(s, lane); }
      put_right(k, lane);
      workgroupBarrier();
      dq[c] = with_product(dq[c], SIDE, lane);
    }
  }

  for (var c = 0u; c < CHUNKS; c++) { // unrolled
    workgroupBarrier();
    put_left(dq[c], lane);
    workgroupBarrier();
    for (var i = 0u; i < ROWS; i++) { // unrolled
      if (n + i <= last && has_quad(c, x)) {
        let angle = (n + i - first[i]) * D4 + head_quad(c, x) % D8;
        let turned = turned_back(dq[c], i, table[angle], table[angle + D8], lane);
        dqkv[(n + i) * width + h * D4 + head_quad(c, x)] = turned * SCALE;
      }
    }
  }
  if (x == 0u) {
    for (var i = 0u; i < ROWS; i++) { // unrolled
      if (n + i <= last) { delta[(n + i) * p.H + h] = mean[i]; }
    }
  }
}
