// linear: y = x wᵀ as a product of tiles. Gives tile<forward> its two sides.
// Needs x [N,K] and w [M,K] as arrays of vec4f, p.N and p.K.

fn forward_left(n: u32, q: u32) -> mat4x4f {
  let K4 = p.K / 4u;
  let last = p.N - 1u;
  return mat4x4f(
    x[min(n, last) * K4 + q],
    x[min(n + 1u, last) * K4 + q],
    x[min(n + 2u, last) * K4 + q],
    x[min(n + 3u, last) * K4 + q],
  );
}

fn forward_right(m: u32, q: u32) -> mat4x4f {
  let K4 = p.K / 4u;
  let i = m * K4 + q;
  return transpose(mat4x4f(w[i], w[i + K4], w[i + 2u * K4], w[i + 3u * K4]));
}

// For results in pairs of columns that are needed together: a tile's first half holds the first ones,
// its second half the others. Quad j of the tiles then is quad paired(j) of the first or the second.
fn paired(j: u32) -> u32 {
  return j / (2u * forward_HALF) * forward_HALF + j % forward_HALF;
}

fn is_second(j: u32) -> bool {
  return j / forward_HALF % 2u == 1u;
}
