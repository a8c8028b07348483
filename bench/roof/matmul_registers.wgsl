// roof_matmul_registers: y = aᵀ b, with tiles of 8 by 8 in registers and no workgroup memory.
//
// Sizes     N, M multiples of 8
// Grid      one invocation per tile
// Writes    y (overwritten)
// Needs     WG, flat_group (prelude)

struct Params {
  N: u32,
  K: u32,
  M: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;        // [K,N]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;        // [K,M]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;  // [N,M]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles = p.M / 8u;
  let tile = flat_group(group, groups) * WG + lane;
  let n = tile / tiles * 2u;  // in vec4s
  let m = tile % tiles * 2u;
  if (n >= p.N / 4u) { return; }
  var low0 = vec4f(); var high0 = vec4f();
  var low1 = vec4f(); var high1 = vec4f();
  var low2 = vec4f(); var high2 = vec4f();
  var low3 = vec4f(); var high3 = vec4f();
  var low4 = vec4f(); var high4 = vec4f();
  var low5 = vec4f(); var high5 = vec4f();
  var low6 = vec4f(); var high6 = vec4f();
  var low7 = vec4f(); var high7 = vec4f();
  for (var k = 0u; k < p.K; k++) {
    let ia = k * (p.N / 4u) + n;
    let ib = k * (p.M / 4u) + m;
    let a_low = a[ia];
    let a_high = a[ia + 1u];
    let b_low = b[ib];
    let b_high = b[ib + 1u];
    low0 += a_low.x * b_low; high0 += a_low.x * b_high;
    low1 += a_low.y * b_low; high1 += a_low.y * b_high;
    low2 += a_low.z * b_low; high2 += a_low.z * b_high;
    low3 += a_low.w * b_low; high3 += a_low.w * b_high;
    low4 += a_high.x * b_low; high4 += a_high.x * b_high;
    low5 += a_high.y * b_low; high5 += a_high.y * b_high;
    low6 += a_high.z * b_low; high6 += a_high.z * b_high;
    low7 += a_high.w * b_low; high7 += a_high.w * b_high;
  }
  let i = n * p.M + m;
  let stride = p.M / 4u;
  y[i + 0u * stride] = low0; y[i + 0u * stride + 1u] = high0;
  y[i + 1u * stride] = low1; y[i + 1u * stride + 1u] = high1;
  y[i + 2u * stride] = low2; y[i + 2u * stride + 1u] = high2;
  y[i + 3u * stride] = low3; y[i + 3u * stride + 1u] = high3;
  y[i + 4u * stride] = low4; y[i + 4u * stride + 1u] = high4;
  y[i + 5u * stride] = low5; y[i + 5u * stride + 1u] = high5;
  y[i + 6u * stride] = low6; y[i + 6u * stride + 1u] = high6;
  y[i + 7u * stride] = low7; y[i + 7u * stride + 1u] = high7;
}
