// tile: a matrix product with one tile of 8 by 8 results per invocation, in registers.
// Interface shared with tile.small, tile.quad, tile.wide and tile.workgroup; a kernel instantiates it
// as `tile<NAME>` and says in functions of its own what is multiplied:
//
//   result[r,c] = sum_s left[r,s] right[s,c]
//
//   NAME_left(r, q)     left[r + 0…3, 4q + 0…3]: column i is row r + i. Any value beyond the last row.
//   NAME_right(c, q)    right[4q + 0…3, c + 0…3]: column i is row 4q + i.
//   NAME_column(j)      where quad j of the results lies: c of its first column, in range. A tile holds
//                       2 · NAME_HALF neighboring quads, so which columns share a tile is free.
//   NAME_store(r, j, low, high)  takes row r of quads j and j + NAME_HALF, which may be beyond the end.
//   NAME_item(group, lane)       the tile that an invocation works on
//   NAME_tiles(rows, quads)      tiles of a whole product
//   NAME_product(tile, lane, rows, quads, first_q, end_q)  computes a tile, summing q = first_q … end_q - 1
//
// Numerics  four products at a time, added in the order of s; the sum does not depend on rows

const NAME_HALF = 1u;

fn NAME_item(group: u32, lane: u32) -> u32 {
  return group * WG + lane;
}

fn NAME_tiles(rows: u32, quads: u32) -> u32 {
  return (rows + 7u) / 8u * ((quads + 1u) / 2u);
}

fn NAME_product(tile: u32, lane: u32, rows: u32, quads: u32, first_q: u32, end_q: u32) {
  let across = (quads + 1u) / 2u;
  let r = tile / across * 8u;
  let j = tile % across * 2u;
  if (r >= rows) { return; }
  let c0 = NAME_column(j);
  let c1 = NAME_column(j + 1u);

  var y00 = mat4x4f(); var y01 = mat4x4f();
  var y10 = mat4x4f(); var y11 = mat4x4f();
  for (var q = first_q; q < end_q; q++) {
    let right0 = NAME_right(c0, q);
    let right1 = NAME_right(c1, q);
    let left0 = NAME_left(r, q);
    y00 += right0 * left0; y01 += right1 * left0;
    let left1 = NAME_left(r + 4u, q);
    y10 += right0 * left1; y11 += right1 * left1;
  }
  for (var i = 0u; i < 8u; i++) {
    let k = i % 4u;
    let isUpper = i < 4u;
    if (r + i < rows) {
      NAME_store(r + i, j, select(y10[k], y00[k], isUpper), select(y11[k], y01[k], isUpper));
    }
  }
}
