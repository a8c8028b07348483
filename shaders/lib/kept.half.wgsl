// kept (half): in float16, half the bytes; 2^-11 of a number is lost, and what is beyond ± 65504 is cut.
// The packing is part of core WGSL, so every adapter has it. The interface is described in kept.wgsl.

alias Kept = vec2u;

const LARGEST_HALF = 65504.0;

fn keep(x: vec4f) -> Kept {
  let y = clamp(x, vec4f(-LARGEST_HALF), vec4f(LARGEST_HALF));
  return vec2u(pack2x16float(y.xy), pack2x16float(y.zw));
}

fn taken(k: Kept) -> vec4f {
  return vec4f(unpack2x16float(k.x), unpack2x16float(k.y));
}
