// tile (wide): as tile.quad.wgsl, 32 by 32 results per four invocations and two quads of the sum at a time.
// For adapters on which loads cost more than spilled registers, such as a software one; a GPU would spill
// the 256 sums. It takes three times as long to compile. The interface is described in tile.wgsl.
//
// Numerics  eight products at a time, added in the order of s; the sum does not depend on rows

const NAME_HALF = 1u;

fn NAME_item(group: u32, lane: u32) -> u32 {
  return (group * WG + lane) / 4u;
}

fn NAME_tiles(rows: u32, quads: u32) -> u32 {
  return (rows + 31u) / 32u * ((quads + 7u) / 8u);
}

fn NAME_product(tile: u32, lane: u32, rows: u32, quads: u32, first_q: u32, end_q: u32) {
  let across = (quads + 7u) / 8u;
  let r = tile / across * 32u;
  let j = (tile % across * 4u + lane % 4u) * 2u;
  if (r >= rows) { return; }
  let c0 = NAME_column(j);
  let c1 = NAME_column(j + 1u);
  let mine = r + lane % 4u * 4u;        // of the upper and the lower half of the rows

  var y00 = mat4x4f(); var y01 = mat4x4f();
  var y10 = mat4x4f(); var y11 = mat4x4f();
  var y20 = mat4x4f(); var y21 = mat4x4f();
  var y30 = mat4x4f(); var y31 = mat4x4f();
  var y40 = mat4x4f(); var y41 = mat4x4f();
  var y50 = mat4x4f(); var y51 = mat4x4f();
  var y60 = mat4x4f(); var y61 = mat4x4f();
  var y70 = mat4x4f(); var y71 = mat4x4f();
  for (var q = first_q; q < end_q; q += 2u) {
    let next = min(q + 1u, end_q - 1u);
    let is_next = select(0.0, 1.0, q + 1u < end_q);
    let a0 = NAME_right(c0, q); let b0 = NAME_right(c0, next);
    let a1 = NAME_right(c1, q); let b1 = NAME_right(c1, next);
    let a = NAME_left(mine, q);
    let b = NAME_left(mine, next) * is_next;
    let left0 = of_lane_0(a); let more0 = of_lane_0(b);
    y00 += a0 * left0 + b0 * more0; y01 += a1 * left0 + b1 * more0;
    let left1 = of_lane_1(a); let more1 = of_lane_1(b);
    y10 += a0 * left1 + b0 * more1; y11 += a1 * left1 + b1 * more1;
    let left2 = of_lane_2(a); let more2 = of_lane_2(b);
    y20 += a0 * left2 + b0 * more2; y21 += a1 * left2 + b1 * more2;
    let left3 = of_lane_3(a); let more3 = of_lane_3(b);
    y30 += a0 * left3 + b0 * more3; y31 += a1 * left3 + b1 * more3;
    let c = NAME_left(mine + 16u, q);
    let d = NAME_left(mine + 16u, next) * is_next;
    let left4 = of_lane_0(c); let more4 = of_lane_0(d);
    y40 += a0 * left4 + b0 * more4; y41 += a1 * left4 + b1 * more4;
    let left5 = of_lane_1(c); let more5 = of_lane_1(d);
    y50 += a0 * left5 + b0 * more5; y51 += a1 * left5 + b1 * more5;
    let left6 = of_lane_2(c); let more6 = of_lane_2(d);
    y60 += a0 * left6 + b0 * more6; y61 += a1 * left6 + b1 * more6;
    let left7 = of_lane_3(c); let more7 = of_lane_3(d);
    y70 += a0 * left7 + b0 * more7; y71 += a1 * left7 + b1 * more7;
  }
  let low = array(y00, y10, y20, y30, y40, y50, y60, y70);
  let high = array(y01, y11, y21, y31, y41, y51, y61, y71);
  for (var b = 0u; b < 8u; b++) {
    for (var i = 0u; i < 4u && r + 4u * b + i < rows; i++) {
      NAME_store(r + 4u * b + i, j, low[b][i], high[b][i]);
    }
  }
}
