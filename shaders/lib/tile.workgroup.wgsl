// tile (workgroup): one tile of 64 by 64 results per workgroup of 64 invocations, 8 by 8 of them each.
// 16 summed indices at a time pass through workgroup memory, so that every number is loaded once per
// tile. The interface is described in tile.wgsl.

const NAME_HALF = 8u;

var<workgroup> NAME_lefts: array<vec4f, 256>;   // [16 s, 16 row quads]
var<workgroup> NAME_rights: array<vec4f, 256>;  // [16 s, 16 column quads]

fn NAME_item(group: u32, lane: u32) -> u32 {
  return group;
}

fn NAME_tiles(rows: u32, quads: u32) -> u32 {
  return (rows + 63u) / 64u * ((quads + 15u) / 16u);
}

// Four rows of results, from four rows of left and one quad of right at the same s.
fn NAME_outer(left: vec4f, right: vec4f) -> mat4x4f {
  return mat4x4f(left.x * right, left.y * right, left.z * right, left.w * right);
}

fn NAME_product(tile: u32, lane: u32, rows: u32, quads: u32, first_q: u32, end_q: u32) {
  let across = (quads + 15u) / 16u;
  let r = tile / across * 64u;
  let j = tile % across * 16u;
  if (r >= rows) { return; }
  let quad = lane % 16u;                // which rows and columns this lane fetches …
  let slab = lane / 16u;                // … at which four of the 16 summed indices
  let column = NAME_column(j + quad);
  let y = lane / 8u;                    // which results it holds: rows 8y …,
  let x = lane % 8u;                    // column quads x and x + 8

  var low0 = mat4x4f(); var high0 = mat4x4f();
  var low1 = mat4x4f(); var high1 = mat4x4f();
  for (var q = first_q; q < end_q; q += 4u) {
    var left = mat4x4f();
    var right = mat4x4f();
    if (q + slab < end_q) {
      left = transpose(NAME_left(r + 4u * quad, q + slab));
      right = NAME_right(column, q + slab);
    }
    for (var i = 0u; i < 4u; i++) {
      NAME_lefts[(4u * slab + i) * 16u + quad] = left[i];
      NAME_rights[(4u * slab + i) * 16u + quad] = right[i];
    }
    workgroupBarrier();
    for (var s = 0u; s < 16u; s++) {
      let left0 = NAME_lefts[s * 16u + 2u * y];
      let left1 = NAME_lefts[s * 16u + 2u * y + 1u];
      let right_low = NAME_rights[s * 16u + x];
      let right_high = NAME_rights[s * 16u + x + 8u];
      low0 += NAME_outer(left0, right_low); high0 += NAME_outer(left0, right_high);
      low1 += NAME_outer(left1, right_low); high1 += NAME_outer(left1, right_high);
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    let row = r + 8u * y + i;
    if (row < rows) { NAME_store(row, j + x, low0[i], high0[i]); }
    if (row + 4u < rows) { NAME_store(row + 4u, j + x, low1[i], high1[i]); }
  }
}
