// reduce (tree): a row belongs to one workgroup; sums over shared memory as a fixed tree.
// Interface shared with reduce.subgroups.wgsl and reduce.serial.wgsl:
//   row_of(group, groups, lane)  the row this invocation works on
//   first(lane), STRIDE          the elements of the row that are its own: first, first + STRIDE, …
//   wg_sum, wg_max               over the whole row; every lane of the row gets the result
//   is_first(lane)               true for the one lane that writes the row's scalars

struct Lane {
  @builtin(local_invocation_index) id: u32,
}

const STRIDE = WG;

var<workgroup> scratch: array<f32, WG>;

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
  scratch[lane.id] = x;
  workgroupBarrier();
  for (var half = WG / 2u; half > 0u; half /= 2u) {
    if (lane.id < half) {
      scratch[lane.id] += scratch[lane.id + half];
    }
    workgroupBarrier();
  }
  let total = scratch[0];
  workgroupBarrier();
  return total;
}

fn wg_max(x: f32, lane: Lane) -> f32 {
  scratch[lane.id] = x;
  workgroupBarrier();
  for (var half = WG / 2u; half > 0u; half /= 2u) {
    if (lane.id < half) {
      scratch[lane.id] = max(scratch[lane.id], scratch[lane.id + half]);
    }
    workgroupBarrier();
  }
  let top = scratch[0];
  workgroupBarrier();
  return top;
}
