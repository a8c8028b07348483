// reduce (subgroups): a row belongs to one workgroup; subgroups add first, then their sums in order.
// Assumes no subgroup size. The interface is described in reduce.wgsl.

struct Lane {
  @builtin(local_invocation_index) id: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
}

const STRIDE = WG;

var<workgroup> scratch: array<f32, WG>;  // one slot per subgroup is used

fn row_of(group: vec3u, groups: vec3u, lane: Lane) -> u32 {
  return flat_group(group, groups);
}

fn first(lane: Lane) -> u32 {
  return lane.id;
}

fn is_first(lane: Lane) -> bool {
  return lane.id == 0u;
}

fn wg_sum(x: f32, lane: Lane) -> f32 {
  let part = subgroupAdd(x);
  if (subgroupElect()) {
    scratch[lane.subgroup] = part;
  }
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < lane.subgroups; i++) {
    total += scratch[i];
  }
  workgroupBarrier();
  return total;
}

fn wg_max(x: f32, lane: Lane) -> f32 {
  let part = subgroupMax(x);
  if (subgroupElect()) {
    scratch[lane.subgroup] = part;
  }
  workgroupBarrier();
  var top = scratch[0];
  for (var i = 1u; i < lane.subgroups; i++) {
    top = max(top, scratch[i]);
  }
  workgroupBarrier();
  return top;
}
