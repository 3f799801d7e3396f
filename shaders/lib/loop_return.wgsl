// The way back through body and senses of a closed loop. In scratch, feature-major [.., B], stand: the gradient of the state that the next reverse step starts from, at
// p.waiting; those of the last p.ring observations, at p.observed, where states and actions look up what later observations read of them; that of the step's action, at p.acted.
// State 0 and all noise are constants.
//@use loop_change
//@use loop_delay
//@use body_step_backward
//@use body_recall

const WAITING: u32 = 4u + (MUSCLE_ROWS + 4u) * MUSCLES;

fn observed_at(b: u32, k: u32, v: u32) -> u32 { return p.observed + (((k % p.ring) * OBSERVATION + v) * p.B + b); }

fn action_at(b: u32, m: u32) -> u32 { return p.acted + m * p.B + b; }

/// Keeps entry v of the gradient of observation k.
fn keep_observed(b: u32, k: u32, v: u32, value: f32) { set_scratch(observed_at(b, k, v), value); }

fn load_waiting(b: u32) -> Body {
  var d = body_zero();
  var at = p.waiting + b;
  for (var i = 0u; i < 4u; i++) {
    d.joint[i] = get_scratch(at);
    at += p.B;
  }
  for (var m = 0u; m < MUSCLES; m++) {
    for (var r = 0u; r < MUSCLE_ROWS; r++) {
      d.muscle[m][r] = get_scratch(at);
      at += p.B;
    }
    for (var i = 0u; i < 4u; i++) {
      d.geometry[m][i] = get_scratch(at);
      at += p.B;
    }
  }
  return d;
}

fn store_waiting(b: u32, d: ptr<function, Body>) {
  var at = p.waiting + b;
  for (var i = 0u; i < 4u; i++) {
    set_scratch(at, (*d).joint[i]);
    at += p.B;
  }
  for (var m = 0u; m < MUSCLES; m++) {
    for (var r = 0u; r < MUSCLE_ROWS; r++) {
      set_scratch(at, (*d).muscle[m][r]);
      at += p.B;
    }
    for (var i = 0u; i < 4u; i++) {
      set_scratch(at, (*d).geometry[m][i]);
      at += p.B;
    }
  }
}

/// Adds what is given for state k + 1 of trial b, and what later observations read of it.
fn add_to_state(b: u32, k: u32, d: ptr<function, Body>) {
  let row = b * (p.T + 1u) + k + 1u;
  if (has_d_joint) {
    for (var i = 0u; i < 4u; i++) { (*d).joint[i] += get_d_joint(4u * row + i); }
  }
  if (has_d_muscle) {
    for (var m = 0u; m < MUSCLES; m++) {
      for (var r = 0u; r < MUSCLE_ROWS; r++) { (*d).muscle[m][r] += get_d_muscle((row * MUSCLE_ROWS + r) * MUSCLES + m); }
    }
  }
  let step = b * p.T + k;
  var seen = vec2f(get_d_fingertip(2u * step), get_d_fingertip(2u * step + 1u));
  let sight = k + u32(p.vision_delay);
  if (sight < p.T) { seen += vec2f(get_scratch(observed_at(b, sight, 0u)), get_scratch(observed_at(b, sight, 1u))); }
  let joint = vec4f(get_joint(4u * row), get_joint(4u * row + 1u), 0.0, 0.0);
  (*d).joint += skeleton_cartesian_backward(joint, skeleton_angles(joint), vec4f(seen, 0.0, 0.0));
  let feeling = k + u32(p.proprioception_delay);
  if (feeling < p.T) {
    for (var m = 0u; m < MUSCLES; m++) {
      (*d).muscle[m][1] += get_scratch(observed_at(b, feeling, 2u + m)) * muscle_number(m, INVERSE_LENGTH);
      (*d).muscle[m][2] += get_scratch(observed_at(b, feeling, 2u + MUSCLES + m)) * muscle_number(m, INVERSE_VELOCITY);
    }
  }
}

/// From the gradient of state k + 1 of trial b to that of state k, which waits, and to that of the action of step k.
fn return_through_body(b: u32, k: u32) {
  var d = body_zero();
  if (k + 1u < p.T) { d = load_waiting(b); }
  add_to_state(b, k, &d);
  let step = b * p.T + k;
  var s: Body;
  body_recall(&s, b * (p.T + 1u) + k);
  var action: Actions;
  actions_of(step, &action);
  choose_strengths(step);
  let before = s.joint;
  let angles = s.angles;
  let loads = loads_of(step, body_cartesian(&s));
  var d_loads = vec4f();
  var d_action = Actions();
  body_step_backward(&s, &action, loads.xy, loads.zw, &d, &d_action, &d_loads);
  let field = field_of(step);
  if (field > 0u) { d.joint += skeleton_cartesian_backward(before, angles, field_force_backward(field, d_loads.xy)); }
  store_waiting(b, &d);
  let frames = u32(p.action_frames);
  for (var later = k + 1u; later <= k + frames && later < p.T; later++) {
    let first = FIRST_ACTION + (k + frames - later) * MUSCLES;
    for (var m = 0u; m < MUSCLES; m++) { d_action[m] += get_scratch(observed_at(b, later, first + m)); }
  }
  for (var m = 0u; m < MUSCLES; m++) { set_scratch(action_at(b, m), d_action[m]); }
}
