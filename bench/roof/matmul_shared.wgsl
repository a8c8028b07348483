// roof_matmul_shared: y = aᵀ b, with tiles of 128 by 128 per workgroup, read through workgroup memory.
//
// A workgroup of 16 by 16 invocations; each holds rows r, r + 64 and columns c, c + 64 in fours.
//
// Sizes     N, M multiples of 128; K a multiple of 16
// Grid      one workgroup per tile
// Writes    y (overwritten)
// Needs     WG = 256, flat_group (prelude)

struct Params {
  N: u32,
  K: u32,
  M: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;        // [K,N]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;        // [K,M]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;  // [N,M]

var<workgroup> a_tile: array<vec4f, 512>;  // [16,128]
var<workgroup> b_tile: array<vec4f, 512>;  // [16,128]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles = p.M / 128u;
  let tile = flat_group(group, groups);
  let n = tile / tiles * 32u;  // in vec4s
  let m = tile % tiles * 32u;
  let row = lane / 16u;
  let column = lane % 16u;
  var low0 = vec4f(); var high0 = vec4f();
  var low1 = vec4f(); var high1 = vec4f();
  var low2 = vec4f(); var high2 = vec4f();
  var low3 = vec4f(); var high3 = vec4f();
  var low4 = vec4f(); var high4 = vec4f();
  var low5 = vec4f(); var high5 = vec4f();
  var low6 = vec4f(); var high6 = vec4f();
  var low7 = vec4f(); var high7 = vec4f();
  for (var k = 0u; k < p.K; k += 16u) {
    for (var i = lane; i < 512u; i += WG) {
      a_tile[i] = a[(k + i / 32u) * (p.N / 4u) + n + i % 32u];
      b_tile[i] = b[(k + i / 32u) * (p.M / 4u) + m + i % 32u];
    }
    workgroupBarrier();
    for (var j = 0u; j < 512u; j += 32u) {
      let a_low = a_tile[j + row];
      let a_high = a_tile[j + row + 16u];
      let b_low = b_tile[j + column];
      let b_high = b_tile[j + column + 16u];
      low0 += a_low.x * b_low; high0 += a_low.x * b_high;
      low1 += a_low.y * b_low; high1 += a_low.y * b_high;
      low2 += a_low.z * b_low; high2 += a_low.z * b_high;
      low3 += a_low.w * b_low; high3 += a_low.w * b_high;
      low4 += a_high.x * b_low; high4 += a_high.x * b_high;
      low5 += a_high.y * b_low; high5 += a_high.y * b_high;
      low6 += a_high.z * b_low; high6 += a_high.z * b_high;
      low7 += a_high.w * b_low; high7 += a_high.w * b_high;
    }
    workgroupBarrier();
  }
  let stride = p.M / 4u;
  let i = (n + row) * p.M + m + column;
  y[i + 0u * stride] = low0; y[i + 0u * stride + 16u] = high0;
  y[i + 1u * stride] = low1; y[i + 1u * stride + 16u] = high1;
  y[i + 2u * stride] = low2; y[i + 2u * stride + 16u] = high2;
  y[i + 3u * stride] = low3; y[i + 3u * stride + 16u] = high3;
  y[i + 64u * stride] = low4; y[i + 64u * stride + 16u] = high4;
  y[i + 65u * stride] = low5; y[i + 65u * stride + 16u] = high5;
  y[i + 66u * stride] = low6; y[i + 66u * stride + 16u] = high6;
  y[i + 67u * stride] = low7; y[i + 67u * stride + 16u] = high7;
}
