// four: four neighboring rows at once, of which every invocation needs all. Interface shared with
// four.quad.wgsl; a kernel instantiates it as `four<NAME>` and says in a function of its own
//
//   NAME_at(row, d)          quad d of a row
//
// and gets
//
//   NAME_four(row, d, lane)  column i is quad d of row + i
//
// Invocations 4i … 4i + 3 of a workgroup must ask for the same rows together.

fn NAME_four(row: u32, d: u32, lane: u32) -> mat4x4f {
  return mat4x4f(NAME_at(row, d), NAME_at(row + 1u, d), NAME_at(row + 2u, d), NAME_at(row + 3u, d));
}
