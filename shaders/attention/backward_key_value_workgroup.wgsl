// attention_backward_key_value_workgroup: as attention_backward_key_value, in blocks that pass through
// workgroup memory.
//
//   dk[j,g] = 1/√D sum_h sum_n P[n,h] (dy[n,h] · v[j,g] - delta[n,h]) q[n,h], turned back by j's position
//   dv[j,g] =      sum_h sum_n P[n,h] dy[n,h]
//
// over the query heads h of group g and the tokens n = j … end[j] - 1 that see token j.
//
// Derivation  As in backward_key_value.wgsl. With blocks of keys as rows and of queries as columns, the
//             scores are the product k qᵀ and the gradients of P the product v dyᵀ; P and what both make
//             of each other, ds, are the left sides of two more products, P dy and ds q.
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size, a multiple of 8
// Grid      one workgroup per (HEIGHT tokens, key-value head); a key's sums are of one workgroup, so no
//           atomics. The first tokens first, as most queries see a long sequence's
// Registers in floats a lane, addresses apart: 8·ROWS·CHUNKS sums, 8·ROWS shares and gradients, 4·ROWS + 16
//           on their way; 96 at D = 32 (ROWS = 4), 72 at 64, 88 at 96, 104 at 128 (ROWS = 2)
// Memory    8.25 KiB with ROWS = 4, 6.25 KiB with 2
// Barriers  8·CHUNKS for 32 queries
// Writes    the k and v heads of dqkv (overwritten)
// Needs     WG, flat_group (prelude); lib/blocks, lib/heads; D, D4 = D/4, D8 = D/8, CHUNKS,
//           PAIRS, ROWS (const); delta from attention_backward_query
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

var<workgroup> kept: array<vec2f, WIDTH>;  // lse and delta of the queries

fn out_at(n: u32, quad: u32) -> vec4f {
  return dy[min(n, p.N - 1u) * p.H * D4 + quad];
}

fn four_out(n: u32, quad: u32) -> mat4x4f {
  return mat4x4f(out_at(n, quad), out_at(n + 1u, quad), out_at(n + 2u, quad), out_at(n + 3u, quad));
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = flat_group(group, groups);
  let block = item / p.Hkv * HEIGHT;
  if (block >= p.N) { return; }                   // whole workgroup leaves together
  let g = item % p.Hkv;
  let last = min(block + HEIGHT, p.N) - 1u;
  let x = lane % SIDE;
  let j = block + lane / SIDE * ROWS;             // first of the lane's rows
  let width = (p.H + 2u * p.Hkv) * D4;            // of a row of qkv
  let key = (p.H + g) * D4;                       // of head g in a row
  let value = key + p.Hkv * D4;

  var dk: array<Rows, CHUNKS>;
  var dv: array<Rows, CHUNKS>;
  var stop: array<u32, ROWS>;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    stop[i] = u32(end[min(j + i, last)]);
  }

  for (var h = g * (p.H / p.Hkv); h < (g + 1u) * (p.H / p.Hkv); h++) {
    for (var n = block; n < u32(end[last]); n += WIDTH) {
      let four = n + lane / SIDE * 4u;            // the queries that the lane fetches
      var s = Rows();                             // scores of queries n + 4x …, then P
      var ds = Rows();
      for (var c = 0u; c < CHUNKS; c++) {
        let quad = head_quad(c, x);
        let k = rows_at(j, key + quad, has_quad(c, x));
        let q = four_at(four, h * D4 + quad);
        workgroupBarrier();                       // what is there has been read
        put_left(k, lane);
        put_turned(q, lane);
        if (lane < WIDTH) {
          let row = min(n + lane, p.N - 1u) * p.H + h;
          kept[lane] = vec2f(lse[row], delta[row]);
        }
        workgroupBarrier();
        s = with_product(s, 2u * PAIRS, lane);

        let v = rows_at(j, value + quad, has_quad(c, x));
        let dout = four_out(four, h * D4 + quad);
        workgroupBarrier();
        put_left(v, lane);
        put_turned(dout, lane);
        workgroupBarrier();
        ds = with_product(ds, 2u * PAIRS, lane);
      }

      let i4 = 4u * x;
      let rows = transpose(mat4x2f(kept[i4], kept[i4 + 1u], kept[i4 + 2u], kept[i4 + 3u]));
      let at = n + i4 + vec4u(0u, 1u, 2u, 3u);
      for (var i = 0u; i < ROWS; i++) { // unrolled
        let sees = (at >= vec4u(j + i)) & (at < vec4u(stop[i]));
        s[i] = select(vec4f(), exp(s[i] * SCALE - rows[0]), sees);
        ds[i] = s[i] * (ds[i] - rows[1]);
      }
      for (var c = 0u; c < CHUNKS; c++) { // unrolled
        workgroupBarrier();
        if (c == 0u) { put_left(s, lane); }
        put_right(four_out(four, h * D4 + head_quad(c, x)), lane);
        workgroupBarrier();
        dv[c] = with_product(dv[c], SIDE, lane);
      }
      for (var c = 0u; c < CHUNKS; c++) { // unrolled
        workgroupBarrier();
        if (c == 0u) { put_left(ds, lane); }
        put_right(four_at(four, h * D4 + head_quad(c, x)), lane);
        workgroupBarrier();
        dk[c] = with_product(dk[c], SIDE, lane);
      }
    }
  }

  for (var c = 0u; c < CHUNKS; c++) { // unrolled
    workgroupBarrier();
    put_left(dk[c], lane);
    workgroupBarrier();
    for (var i = 0u; i < ROWS; i++) { // unrolled
      if (j + i <= last && has_quad(c, x)) {
        let to = (j + i) * width + head_quad(c, x);
        let angle = (j + i - u32(start[j + i])) * D4 + head_quad(c, x) % D8;
        dqkv[to + key] = turned_back(dk[c], i, table[angle], table[angle + D8], lane) * SCALE;
        dqkv[to + value] = dv[c][i];
      }
    }
  }
}
