// cross_entropy_forward: negative log-likelihood of each target token.
//
//   lse[m] = log sum_{v<V} exp(logits[m,v])
//   nll[m] = lse[m] - logits[m, targets[m]]        (0 where the target is ignored)
//
// Sizes     M = trained tokens, V = vocabulary, stride = floats between rows, >= V
// Grid      one row per trained token
// Numerics  max-shifted; nll is taken from the shifted logits, so large ones do not cancel
// Writes    nll, lse (overwritten); lse is saved for cross_entropy_backward
// Needs     WG (prelude); Lane, row_of, first, STRIDE, is_first, wg_max, wg_sum (lib/reduce)

struct Params {
  M: u32,
  V: u32,
  stride: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;     // [M,stride]
@group(0) @binding(2) var<storage, read> targets: array<i32>;    // [M]  token id, < 0 = ignored
@group(0) @binding(3) var<storage, read_write> nll: array<f32>;  // [M]  nats
@group(0) @binding(4) var<storage, read_write> lse: array<f32>;  // [M]  nats

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

  var sum = 0.0;
  for (var v = first(lane); v < p.V; v += STRIDE) {
    sum += exp(logits[row + v] - top);
  }
  sum = wg_sum(sum, lane);

  if (is_first(lane)) {
    let rest = log(sum);                 // sum >= 1 because exp(0) is one of its terms
    let target_id = targets[m];
    lse[m] = top + rest;
    nll[m] = 0.0;
    if (target_id >= 0) {
      nll[m] = rest + (top - logits[row + u32(target_id)]);
    }
  }
}
