// quad: numbers that four neighboring invocations of a subgroup all need, each loaded by one of them.
// On adapters where a load costs more than an exchange of registers this saves three loads of four. The
// four invocations of a quad, 4i … 4i + 3 of a workgroup, must call these functions together: their loops
// and branches may depend on nothing but what they share.

diagnostic(off, subgroup_uniformity);  // quads differ from each other in their flow, not within

// The matrix of lane 0, 1, 2 or 3 of the quad: WGSL wants the lane as a constant.
fn of_lane_0(m: mat4x4f) -> mat4x4f {
  return mat4x4f(quadBroadcast(m[0], 0u), quadBroadcast(m[1], 0u), quadBroadcast(m[2], 0u), quadBroadcast(m[3], 0u));
}

fn of_lane_1(m: mat4x4f) -> mat4x4f {
  return mat4x4f(quadBroadcast(m[0], 1u), quadBroadcast(m[1], 1u), quadBroadcast(m[2], 1u), quadBroadcast(m[3], 1u));
}

fn of_lane_2(m: mat4x4f) -> mat4x4f {
  return mat4x4f(quadBroadcast(m[0], 2u), quadBroadcast(m[1], 2u), quadBroadcast(m[2], 2u), quadBroadcast(m[3], 2u));
}

fn of_lane_3(m: mat4x4f) -> mat4x4f {
  return mat4x4f(quadBroadcast(m[0], 3u), quadBroadcast(m[1], 3u), quadBroadcast(m[2], 3u), quadBroadcast(m[3], 3u));
}
