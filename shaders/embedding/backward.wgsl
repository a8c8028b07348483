// embedding_backward: gradient of the embedding table in slices of each token's occurrences, without atomics.
//
//   y[n] = w[tokens[n]], so row v of w collects the gradient of each n with tokens[n] = v. The host
//   sorts the positions n by token: those of v are order[starts[v]] … order[starts[v + 1] - 1].
//   dw[s,v,c] += sum_{j in slice s of starts[v] … starts[v + 1] - 1} dy[order[j],c]
//
// Sizes     N = tokens, V = vocabulary, C = channels, a multiple of 4; S = slices, each with an equal share of
//           every token's occurrences, rounded up
// Grid      one list per vocabulary row and slice, as lib/columns decides
// Numerics  the order of additions in a slice is fixed by its occurrences; grad_norm_sum adds the slices
// Writes    dw (accumulates)
// Needs     flat_group (prelude); list_of, quad_of, row_in, ROWS, sum_rows, is_writer (lib/columns)

struct Params {
  V: u32,
  C: u32,
  S: u32,
  slice_stride: u32,  // floats between slices of dw
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;        // [N,C]
@group(0) @binding(2) var<storage, read> order: array<i32>;       // [N]    token positions, by id
@group(0) @binding(3) var<storage, read> starts: array<i32>;      // [V+1]  into order
@group(0) @binding(4) var<storage, read_write> dw: array<vec4f>;  // [V,C] of slice 0, then the others

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let quads = p.C / 4u;
  let g = flat_group(group, groups);
  let list = list_of(g, lane, quads);
  if (list >= p.V * p.S) { return; }     // a whole workgroup leaves together, if it has barriers
  let c = quad_of(g, lane, quads);
  let v = list / p.S;
  let slice = list % p.S;
  let share = u32(starts[v + 1u] - starts[v] + i32(p.S) - 1) / p.S;
  let begin = u32(starts[v]) + slice * share;
  let end = select(0u, min(begin + share, u32(starts[v + 1u])), c < quads);

  var sum = vec4f();
  for (var j = begin + row_in(lane); j < end; j += ROWS) {
    sum += dy[u32(order[j]) * quads + c];
  }
  sum = sum_rows(sum, lane);
  if (c < quads && is_writer(lane)) {
    dw[slice * (p.slice_stride / 4u) + v * quads + c] += sum;
  }
}
