// tile (quad): one tile of 16 by 32 results per four neighboring invocations, a square of 8 by 16 each.
// Those beside each other share its rows, those above each other its columns: each loads half of what it
// needs and gets the other half in registers (lib/quad).
// The interface is described in tile.wgsl.

const NAME_HALF = 1u;

fn NAME_item(group: u32, lane: u32) -> u32 {
  return (group * WG + lane) / 4u;
}

fn NAME_tiles(rows: u32, quads: u32) -> u32 {
  return (rows + 15u) / 16u * ((quads + 7u) / 8u);
}

fn NAME_product(tile: u32, lane: u32, rows: u32, quads: u32, first_q: u32, end_q: u32) {
  let across = (quads + 7u) / 8u;
  let top = tile / across * 16u;
  if (top >= rows) { return; }
  let x = lane % 2u;
  let y = lane / 2u % 2u;
  let r = top + y * 8u + x * 4u;                   // the rows it loads, and its neighbor's
  let r_beside = top + y * 8u + (1u - x) * 4u;
  let left_j = (tile % across * 2u + x) * 4u;      // likewise the columns
  let j = left_j + y * 2u;
  let j_below = left_j + (1u - y) * 2u;
  let c0 = NAME_column(j);
  let c1 = NAME_column(j + 1u);

  var y00 = mat4x4f(); var y01 = mat4x4f(); var y02 = mat4x4f(); var y03 = mat4x4f();
  var y10 = mat4x4f(); var y11 = mat4x4f(); var y12 = mat4x4f(); var y13 = mat4x4f();
  for (var q = first_q; q < end_q; q++) {
    let right0 = NAME_right(c0, q);
    let right1 = NAME_right(c1, q);
    let right2 = of_below(right0);
    let right3 = of_below(right1);
    let left0 = NAME_left(r, q);
    y00 += right0 * left0; y01 += right1 * left0; y02 += right2 * left0; y03 += right3 * left0;
    let left1 = of_beside(left0);
    y10 += right0 * left1; y11 += right1 * left1; y12 += right2 * left1; y13 += right3 * left1;
  }
  let low = array(y00, y10, y02, y12);
  let high = array(y01, y11, y03, y13);
  for (var i = 0u; i < 16u; i++) {
    let n = select(r_beside, r, i % 8u < 4u) + i % 4u;
    if (n < rows) {
      NAME_store(n, select(j_below, j, i < 8u), low[i / 4u][i % 4u], high[i / 4u][i % 4u]);
    }
  }
}
