// cross_entropy_loss: cross entropy of softmax outputs with target probabilities for every trial, and its gradient
// Math      trial_loss[b] −= scale Σ_t w Σ_o y log softmax(p)_o; d_prediction += scale w (softmax(p)_o Σ_o' y_o' − y_o)
// In        prediction [B, T, O]  target [B, T, O] (probabilities)  weight [B, T, W] (absent = 1; W = 1)
// Out       trial_loss [B], updated  d_prediction [B, T, O] (optional), updated
// Mapping   one workgroup of 128 = one trial b, whose invocations share out its time steps, then add up in a tree
// Memory    each row of O is read three times by one invocation, from cache after the first; workgroup: 512 bytes
// Limits    T O < 2^32
// Numerics  exponentials by lib/math.wgsl after the maximum is subtracted; sums in f32, O roundings deep along a row, T / 128 + 7 over time
// Twins     src/backends/reference/cross_entropy_loss.ts, assembly/cross_entropy_loss.ts
//@use order
//@use loss

/// −Σ_o y log softmax(p)_o of the row that begins at `row`; adds `factor` times its gradient to d_prediction.
fn row_loss(row: u32, factor: f32) -> f32 {
  var highest = -infinity();
  for (var o = 0u; o < p.O; o++) { highest = maximum(highest, get_prediction(row + o)); }
  var exponentials = 0.0;
  var mass = 0.0;
  for (var o = 0u; o < p.O; o++) {
    exponentials += exponential(get_prediction(row + o) - highest);
    mass += get_target(row + o);
  }
  let logarithm_of_sum = logarithm(exponentials);
  var loss = 0.0;
  for (var o = 0u; o < p.O; o++) {
    let probability = get_target(row + o);
    let log_probability = (get_prediction(row + o) - highest) - logarithm_of_sum;
    loss -= probability * log_probability;
    if (has_d_prediction) { set_d_prediction(row + o, get_d_prediction(row + o) + factor * (exponential(log_probability) * mass - probability)); }
  }
  return loss;
}

@compute @workgroup_size(128)
fn cross_entropy_loss(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = unit_of(workgroup);
  var sum = 0.0;
  if (b < p.B) {
    for (var t = local; t < p.T; t += 128u) {
      var w = 1.0;
      if (has_weight) { w = get_weight(b * p.T + t); }
      sum += w * row_loss((b * p.T + t) * p.O, p.scale * w);
    }
  }
  let total = workgroup_sum(local, sum);
  if (local == 0u && b < p.B) { set_trial_loss(b, get_trial_loss(b) + p.scale * total); }
}
