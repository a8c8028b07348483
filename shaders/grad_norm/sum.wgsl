// grad_norm_sum: adds the partial gradients of all slices and squares the result, block by block.
//
//   grad[i]    = sum_{s<S} matrices[s,i]               for i < M, in the order of s
//              = sum_{r<R} vectors[r,i-M]              for the others, in the order of r
//   squares[g] = sum_{i in block g} grad[i]^2
//
// Sizes     S, R = slices, M4 = numbers in matrices / 4, P4 = parameters / 4, span = vec4 per block,
//           G = blocks = ceil(P4 / span)
// Grid      one row per block
// Numerics  order of additions fixed by the sizes and the variant: the same bits every time
// Writes    grad, squares (overwritten)
// Needs     WG (prelude); Lane, row_of, first, STRIDE, is_first, wg_sum (lib/reduce)

struct Params {
  S: u32,
  R: u32,
  M4: u32,
  P4: u32,
  G: u32,
  span: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> matrices: array<vec4f>;     // [S,M]
@group(0) @binding(2) var<storage, read> vectors: array<vec4f>;      // [R,P-M]
@group(0) @binding(3) var<storage, read_write> grad: array<vec4f>;   // [P]
@group(0) @binding(4) var<storage, read_write> squares: array<f32>;  // [G]

fn sum_slices(i: u32) -> vec4f {
  var total = vec4f();
  if (i < p.M4) {
    for (var s = 0u; s < p.S; s++) {
      total += matrices[s * p.M4 + i];
    }
  } else {
    for (var r = 0u; r < p.R; r++) {
      total += vectors[r * (p.P4 - p.M4) + i - p.M4];
    }
  }
  return total;
}

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  lane: Lane,
) {
  let g = row_of(group, groups, lane);
  if (g >= p.G) { return; }              // a whole row leaves together: barriers stay uniform
  let begin = g * p.span;
  let end = min(begin + p.span, p.P4);

  var square = 0.0;
  for (var i = begin + first(lane); i < end; i += STRIDE) {
    let total = sum_slices(i);
    grad[i] = total;
    square += dot(total, total);
  }
  square = wg_sum(square, lane);

  if (is_first(lane)) {
    squares[g] = square;
  }
}
