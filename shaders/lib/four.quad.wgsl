// four (quad): each of four neighboring invocations loads one row and passes it on in registers.
// The interface is described in four.wgsl. Needs lib/quad.

fn NAME_four(row: u32, d: u32, lane: u32) -> mat4x4f {
  return of_all_lanes(NAME_at(row + lane % 4u, d));
}
