// blocks: products of HEIGHT = 8·ROWS by 32 results per workgroup of 64 invocations, for attention on GPUs.
//
//   result[r,c] = sum_s left[r,s] right[s,c]        over at most 32 summed indices at a time
//
// Both sides lie in workgroup memory as quads, so that a number is loaded once per block, 16 bytes at a
// time. Lane 8y + x has the results of rows ROWS·y … and column quad x, and fetches the same of both sides.
//
//   Rows                        one quad of each row of a lane
//   put_left(rows, lane)        left[ROWS·y + i, quad x] = rows[i]
//   put_right(four, lane)       right[4y + k, quad x] = four[k]
//   put_turned(four, lane)      right[4x + k, 4y + i] = four[i][k]
//   with_product(sums, quads, lane) -> Rows   sums and the product over the first 4·quads indices
//   row_max, row_sum            over the eight lanes of a row, in their order; component i is of row i
//
// Barriers are the caller's, but for one within row_max and row_sum.
// Banks     eight neighboring lanes write one row of a side, or read one row of right, or one number of
//           left; in put_turned they write eight rows. Shifting a row's quads by its number (^) spreads
//           either over all banks
// Memory    8 KiB with ROWS = 4, 6 KiB with 2; row_max and row_sum take another 1 KiB
// Needs     WG = 64, ROWS ≤ 4 (const)

const SIDE = 8u;                // lanes across and down
const HEIGHT = SIDE * ROWS;
const WIDTH = SIDE * 4u;
alias Rows = array<vec4f, ROWS>;

var<workgroup> lefts: array<vec4f, HEIGHT * SIDE>;  // [HEIGHT rows, 8 quads of summed indices]
var<workgroup> rights: array<vec4f, WIDTH * SIDE>;  // [32 summed indices, 8 quads of columns]
var<workgroup> parts: array<vec4f, WG>;

// Where quad `quad` of row ROWS·y lies, and of summed index 4q; the next row's is SIDE further.
fn left_at(y: u32, quad: u32) -> u32 {
  return y * ROWS * SIDE + (quad ^ y);
}

fn right_at(q: u32, quad: u32) -> u32 {
  return q * WIDTH + (quad ^ q);
}

fn put_left(rows: Rows, lane: u32) {
  let at = left_at(lane / SIDE, lane % SIDE);
  for (var i = 0u; i < ROWS; i++) { // unrolled
    lefts[at + i * SIDE] = rows[i];
  }
}

fn put_quads(four: mat4x4f, at: u32) {
  rights[at] = four[0];
  rights[at + SIDE] = four[1];
  rights[at + 2u * SIDE] = four[2];
  rights[at + 3u * SIDE] = four[3];
}

fn put_right(four: mat4x4f, lane: u32) {
  put_quads(four, right_at(lane / SIDE, lane % SIDE));
}

fn put_turned(four: mat4x4f, lane: u32) {
  put_quads(transpose(four), right_at(lane % SIDE, lane / SIDE));
}

fn with_product(before: Rows, quads: u32, lane: u32) -> Rows {
  var sums = before;
  for (var q = 0u; q < quads; q++) {
    let right = right_at(q, lane % SIDE);
    let right0 = rights[right];
    let right1 = rights[right + SIDE];
    let right2 = rights[right + 2u * SIDE];
    let right3 = rights[right + 3u * SIDE];
    let at = left_at(lane / SIDE, q);
    for (var i = 0u; i < ROWS; i++) { // unrolled
      let left = lefts[at + i * SIDE];
      sums[i] += left.x * right0;
      sums[i] += left.y * right1;
      sums[i] += left.z * right2;
      sums[i] += left.w * right3;
    }
  }
  return sums;
}

fn row_max(x: vec4f, lane: u32) -> vec4f {
  parts[lane] = x;
  workgroupBarrier();
  let row = lane / SIDE * SIDE;
  var top = parts[row];
  for (var i = 1u; i < SIDE; i++) {
    top = max(top, parts[row + i]);
  }
  return top;
}

fn row_sum(x: vec4f, lane: u32) -> vec4f {
  parts[lane] = x;
  workgroupBarrier();
  let row = lane / SIDE * SIDE;
  var total = parts[row];
  for (var i = 1u; i < SIDE; i++) {
    total += parts[row + i];
  }
  return total;
}
