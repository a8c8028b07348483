// tile (wide): one tile of 16 by 16 results per invocation. Half the loads per product of tile.wgsl,
// for adapters on which loads cost more than spilled registers, such as a software one; a GPU would
// spill the 256 sums. The interface is described in tile.wgsl.

const NAME_HALF = 2u;

fn NAME_item(group: u32, lane: u32) -> u32 {
  return group * WG + lane;
}

fn NAME_tiles(rows: u32, quads: u32) -> u32 {
  return (rows + 15u) / 16u * ((quads + 3u) / 4u);
}

fn NAME_product(tile: u32, lane: u32, rows: u32, quads: u32, first_q: u32, end_q: u32) {
  let across = (quads + 3u) / 4u;
  let r = tile / across * 16u;
  let j = tile % across * 4u;
  if (r >= rows) { return; }
  let c0 = NAME_column(j);
  let c1 = NAME_column(j + 1u);
  let c2 = NAME_column(j + 2u);
  let c3 = NAME_column(j + 3u);

  var y00 = mat4x4f(); var y01 = mat4x4f(); var y02 = mat4x4f(); var y03 = mat4x4f();
  var y10 = mat4x4f(); var y11 = mat4x4f(); var y12 = mat4x4f(); var y13 = mat4x4f();
  var y20 = mat4x4f(); var y21 = mat4x4f(); var y22 = mat4x4f(); var y23 = mat4x4f();
  var y30 = mat4x4f(); var y31 = mat4x4f(); var y32 = mat4x4f(); var y33 = mat4x4f();
  for (var q = first_q; q < end_q; q++) {
    let right0 = NAME_right(c0, q);
    let right1 = NAME_right(c1, q);
    let right2 = NAME_right(c2, q);
    let right3 = NAME_right(c3, q);
    let left0 = NAME_left(r, q);
    y00 += right0 * left0; y01 += right1 * left0; y02 += right2 * left0; y03 += right3 * left0;
    let left1 = NAME_left(r + 4u, q);
    y10 += right0 * left1; y11 += right1 * left1; y12 += right2 * left1; y13 += right3 * left1;
    let left2 = NAME_left(r + 8u, q);
    y20 += right0 * left2; y21 += right1 * left2; y22 += right2 * left2; y23 += right3 * left2;
    let left3 = NAME_left(r + 12u, q);
    y30 += right0 * left3; y31 += right1 * left3; y32 += right2 * left3; y33 += right3 * left3;
  }
  let low = array(y00, y01, y10, y11, y20, y21, y30, y31);
  let high = array(y02, y03, y12, y13, y22, y23, y32, y33);
  for (var b = 0u; b < 8u; b++) {
    let row = r + b / 2u * 4u;
    for (var i = 0u; i < 4u && row + i < rows; i++) {
      NAME_store(row + i, j + b % 2u, low[b][i], high[b][i]);
    }
  }
}
