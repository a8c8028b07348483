// grad_norm_finish: the global norm of the gradient and the factor that clips it.
//
//   norm[0] = sqrt(sum_g squares[g])
//   norm[1] = min(1, clip / (norm[0] + 1e-6))
//   norm[2] = 1 from the first norm on that is not finite, until the host clears it
//
// Sizes     G = blocks
// Grid      one row
// Writes    norm (overwritten but for norm[2]; its last float is 0)
// Needs     WG (prelude); Lane, row_of, first, STRIDE, is_first, wg_sum (lib/reduce)

struct Params {
  G: u32,
  clip: f32,  // largest norm
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> squares: array<f32>;     // [G]
@group(0) @binding(2) var<storage, read_write> norm: array<f32>;  // [4]  norm, factor, failed, 0

const EXPONENT = 0x7f800000u;  // all of it set: infinite or not a number, whatever the compiler assumes

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  lane: Lane,
) {
  if (row_of(group, groups, lane) > 0u) { return; }
  var sum = 0.0;
  for (var g = first(lane); g < p.G; g += STRIDE) {
    sum += squares[g];
  }
  sum = wg_sum(sum, lane);

  if (is_first(lane)) {
    let length = sqrt(sum);
    norm[0] = length;
    norm[1] = min(1.0, p.clip / (length + 1e-6));
    if ((bitcast<u32>(length) & EXPONENT) == EXPONENT) { norm[2] = 1.0; }
    norm[3] = 0.0;
  }
}
