// attention_cached_workgroup: as attention_cached, the lanes of a workgroup on several keys at a time.
//
//   s[j]   = q[n,h] · keys[row[n],j,g] / √D    for j = 0 … position[n], g = floor(h / (H/Hkv))
//   y[n,h] = sum_j softmax(s)[j] values[row[n],j,g]
//
// Sizes     N = new tokens, H = query heads, Hkv = key-value heads, D = head size, T = cache length
// Grid      one workgroup per (token, head). ACROSS lanes share a key, each with every ACROSS-th quad of
//           it, so that neighbors load what lies side by side; TEAMS such teams take every TEAMS-th key,
//           four at a time
// Numerics  each team an online softmax; the teams are merged in their order, by the shift to the common
//           maximum: every exp is ≤ 1
// Registers in floats a lane, addresses apart: 8·TURNS of query and sums, 28 on their way; 60 at D = 128
// Barriers  one for 4·TEAMS keys, as scores in the making alternate between two places, and one to merge
// Memory    2 + TURNS KiB and the teams' sums: 3.1 KiB up to D = 32, 6.1 KiB at 128
// Writes    y (overwritten)
// Needs     WG = 64, flat_group (prelude); D4 = D/4, ACROSS ≤ 8, a power of two, TURNS = ceil(D4 / ACROSS)
//           (const); the cache already holds the token's own key and value (qkv_rope_cached)
// Source    Milakov & Gimelshein 2018, "Online normalizer calculation for softmax"

struct Params {
  N: u32,
  H: u32,
  Hkv: u32,
  T: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> q: array<vec4f>;        // [N,H·D]
@group(0) @binding(2) var<storage, read> keys: array<vec4f>;     // [R,T,Hkv·D]
@group(0) @binding(3) var<storage, read> values: array<vec4f>;   // [R,T,Hkv·D]
@group(0) @binding(4) var<storage, read> row: array<i32>;        // [N]   of the cache
@group(0) @binding(5) var<storage, read> position: array<i32>;   // [N]   within its sequence
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;  // [N,H·D]

const SCALE = 1.0 / sqrt(f32(D4 * 4u));
const LOWEST = -0x1.fffffep127;
const TEAMS = WG / ACROSS;
const QUADS = TURNS * ACROSS;

var<workgroup> parts: array<vec4f, 2u * WG>;                     // of four scores, by lane, twice
var<workgroup> sums: array<vec2f, TEAMS>;                        // maximum, and sum of exponentials
var<workgroup> outs: array<vec4f, TEAMS * QUADS>;

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = flat_group(group, groups);
  if (item >= p.N * p.H) { return; }              // whole workgroup leaves together
  let n = item / p.H;
  let last = u32(position[n]);
  let team = lane / ACROSS;
  let x = lane % ACROSS;
  let width = p.Hkv * D4;                         // of a position of the cache
  let cache = u32(row[n]) * p.T * width + item % p.H * p.Hkv / p.H * D4;

  var query: array<vec4f, TURNS>;
  var acc: array<vec4f, TURNS>;
  for (var d = 0u; d < TURNS; d++) { // unrolled
    let quad = x + d * ACROSS;                    // past the head's end the last one again, times 0
    query[d] = select(vec4f(), q[item * D4 + min(quad, D4 - 1u)] * SCALE, quad < D4);
  }

  var top = LOWEST;
  var sum = 0.0;
  var place = 0u;
  for (var j = 0u; j <= last; j += 4u * TEAMS) {
    let ids = j + team + TEAMS * vec4u(0u, 1u, 2u, 3u);
    let at = cache + min(ids, vec4u(last)) * width;
    var part = vec4f();
    for (var d = 0u; d < TURNS; d++) { // unrolled
      let quad = min(x + d * ACROSS, D4 - 1u);
      part += vec4f(
        dot(query[d], keys[at.x + quad]), dot(query[d], keys[at.y + quad]),
        dot(query[d], keys[at.z + quad]), dot(query[d], keys[at.w + quad]),
      );
    }
    parts[place + lane] = part;
    workgroupBarrier();                           // whoever reads the other place is past it by the next
    var s = vec4f();
    for (var i = 0u; i < ACROSS; i++) {
      s += parts[place + team * ACROSS + i];
    }
    place = WG - place;

    s = select(vec4f(LOWEST), s, ids <= vec4u(last));
    let before = top;
    top = max(max(top, max(s.x, s.y)), max(s.z, s.w));
    let e = select(vec4f(), exp(s - top), ids <= vec4u(last));
    let shrink = exp(before - top);
    sum = sum * shrink + dot(e, vec4f(1.0));
    for (var d = 0u; d < TURNS; d++) { // unrolled
      let quad = min(x + d * ACROSS, D4 - 1u);
      acc[d] = acc[d] * shrink + e.x * values[at.x + quad] + e.y * values[at.y + quad]
        + e.z * values[at.z + quad] + e.w * values[at.w + quad];
    }
  }

  if (x == 0u) { sums[team] = vec2f(top, sum); }
  for (var d = 0u; d < TURNS; d++) { // unrolled
    outs[team * QUADS + d * ACROSS + x] = acc[d];
  }
  workgroupBarrier();
  if (lane >= D4) { return; }
  var all = sums[0].x;
  for (var t = 1u; t < TEAMS; t++) {
    all = max(all, sums[t].x);
  }
  var total = 0.0;
  var out = vec4f();
  for (var t = 0u; t < TEAMS; t++) {
    let share = exp(sums[t].x - all);             // 0 of a team that had no key
    total += sums[t].y * share;
    out += outs[t * QUADS + lane] * share;
  }
  y[item * D4 + lane] = out / total;              // >= 1 because exp(0) is one of its terms
}
