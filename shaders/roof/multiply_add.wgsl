// roof_multiply_add: as many fused multiply-adds as the adapter does, with nothing to wait for.
//
// Eight independent chains of scalars, eight turns of each written out: they fit the registers of a CPU.
//
// Sizes     threads = invocations, rounds = turns of the loop
// Grid      one invocation per thread
// Numerics  a x + b as the compiler likes: WGSL's fma() is a function call on software adapters
// Writes    y (overwritten); 2 · 8 · 8 FLOPs per round and thread
// Needs     WG, flat_group (prelude)

struct Params {
  threads: u32,
  rounds: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [threads]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = flat_group(group, groups) * WG + lane;
  if (i >= p.threads) { return; }
  let x = 0.5 + f32(i) * 1e-9;
  let b = 0.3;
  var a0 = x * 1.0;
  var a1 = x * 2.0;
  var a2 = x * 3.0;
  var a3 = x * 4.0;
  var a4 = x * 5.0;
  var a5 = x * 6.0;
  var a6 = x * 7.0;
  var a7 = x * 8.0;
  for (var r = 0u; r < p.rounds; r++) {
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
  }
  y[i] = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7;
}
