// absolute_error_loss: weighted absolute error of every trial, and its gradient
// Math      trial_loss[b] += scale Σ_{t < steps} Σ_o w |p − y|; d_prediction += scale w sign(p − y), 0 where they are equal
// In        prediction [B, T, O]  target [B, T, O] (absent = 0)  weight [B, T, W] (absent = 1; W = O, or 1 for all outputs)
// Out       trial_loss [B], updated  d_prediction [B, T, O] (optional), updated
// Mapping   one workgroup of 128 = one trial b, whose invocations share out its elements, then add up in a tree
// Memory    reads each array once, writes d_prediction once; workgroup: 512 bytes
// Limits    T O < 2^32
// Numerics  sums in f32, T O / 128 + 7 roundings deep; a NaN in prediction, target or weight makes NaN of loss and gradient
// Twins     src/backends/reference/absolute_error_loss.ts, assembly/absolute_error_loss.ts
//@use math
//@use loss

@compute @workgroup_size(128)
fn absolute_error_loss(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = unit_of(workgroup);
  let inside = b < p.B;
  let count = u32(clamp(p.steps, 0, i32(p.T))) * p.O;
  var sum = 0.0;
  if (inside) {
    for (var i = local; i < count; i += 128u) {
      let at = b * p.T * p.O + i;
      var w = 1.0;
      if (has_weight && p.W == 1u) { w = get_weight(b * p.T + i / p.O); } else if (has_weight) { w = get_weight(at); }
      let error = get_prediction(at) - get_target(at);
      sum += w * abs(error);
      if (has_d_prediction) {
        let direction = select(sign(error), error, is_nan(error));
        set_d_prediction(at, get_d_prediction(at) + (p.scale * w) * direction);
      }
    }
  }
  let total = workgroup_sum(local, sum);
  if (local == 0u && inside) { set_trial_loss(b, get_trial_loss(b) + p.scale * total); }
}
