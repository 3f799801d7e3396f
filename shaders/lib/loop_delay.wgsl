// Where the entries of a closed loop's observation begin, which state a delayed sense reads, and what the body is told: outputs with the noise of actions.
//@use body_state
//@use loop_change

const FIRST_ACTION: u32 = 2u + 2u * MUSCLES;

/// The state that a sense with a delay of n frames reads at step k.
fn sampled_state(k: u32, n: u32) -> u32 { return select(0u, k + 1u - n, k >= n); }

/// Which of the readings of a state that is; the initial one has two.
fn sampled_reading(k: u32, n: u32) -> u32 { return select(0u, k + 2u - n, k + 1u >= n); }

/// Action m of a step (trial · T + k): what the body is moved by, and what later observations hold.
fn noisy_action(step: u32, m: u32) -> f32 { return get_outputs(step * MUSCLES + m) + get_action_noise(step * MUSCLES + m); }

/// Actions of a step, and its loads: on the end point (x y vx vy before the step), on the joints.
fn actions_of(step: u32, action: ptr<function, Actions>) {
  for (var m = 0u; m < MUSCLES; m++) { (*action)[m] = noisy_action(step, m); }
}

fn loads_of(step: u32, end_point: vec4f) -> vec4f {
  var loads = vec4f(get_endpoint_load(2u * step), get_endpoint_load(2u * step + 1u), get_joint_load(2u * step), get_joint_load(2u * step + 1u));
  let field = field_of(step);
  if (field > 0u) { loads += vec4f(field_force(field, end_point), 0.0, 0.0); }
  return loads;
}
