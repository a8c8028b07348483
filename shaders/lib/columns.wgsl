// columns: sums over the rows of long lists for each column. A workgroup takes 16 quads of columns, which
// lie side by side in memory, and WG / 16 rows at a time; its partial sums pass through workgroup memory.
// Interface shared with columns.serial.wgsl:
//   list_of, quad_of(group, lane, quads)  the list, and the quad of its columns, that this invocation
//                                         helps to sum; the quad may lie past the row
//   row_in(lane), ROWS                    the rows that are its own: row_in, row_in + ROWS, …
//   sum_rows(x, lane)                     over all rows; to be called once, by all lanes of a workgroup
//   is_writer(lane)                       true for the one lane of a quad that writes the sum

const ACROSS = 16u;
const ROWS = WG / ACROSS;

var<workgroup> partial: array<vec4f, WG>;

fn list_of(group: u32, lane: u32, quads: u32) -> u32 {
  return group / ((quads + ACROSS - 1u) / ACROSS);
}

fn quad_of(group: u32, lane: u32, quads: u32) -> u32 {
  return group % ((quads + ACROSS - 1u) / ACROSS) * ACROSS + lane % ACROSS;
}

fn row_in(lane: u32) -> u32 {
  return lane / ACROSS;
}

fn is_writer(lane: u32) -> bool {
  return lane < ACROSS;
}

fn sum_rows(x: vec4f, lane: u32) -> vec4f {
  partial[lane] = x;
  workgroupBarrier();
  var total = vec4f();
  for (var i = lane % ACROSS; i < WG; i += ACROSS) {
    total += partial[i];
  }
  return total;
}
