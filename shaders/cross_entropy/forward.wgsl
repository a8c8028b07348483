// cross_entropy_forward: negative log-likelihood of each target token and, in training, its gradient.
//
//   lse[m] = log sum_{v<V} exp(logits[m,v])
//   nll[m] = lse[m] - logits[m, targets[m]]        (0 where the target is ignored)
//
// and, if GRADIENT, that of sum_m coefficient[m] nll[m], written over the logits: as
// d lse[m] / d logits[m,v] = exp(logits[m,v] - lse[m]),
//
//   dlogits[m,v] = coefficient[m] (exp(logits[m,v] - lse[m]) - [v = targets[m]])
//
// and 0 in the padding columns v >= V and in rows whose target is ignored.
//
// Sizes     M = trained tokens, V = vocabulary, stride = floats between rows, >= V
// Grid      one row per trained token
// Numerics  max-shifted; nll is taken from the shifted logits, so large ones do not cancel
// Writes    nll, lse (overwritten); logits (in place: becomes dlogits) if GRADIENT
// Needs     Lane, row_of, first, STRIDE, is_first, wg_max, wg_sum (lib/reduce); GRADIENT (const)

struct Params {
  M: u32,
  V: u32,
  stride: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> targets: array<i32>;        // [M]  token id, < 0 = ignored
@group(0) @binding(2) var<storage, read> coefficient: array<f32>;    // [M]  loss per nat
@group(0) @binding(3) var<storage, read_write> logits: array<f32>;   // [M,stride]
@group(0) @binding(4) var<storage, read_write> nll: array<f32>;      // [M]  nats
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;      // [M]  nats

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  lane: Lane,
) {
  let m = row_of(group, groups, lane);
  if (m >= p.M) { return; }              // a whole row leaves together: barriers stay uniform
  let row = m * p.stride;

  var top = -0x1.fffffep127;             // lowest finite f32; WGSL has no -inf literal
  for (var v = first(lane); v < p.V; v += STRIDE) {
    top = max(top, logits[row + v]);
  }
  top = wg_max(top, lane);

  let target_id = targets[m];
  var sum = 0.0;
  var hit = 0.0;                         // the target's logit, on the lane that will overwrite it
  for (var v = first(lane); v < p.V; v += STRIDE) {
    sum += exp(logits[row + v] - top);
    if (i32(v) == target_id) { hit = logits[row + v]; }
  }
  sum = wg_sum(sum, lane);

  let rest = log(sum);                   // sum >= 1 because exp(0) is one of its terms
  if (is_first(lane)) { lse[m] = top + rest; }
  let owner = select(0u, u32(target_id), target_id >= 0);
  if (owner % STRIDE == first(lane)) {
    nll[m] = select(0.0, rest + (top - hit), target_id >= 0);
  }
  if (GRADIENT == 0u) { return; }

  let c = select(0.0, coefficient[m], target_id >= 0);
  for (var v = first(lane); v < p.stride; v += STRIDE) {
    let probability = exp(min(logits[row + v] - top - rest, 0.0));
    let is_target = select(0.0, 1.0, i32(v) == target_id);
    logits[row + v] = select(0.0, c * (probability - is_target), v < p.V);
  }
}
