// columns (serial): a quad of columns belongs to one invocation, which adds its rows in order. No barriers.
// The interface is described in columns.wgsl.

const ROWS = 1u;

fn list_of(group: u32, lane: u32, quads: u32) -> u32 {
  return (group * WG + lane) / quads;
}

fn quad_of(group: u32, lane: u32, quads: u32) -> u32 {
  return (group * WG + lane) % quads;
}

fn row_in(lane: u32) -> u32 {
  return 0u;
}

fn is_writer(lane: u32) -> bool {
  return true;
}

fn sum_rows(x: vec4f, lane: u32) -> vec4f {
  return x;
}
