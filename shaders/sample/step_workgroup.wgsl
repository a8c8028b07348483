// sample_step_workgroup: sample_step, which says what is drawn, with a workgroup for each row.
//
// Sizes, Random, Writes   as sample_step
// Grid      one row per workgroup
// Numerics  max-shifted. Of at most WG tokens the sums of the draw are those of sample_step, bit for bit; of
//           more, each lane adds its own neighbors first, and u within rounding of a step may fall on the
//           other side of it. What comes before a token is added in id order, not by rank: likewise for
//           top_p. logp differs by rounding. O(V / WG) without truncation, at most O(V² / WG) with
// Needs     WG (prelude); Lane, row_of, first, STRIDE, is_first, wg_sum, wg_max (lib/reduce); pcg4d, uniform01
//           (lib/random); lib/ranked

struct Params {
  B: u32,
  V: u32,
  stride: u32,       // numbers from one row of logits to the next
  stride_rows: u32,  // numbers from one slot of sampled and logp to the next
  temperature: f32,
  top_k: u32,        // 0 = off
  top_p: f32,        // >= 1 = off
  seed: u32,
  stream: u32,
  slot: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;         // [B,stride]
@group(0) @binding(2) var<storage, read> key: array<u32>;            // [B]   names the row to the generator
@group(0) @binding(3) var<storage, read_write> position: array<i32>; // [B]   of the last token; +1
@group(0) @binding(4) var<storage, read_write> token: array<i32>;    // [B]
@group(0) @binding(5) var<storage, read_write> sampled: array<i32>;  // [A,stride_rows]
@group(0) @binding(6) var<storage, read_write> logp: array<f32>;     // [A,stride_rows]  nats

var<workgroup> uniform_draw: f32;
var<workgroup> sums: array<f32, WG>;     // kept weight of each lane's tokens

fn least(id: u32, lane: Lane) -> u32 {
  return u32(-wg_max(-f32(id), lane));   // ids are exact in f32 up to 2^24
}

// First in rank of all tokens.
fn first_ranked(row: u32, lane: Lane) -> Ranked {
  var best = Ranked(LOWEST, p.V - 1u);
  for (var v = first(lane); v < p.V; v += STRIDE) {
    let it = Ranked(logits[row + v], v);
    if (comes_before(it, best)) { best = it; }
  }
  let top = wg_max(best.logit, lane);
  return Ranked(top, least(select(best.id, p.V - 1u, best.logit < top), lane));
}

// Last in rank of the tokens that are kept; each lane judges its own by all that come before.
fn last_kept(row: u32, best: Ranked, lane: Lane) -> Ranked {
  if (p.top_k == 0u && p.top_p >= 1.0) { return Ranked(LOWEST, p.V); }
  var total = 0.0;
  for (var v = first(lane); v < p.V; v += STRIDE) { total += weight(logits[row + v], best); }
  total = wg_sum(total, lane);
  let most = select(p.V, min(p.top_k, p.V), p.top_k > 0u);
  let enough = select(total * p.top_p, 2.0 * total, p.top_p >= 1.0);
  var last = best;
  for (var v = first(lane); v < p.V; v += STRIDE) {
    let it = Ranked(logits[row + v], v);
    var count = 0u;
    var mass = 0.0;
    for (var u = 0u; u < p.V && count < most && mass < enough; u++) {
      let other = Ranked(logits[row + u], u);
      if (comes_before(other, it)) {
        count += 1u;
        mass += weight(other.logit, best);
      }
    }
    if (count < most && mass < enough && comes_before(last, it)) { last = it; }
  }
  let lowest = -wg_max(-last.logit, lane);
  return Ranked(lowest, u32(wg_max(select(f32(last.id), 0.0, last.logit > lowest), lane)));
}

fn draw(row: u32, best: Ranked, u: f32, lane: Lane) -> u32 {
  let last = last_kept(row, best, lane);
  let share = (p.V + WG - 1u) / WG;      // neighbors, so that lanes follow each other in id order
  let begin = lane.id * share;
  let end = min(begin + share, p.V);
  var own = 0.0;
  for (var v = begin; v < end; v++) {
    let it = Ranked(logits[row + v], v);
    if (!comes_before(last, it)) { own += weight(it.logit, best); }
  }
  sums[lane.id] = own;
  workgroupBarrier();
  var sum = 0.0;                         // of the lanes before this one
  var total = 0.0;
  for (var i = 0u; i < WG; i++) {
    if (i == lane.id) { sum = total; }
    total += sums[i];
  }

  var drawn = 2u * p.V;                  // below V: a token above u · total; else the later, the smaller
  for (var v = begin; v < end && drawn >= p.V; v++) {
    let it = Ranked(logits[row + v], v);
    if (!comes_before(last, it)) {
      sum += weight(it.logit, best);
      drawn = select(2u * p.V - 1u - v, v, sum > u * total);
    }
  }
  let id = least(drawn, lane);
  return select(id, 2u * p.V - 1u - id, id >= p.V);  // rounding left none above: the last one kept
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  lane: Lane,
) {
  let b = row_of(group, groups, lane);
  if (b >= p.B) { return; }
  let at = p.slot * p.stride_rows + b;
  if (is_first(lane)) {
    position[b] += 1;
    uniform_draw = uniform01(pcg4d(vec4u(p.seed, p.stream, u32(position[b]), key[b])).x);
  }
  let u = workgroupUniformLoad(&uniform_draw);
  let row = b * p.stride;
  let best = first_ranked(row, lane);
  var id = best.id;
  if (p.temperature >= GREEDY_BELOW) { id = draw(row, best, u, lane); }
  var sum = 0.0;
  for (var v = first(lane); v < p.V; v += STRIDE) {
    sum += exp(logits[row + v] - best.logit);
  }
  sum = wg_sum(sum, lane);

  if (is_first(lane)) {
    token[b] = i32(id);
    sampled[at] = i32(id);
    logp[at] = logits[row + id] - best.logit - log(sum);
  }
}
