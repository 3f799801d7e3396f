// optimizer_step: one update of all parameters from their gradient; where mask is 0, a parameter and its moments stay
// Math      g ← g · min(1, clip / (norm + 1e-6)) when clip > 0 (PyTorch clip_grad_norm_); sgd, adam: g ← g + λ θ; adamw: θ ← θ − lr λ θ
//           sgd: m ← momentum · m + g, θ ← θ − lr m; adam, adamw: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
//           θ ← θ − (lr / c₁) m / (√v / √c₂ + ε)    (Kingma & Ba 2015, arXiv:1412.6980; Loshchilov & Hutter 2019, arXiv:1711.05101)
// In        gradient [P]  norm [E] (optional: no clipping)  mask [P] (optional)
// Out       parameters [P]  moment1 [P] (optional for sgd)  moment2 [P] (adam, adamw), all updated
// Mapping   one invocation = one parameter, workgroups of 256
// Memory    reads up to 5 P, writes up to 3 P floats once
// Limits    P < 2^32
// Numerics  f32; coefficients such as 1 − β₂ are formed in f64 on the host and come as bits (`rate`, `keep`, `gain1`, `gain2`, `scale2`); denormals may count as 0
// Twins     src/backends/reference/optimizer_step.ts, assembly/optimizer_step.ts
//@use math

/// What clipping multiplies gradients with. A NaN norm makes NaN of every gradient, as it does in PyTorch.
fn shrink() -> f32 {
  if (!has_norm || p.clip <= 0.0) { return 1.0; }
  let norm = get_norm(0u);
  return select(min(1.0, p.clip / (norm + 1e-6)), norm, is_nan(norm));
}

@compute @workgroup_size(256)
fn optimizer_step(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = unit_of(workgroup) * 256u + local;
  if (i >= p.P) { return; }
  if (has_mask && get_mask(i) == 0.0) { return; }
  var theta = get_parameters(i);
  var g = get_gradient(i) * shrink();
  if (VARIANT == 2u) { theta *= bitcast<f32>(p.keep); } else { g += p.weight_decay * theta; }
  let rate = bitcast<f32>(p.rate);
  if (VARIANT == 0u) {
    if (has_moment1) {
      g += p.momentum * get_moment1(i);
      set_moment1(i, g);
    }
    set_parameters(i, theta - rate * g);
  } else {
    let m = p.beta1 * get_moment1(i) + bitcast<f32>(p.gain1) * g;
    let v = p.beta2 * get_moment2(i) + (bitcast<f32>(p.gain2) * g) * g;
    set_moment1(i, m);
    set_moment2(i, v);
    set_parameters(i, theta - (rate * m) / (square_root(v) * bitcast<f32>(p.scale2) + p.epsilon));
  }
}
