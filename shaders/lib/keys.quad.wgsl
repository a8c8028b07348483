// keys (quad): four at once; each of four neighboring invocations loads one and passes it on in registers
// (lib/quad). For adapters on which loads cost more than spilled registers; a GPU would spill the rest.
// The interface is described in keys.wgsl.

const KEYS = 4u;
alias Id = vec4u;
alias Number = vec4f;
alias Quad = mat4x4f;

fn mine(lane: u32) -> u32 {
  return lane % 4u;
}

fn bring(v: vec4f) -> Quad {
  return mat4x4f(quadBroadcast(v, 0u), quadBroadcast(v, 1u), quadBroadcast(v, 2u), quadBroadcast(v, 3u));
}

fn parts(q: Quad) -> mat4x4f {
  return transpose(q);
}

fn ids(j: u32) -> Id {
  return j + vec4u(0u, 1u, 2u, 3u);
}

fn product(v: vec4f, q: Quad) -> Number {
  return v * q;
}

fn largest(x: Number) -> f32 {
  return max(max(x.x, x.y), max(x.z, x.w));
}

fn total(x: Number) -> f32 {
  return dot(x, vec4f(1.0));
}
