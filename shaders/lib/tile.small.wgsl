// tile (small): as tile.quad.wgsl, 16 by 16 results per four invocations, a square of 8 by 8 each: half the
// code, for what must run soon on an adapter that takes long to compile.
// The interface is described in tile.wgsl.

const NAME_HALF = 1u;

fn NAME_item(group: u32, lane: u32) -> u32 {
  return (group * WG + lane) / 4u;
}

fn NAME_tiles(rows: u32, quads: u32) -> u32 {
  return (rows + 15u) / 16u * ((quads + 3u) / 4u);
}

fn NAME_product(tile: u32, lane: u32, rows: u32, quads: u32, first_q: u32, end_q: u32) {
  let across = (quads + 3u) / 4u;
  let top = tile / across * 16u;
  if (top >= rows) { return; }
  let x = lane % 2u;
  let y = lane / 2u % 2u;
  let r = top + y * 8u + x * 4u;                   // the rows it loads, and its neighbor's
  let r_beside = top + y * 8u + (1u - x) * 4u;
  let j = (tile % across * 2u + x) * 2u;           // its columns: it loads one quad, its neighbor the other
  let is_lower = y == 1u;
  let c = NAME_column(j + y);

  var y00 = mat4x4f(); var y01 = mat4x4f();
  var y10 = mat4x4f(); var y11 = mat4x4f();
  for (var q = first_q; q < end_q; q++) {
    let right0 = NAME_right(c, q);
    let right1 = of_below(right0);
    let left0 = NAME_left(r, q);
    y00 += right0 * left0; y01 += right1 * left0;
    let left1 = of_beside(left0);
    y10 += right0 * left1; y11 += right1 * left1;
  }
  let own = array(y00, y10);
  let other = array(y01, y11);
  for (var i = 0u; i < 8u; i++) {
    let n = select(r_beside, r, i < 4u) + i % 4u;
    let a = own[i / 4u][i % 4u];
    let b = other[i / 4u][i % 4u];
    if (n < rows) { NAME_store(n, j, select(a, b, is_lower), select(b, a, is_lower)); }
  }
}
