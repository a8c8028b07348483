// attention_forward_workgroup: as attention_forward, in blocks that pass through workgroup memory.
//
//   s[j]     = q[n,h] · k[j,g] / √D            for j = start[n] … n, g = floor(h / (H/Hkv))
//   lse[n,h] = log sum_j exp(s[j])
//   y[n,h]   = sum_j exp(s[j] - lse[n,h]) v[j,g]
//
// Derivation  The scores of HEIGHT queries and 32 keys are a product of blocks, summed chunk by chunk of a
//             head. Each lane keeps its part of every row's sum and brings it to the row's new maximum,
//             which the lanes of a row agree on; the exponentials then are the left side of a second
//             product, whose right side is v. Sequences lie end to end, so the keys that a block of
//             queries sees are without a gap: from the first query's start to the last query.
// Sizes     N = packed tokens, H = query heads, Hkv = key-value heads, D = head size, a multiple of 8
// Grid      one workgroup per (HEIGHT tokens, head); the last tokens first, as a long sequence's see most
// Numerics  online softmax: sums are rescaled to the largest score so far, so every exp is ≤ 1
// Registers in floats a lane, addresses apart: 4·ROWS·CHUNKS sums, 4·ROWS scores, 4·ROWS + 16 on their way;
//           64 at D = 32, 80 at 64 (ROWS = 4), 56 at 96, 64 at 128 (ROWS = 2)
// Memory    9 KiB with ROWS = 4, 7 KiB with 2
// Barriers  4·CHUNKS for 32 keys
// Writes    y, lse (overwritten); both are saved for the backward kernels
// Needs     WG, flat_group (prelude); lib/blocks, lib/heads; D, D4 = D/4, D8 = D/8, CHUNKS,
//           PAIRS, ROWS (const)
// Source    Dao 2023, "FlashAttention-2", algorithm 1

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
  let blocks = (p.N + HEIGHT - 1u) / HEIGHT;
  let item = flat_group(group, groups);
  if (item >= blocks * p.H) { return; }           // whole workgroup leaves together
  let h = item % p.H;
  let block = (blocks - 1u - item / p.H) * HEIGHT;
  let last = min(block + HEIGHT, p.N) - 1u;
  let x = lane % SIDE;
  let n = block + lane / SIDE * ROWS;             // first of the lane's rows
  let key = (p.H + h * p.Hkv / p.H) * D4;         // of head g in a row of qkv
  let value = key + p.Hkv * D4;

  var first: array<u32, ROWS>;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    first[i] = u32(start[min(n + i, last)]);
  }

  var acc: array<Rows, CHUNKS>;
  var top = vec4f(LOWEST);
  var sum = vec4f();                              // over the lane's own keys
  for (var j = u32(start[block]); j <= last; j += WIDTH) {
    let four = j + lane / SIDE * 4u;              // the keys that the lane fetches
    var s = Rows();                               // scores of keys j + 4x …, then their shares
    for (var c = 0u; c < CHUNKS; c++) {
      let quad = head_quad(c, x);
      let q = rows_at(n, h * D4 + quad, has_quad(c, x));
      let k = four_at(four, key + quad);
      workgroupBarrier();                         // what is there has been read
      put_left(q, lane);
      put_turned(k, lane);
      workgroupBarrier();
      s = with_product(s, 2u * PAIRS, lane);
    }

    let at = j + 4u * x + vec4u(0u, 1u, 2u, 3u);
    var high = vec4f(LOWEST);
    for (var i = 0u; i < ROWS; i++) { // unrolled
      let is_seen = (at >= vec4u(first[i])) & (at <= vec4u(n + i));
      s[i] = select(vec4f(LOWEST), s[i] * SCALE, is_seen);
      high[i] = max(max(s[i].x, s[i].y), max(s[i].z, s[i].w));
    }
    let before = top;
    top = max(top, row_max(high, lane));
    let shrink = exp(before - top);
    sum *= shrink;
    for (var i = 0u; i < ROWS; i++) { // unrolled
      s[i] = select(vec4f(), exp(s[i] - top[i]), s[i] > vec4f(LOWEST));
      sum[i] += dot(s[i], vec4f(1.0));
    }

    put_left(s, lane);
    for (var c = 0u; c < CHUNKS; c++) { // unrolled
      let v = four_at(four, value + head_quad(c, x));
      if (c > 0u) { workgroupBarrier(); }         // row_max had one
      put_right(v, lane);
      workgroupBarrier();
      for (var i = 0u; i < ROWS; i++) { // unrolled
        acc[c][i] *= shrink[i];
      }
      acc[c] = with_product(acc[c], SIDE, lane);
    }
  }

  sum = row_sum(sum, lane);                       // sum >= 1 because exp(0) is one of its terms
  for (var i = 0u; i < ROWS; i++) { // unrolled
    if (n + i <= last) {
      let out = (n + i) * p.H + h;
      if (x == 0u) { lse[out] = top[i] + log(sum[i]); }
      for (var c = 0u; c < CHUNKS; c++) { // unrolled
        if (has_quad(c, x)) { y[out * D4 + head_quad(c, x)] = acc[c][i] / sum[i]; }
      }
    }
  }
}
