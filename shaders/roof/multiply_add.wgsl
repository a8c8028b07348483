// roof_multiply_add: as many fused multiply-adds as the adapter does, with nothing to wait for.
//
// Twelve independent chains of vec4, eight turns of each written out.
//
// Sizes     threads = invocations, rounds = turns of the loop
// Grid      one invocation per thread
// Numerics  a x + b as the compiler likes: WGSL's fma() is a function call on software adapters
// Writes    y (overwritten); 2 · 4 · 12 · 8 FLOPs per round and thread
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
  let x = vec4f(0.5, 0.25, 0.75, 0.125) + f32(i) * 1e-9;
  let b = vec4f(0.3, 0.2, 0.1, 0.4);
  var a0 = x * 1.0;
  var a1 = x * 2.0;
  var a2 = x * 3.0;
  var a3 = x * 4.0;
  var a4 = x * 5.0;
  var a5 = x * 6.0;
  var a6 = x * 7.0;
  var a7 = x * 8.0;
  var a8 = x * 9.0;
  var a9 = x * 10.0;
  var a10 = x * 11.0;
  var a11 = x * 12.0;
  for (var r = 0u; r < p.rounds; r++) {
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a8 = a8 * x + b; a9 = a9 * x + b; a10 = a10 * x + b; a11 = a11 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a8 = a8 * x + b; a9 = a9 * x + b; a10 = a10 * x + b; a11 = a11 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a8 = a8 * x + b; a9 = a9 * x + b; a10 = a10 * x + b; a11 = a11 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a8 = a8 * x + b; a9 = a9 * x + b; a10 = a10 * x + b; a11 = a11 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a8 = a8 * x + b; a9 = a9 * x + b; a10 = a10 * x + b; a11 = a11 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a8 = a8 * x + b; a9 = a9 * x + b; a10 = a10 * x + b; a11 = a11 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a8 = a8 * x + b; a9 = a9 * x + b; a10 = a10 * x + b; a11 = a11 * x + b;
    a0 = a0 * x + b; a1 = a1 * x + b; a2 = a2 * x + b; a3 = a3 * x + b;
    a4 = a4 * x + b; a5 = a5 * x + b; a6 = a6 * x + b; a7 = a7 * x + b;
    a8 = a8 * x + b; a9 = a9 * x + b; a10 = a10 * x + b; a11 = a11 * x + b;
  }
  let sum = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11;
  y[i] = dot(sum, vec4f(1.0));
}
