// grad_norm_sum: adds the partial gradients of all slices and squares the result, block by block.
//
//   grad[i]    = sum_{s<S} partials[s,i]               (in the order of s)
//   squares[g] = sum_{i in block g} grad[i]^2
//
// Sizes     S = slices, P4 = parameters / 4, span = vec4 per block, G = blocks = ceil(P4 / span)
// Grid      one row per block
// Numerics  order of additions fixed by the sizes and the variant: the same bits every time
// Writes    grad, squares (overwritten)
// Needs     WG (prelude); Lane, row_of, first, STRIDE, is_first, wg_sum (lib/reduce)

struct Params {
  S: u32,
  P4: u32,
  G: u32,
  span: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;     // [S,P]
@group(0) @binding(2) var<storage, read_write> grad: array<vec4f>;   // [P]
@group(0) @binding(3) var<storage, read_write> squares: array<f32>;  // [G]

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
    var total = vec4f();
    for (var s = 0u; s < p.S; s++) {
      total += partials[s * p.P4 + i];
    }
    grad[i] = total;
    square += dot(total, total);
  }
  square = wg_sum(square, lane);

  if (is_first(lane)) {
    squares[g] = square;
  }
}
