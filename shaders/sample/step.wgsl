// sample_step: draws the next token of each row and scores it.
//
//   weight[v] = exp((logits[b,v] - max) / temperature)
//   kept      = tokens by falling logit (then rising id) while fewer than top_k come before and
//               these hold less than top_p of all weight
//   token[b]  = first kept v with sum_{u ≤ v kept} weight[u] > uniform · sum_kept weight
//   logp      = log softmax(logits[b])[token[b]]       (temperature 1, nothing cut off)
//
// Temperature 0 takes the largest logit, the lowest id among equals; so does one below 1e-6.
//
// Sizes     B = rows, V = vocabulary, A = slots
// Grid      one invocation per row; sums run in id order
// Numerics  max-shifted; O(V) without truncation, O(V · kept) with
// Random    the word of counter (seed, stream, position of the new token, key[b]): the draw is the
//           same whatever the batch holds besides
// Writes    token, and slot `slot` of sampled and logp (overwritten); position (in-out)
// Needs     WG, flat_group (prelude); pcg4d, uniform01 (lib/random); lib/ranked

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

// First in rank of the tokens that come after `last`.
fn next_ranked(row: u32, last: Ranked) -> Ranked {
  var best = Ranked(LOWEST, p.V);
  for (var v = 0u; v < p.V; v++) {
    let it = Ranked(logits[row + v], v);
    if (comes_before(last, it) && comes_before(it, best)) {
      best = it;
    }
  }
  return best;
}

// Last in rank of the tokens that are kept; the first always is.
fn last_kept(row: u32, best: Ranked) -> Ranked {
  if (p.top_k == 0u && p.top_p >= 1.0) { return Ranked(LOWEST, p.V); }
  var total = 0.0;
  for (var v = 0u; v < p.V; v++) {
    total += weight(logits[row + v], best);
  }
  let most = select(p.V, min(p.top_k, p.V), p.top_k > 0u);
  let enough = select(total * p.top_p, 2.0 * total, p.top_p >= 1.0);
  var last = best;
  var mass = 1.0;  // of the tokens up to `last`
  for (var count = 1u; count < most && mass < enough; count++) {
    last = next_ranked(row, last);
    mass += weight(last.logit, best);
  }
  return last;
}

fn draw(row: u32, best: Ranked, u: f32) -> u32 {
  let last = last_kept(row, best);
  var total = 0.0;
  for (var v = 0u; v < p.V; v++) {
    if (!comes_before(last, Ranked(logits[row + v], v))) {
      total += weight(logits[row + v], best);
    }
  }
  var id = best.id;
  var sum = 0.0;
  for (var v = 0u; v < p.V && sum <= u * total; v++) {
    if (!comes_before(last, Ranked(logits[row + v], v))) {
      sum += weight(logits[row + v], best);
      id = v;
    }
  }
  return id;
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let b = flat_group(group, groups) * WG + lane;
  if (b >= p.B) { return; }
  let at = p.slot * p.stride_rows + b;
  position[b] += 1;
  let row = b * p.stride;
  var best = Ranked(logits[row], 0u);
  for (var v = 1u; v < p.V; v++) {
    if (logits[row + v] > best.logit) {
      best = Ranked(logits[row + v], v);
    }
  }
  var id = best.id;
  if (p.temperature >= GREEDY_BELOW) {
    let word = pcg4d(vec4u(p.seed, p.stream, u32(position[b]), key[b])).x;
    id = draw(row, best, uniform01(word));
  }
  var sum = 0.0;
  for (var v = 0u; v < p.V; v++) {
    sum += exp(logits[row + v] - best.logit);
  }

  token[b] = i32(id);
  sampled[at] = i32(id);
  logp[at] = logits[row + id] - best.logit - log(sum);
}
