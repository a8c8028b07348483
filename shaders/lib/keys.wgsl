// keys: how many keys (or queries) a turn of attention takes at once, here one.
// Interface shared with keys.quad.wgsl; the names are those of what is taken:
//
//   KEYS, Id, Number, Quad    keys of a turn; one u32, one f32, one vec4f for each of them
//   mine(lane)                which of them this invocation loads, to be added to the first one's row
//   bring(v) -> Quad          from what this invocation loaded, what was loaded of each
//   parts(q)[i] -> Number     component i of each
//   ids(j) -> Id              j and the ones after it
//   product(v, q) -> Number   inner product of v with each;  q * number is the sum over them
//   largest(x), total(x)      over them

const KEYS = 1u;
alias Id = u32;
alias Number = f32;
alias Quad = vec4f;

fn mine(lane: u32) -> u32 {
  return 0u;
}

fn bring(v: vec4f) -> Quad {
  return v;
}

fn parts(q: Quad) -> vec4f {
  return q;
}

fn ids(j: u32) -> Id {
  return j;
}

fn product(v: vec4f, q: Quad) -> Number {
  return dot(v, q);
}

fn largest(x: Number) -> f32 {
  return x;
}

fn total(x: Number) -> f32 {
  return x;
}
