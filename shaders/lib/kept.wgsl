// kept: four numbers that the way forward keeps for the way back, in float32.
// Interface shared with kept.half.wgsl:
//
//   Kept             what lies in memory
//   keep(x) -> Kept  and  taken(k) -> vec4f

alias Kept = vec4f;

fn keep(x: vec4f) -> Kept {
  return x;
}

fn taken(k: Kept) -> vec4f {
  return k;
}
