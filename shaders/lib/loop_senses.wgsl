// What the network of a closed loop senses: every input of a step from the arrays that the same workgroup has written: joint and muscle states, end points, outputs.
// x_k = [leading inputs; vision 2; proprioception 2M; earlier noisy actions, oldest first, M each; the other inputs]
// Sample for a delay of n frames at step k: k < n − 1: reading 0 of state 0; k = n − 1: reading 1 of state 0; else reading k − n + 2 of state k − n + 1.
// Barriers between the writes and sensing are the caller's. ORIGIN: where scratch holds the end points of the initial states [B, 2].
//@use loop_delay
//@use body_state

/// Input i of the network for trial b at step k.
fn network_input(b: u32, k: u32, i: u32) -> f32 {
  let step = b * p.T + k;
  let leading = u32(p.leading_inputs);
  if (i < leading) { return get_inputs(step * p.E + i); }
  let v = i - leading;
  if (v >= OBSERVATION) { return get_inputs(step * p.E + i - OBSERVATION); }
  return sensed(b, k, v) + get_observation_noise(step * OBSERVATION + v);
}

/// Entry v of the observation, before observation noise.
fn sensed(b: u32, k: u32, v: u32) -> f32 {
  if (v < 2u) {
    let state = sampled_state(k, u32(p.vision_delay));
    let noise = get_vision_noise((b * (p.T + 2u) + sampled_reading(k, u32(p.vision_delay))) * 2u + v);
    if (state == 0u) { return get_scratch(p.origin + 2u * b + v) + noise; }
    return get_fingertip((b * p.T + state - 1u) * 2u + v) + noise;
  }
  if (v < FIRST_ACTION) {
    let feature = v - 2u;
    let state = sampled_state(k, u32(p.proprioception_delay));
    let noise = get_proprioception_noise((b * (p.T + 2u) + sampled_reading(k, u32(p.proprioception_delay))) * 2u * MUSCLES + feature);
    let m = feature % MUSCLES;
    let scale = muscle_number(m, select(INVERSE_VELOCITY, INVERSE_LENGTH, feature < MUSCLES));
    return get_muscle((b * (p.T + 1u) + state) * MUSCLE_ROWS * MUSCLES + MUSCLES + feature) * scale + noise;
  }
  let action = v - FIRST_ACTION;
  let earlier = k + action / MUSCLES; // of step `earlier` − frames
  let frames = u32(p.action_frames);
  if (earlier < frames) { return 0.0; }
  return noisy_action(b * p.T + earlier - frames, action % MUSCLES);
}
