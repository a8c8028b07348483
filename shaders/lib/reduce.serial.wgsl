// reduce (serial): a row belongs to one invocation, which adds in index order. No barriers.
// The interface is described in reduce.wgsl.

struct Lane {
  @builtin(local_invocation_index) id: u32,
}

const STRIDE = 1u;

fn row_of(group: vec3u, groups: vec3u, lane: Lane) -> u32 {
  return flat_group(group, groups) * WG + lane.id;
}

fn first(lane: Lane) -> u32 {
  return 0u;
}

fn is_first(lane: Lane) -> bool {
  return true;
}

fn wg_sum(x: f32, lane: Lane) -> f32 {
  return x;
}

fn wg_max(x: f32, lane: Lane) -> f32 {
  return x;
}
