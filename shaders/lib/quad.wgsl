// quad: numbers that neighboring invocations both need, each loaded by one of them. The four invocations
// of a quad, 4i … 4i + 3 of a workgroup, are a square, 0 1 over 2 3. On adapters where a load costs more
// than an exchange of registers, a tile with rows shared across and columns shared down saves every second
// load. The four must call these functions together: their loops and branches may depend on nothing but
// what they share.

diagnostic(off, subgroup_uniformity);  // quads differ from each other in their flow, not within

// The matrix of the invocation beside this one.
fn of_beside(m: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapX(m[0]), quadSwapX(m[1]), quadSwapX(m[2]), quadSwapX(m[3]));
}

// The matrix of the invocation above or below this one.
fn of_below(m: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapY(m[0]), quadSwapY(m[1]), quadSwapY(m[2]), quadSwapY(m[3]));
}
