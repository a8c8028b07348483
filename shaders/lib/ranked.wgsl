// ranked: the order in which tokens are cut off, and what one weighs in the draw.
// Needs p.temperature.

const LOWEST = -0x1.fffffep127;
const GREEDY_BELOW = 1e-6;  // colder, and (logit - max) / temperature could overflow

struct Ranked {
  logit: f32,
  id: u32,
}

fn comes_before(a: Ranked, b: Ranked) -> bool {
  return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

fn weight(logit: f32, best: Ranked) -> f32 {
  return exp((logit - best.logit) / p.temperature);
}
