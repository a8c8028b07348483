// tile (quad): one tile of 16 by 32 results per four neighboring invocations, 16 by 8 of them each. The
// four share its rows: each loads a quarter and passes it on in registers (lib/quad).
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
  let r = tile / across * 16u;
  let j = (tile % across * 4u + lane % 4u) * 2u;
  if (r >= rows) { return; }
  let c0 = NAME_column(j);
  let c1 = NAME_column(j + 1u);

  var y00 = mat4x4f(); var y01 = mat4x4f();
  var y10 = mat4x4f(); var y11 = mat4x4f();
  var y20 = mat4x4f(); var y21 = mat4x4f();
  var y30 = mat4x4f(); var y31 = mat4x4f();
  for (var q = first_q; q < end_q; q++) {
    let right0 = NAME_right(c0, q);
    let right1 = NAME_right(c1, q);
    let mine = NAME_left(r + lane % 4u * 4u, q);
    let left0 = of_lane_0(mine);
    y00 += right0 * left0; y01 += right1 * left0;
    let left1 = of_lane_1(mine);
    y10 += right0 * left1; y11 += right1 * left1;
    let left2 = of_lane_2(mine);
    y20 += right0 * left2; y21 += right1 * left2;
    let left3 = of_lane_3(mine);
    y30 += right0 * left3; y31 += right1 * left3;
  }
  let low = array(y00, y10, y20, y30);
  let high = array(y01, y11, y21, y31);
  for (var b = 0u; b < 4u; b++) {
    for (var i = 0u; i < 4u && r + 4u * b + i < rows; i++) {
      NAME_store(r + 4u * b + i, j, low[b][i], high[b][i]);
    }
  }
}
