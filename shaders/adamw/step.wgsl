// adamw_step: one AdamW update of every parameter, with the clip factor of grad_norm_finish.
//
//   g      = norm[1] * grad
//   m     += rate1 * (g - m)                            rate = 1 - beta
//   v     += rate2 * (g^2 - v)
//   param -= learning_rate * (correction1 * m / (sqrt(correction2 * v) + epsilon) + decay * param)
//
// decay is weight_decay for the first `decayed` parameters and 0 for the others. From the
// first gradient whose norm is not finite, nothing changes: the last good parameters stay.
//
// Sizes     P4 = parameters / 4
// Grid      one invocation per four parameters
// Numerics  takes 1 - beta, not beta: in f32 the difference would lose three digits near 1
// Writes    param, m, v (in place)
// Needs     WG, flat_group (prelude)

struct Params {
  P4: u32,
  decayed: u32,
  learning_rate: f32,
  rate1: f32,
  rate2: f32,
  correction1: f32,  // 1 / (1 - beta1^t)
  correction2: f32,  // 1 / (1 - beta2^t)
  epsilon: f32,
  weight_decay: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> grad: array<vec4f>;         // [P]
@group(0) @binding(2) var<storage, read> norm: array<f32>;           // [4]  norm, clip factor, failed, 0
@group(0) @binding(3) var<storage, read_write> param: array<vec4f>;  // [P]
@group(0) @binding(4) var<storage, read_write> m: array<vec4f>;      // [P]
@group(0) @binding(5) var<storage, read_write> v: array<vec4f>;      // [P]

@compute @workgroup_size(WG)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = flat_group(group, groups) * WG + lane;
  if (i >= p.P4) { return; }
  if (norm[2] != 0.0) { return; }

  let g = norm[1] * grad[i];
  let first = m[i] + p.rate1 * (g - m[i]);
  let second = v[i] + p.rate2 * (g * g - v[i]);
  m[i] = first;
  v[i] = second;

  let index = 4u * i + vec4u(0u, 1u, 2u, 3u);
  let decay = select(vec4f(), vec4f(p.weight_decay), index < vec4u(p.decayed));
  let direction = p.correction1 * first / (sqrt(p.correction2 * second) + p.epsilon);
  param[i] -= p.learning_rate * (direction + decay * param[i]);
}
