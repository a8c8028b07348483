// heads: rows of qkv in chunks of a head, for attention by blocks.
//
// A chunk has 2·PAIRS quads: some of a head's first half, then those of its second that they are turned
// with, so that a rotation needs no other chunk.
//
//   head_quad(c, x), has_quad(c, x)   where quad x of chunk c lies in a head, and whether there is one
//   rows_at(n, quad, has) -> Rows     a quad of a lane's rows n …, 0 where there is none
//   four_at(n, quad) -> mat4x4f       a quad of tokens n … n + 3
//   turned_back(rows, i, cosine, sine, lane)   row i of a chunk, which also is the left side, turned back
//
// Tokens past the last are the last one again.
// Needs     lib/blocks; qkv [N,(H+2·Hkv)·D] as array of vec4f, p.N, p.H, p.Hkv; D4 = D/4, D8 = D/8,
//           PAIRS ≤ 4 (const)

fn head_quad(c: u32, x: u32) -> u32 {
  return min(c * PAIRS + x % PAIRS, D8 - 1u) + min(x / PAIRS, 1u) * D8;
}

fn has_quad(c: u32, x: u32) -> bool {
  return x < 2u * PAIRS && c * PAIRS + x % PAIRS < D8;
}

fn token_at(n: u32, quad: u32) -> vec4f {
  return qkv[min(n, p.N - 1u) * (p.H + 2u * p.Hkv) * D4 + quad];
}

fn four_at(n: u32, quad: u32) -> mat4x4f {
  return mat4x4f(
    token_at(n, quad), token_at(n + 1u, quad), token_at(n + 2u, quad), token_at(n + 3u, quad),
  );
}

fn rows_at(n: u32, quad: u32, has: bool) -> Rows {
  var rows: Rows;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    rows[i] = select(vec4f(), token_at(n + i, quad), has);
  }
  return rows;
}

fn turned_back(own: Rows, i: u32, cosine: vec4f, sine: vec4f, lane: u32) -> vec4f {
  let x = lane % SIDE;
  let beside = lefts[left_at(lane / SIDE, (x + PAIRS) % (2u * PAIRS)) + i * SIDE];
  return own[i] * cosine + beside * select(-sine, sine, x < PAIRS);
}
