// roof_touch: writes one number; what is left of its time is the dispatch.
//
// Grid      one workgroup
// Writes    y (overwritten)
// Needs     WG (prelude)

struct Params {
  value: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [1]

@compute @workgroup_size(WG)
fn main(@builtin(local_invocation_index) lane: u32) {
  if (lane == 0u) { y[0] = p.value; }
}
