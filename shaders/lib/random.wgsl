// Counter-based random numbers: a value is a pure function of (seed, stream, step, row).
// The same function as src/shared/rng.ts.
// Source: Jarzynski & Olano 2020, "Hash Functions for GPU Rendering", pcg4d.

fn pcg4d(counter: vec4u) -> vec4u {
  var v = counter * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

// In [0,1), 24 random bits.
fn uniform01(word: u32) -> f32 {
  return f32(word >> 8u) * 0x1p-24;
}
