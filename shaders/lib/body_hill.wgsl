// Curves that both Hill muscles after Kistemaker share: passive strain and stiffness, active force-length, the activation-dependent Hill constant.
//@use body_state

// l_pe / l_ce and k_pe.
const SLACK: u32 = OWN;
const PASSIVE_STIFFNESS: u32 = OWN + 1u;

// br = 5.2 x^2 with x = 1 + 0.9 (a - 0.3)/0.295, at most 1, which it reaches at a = 0.3; and its slope.
fn hill_constant(a: f32) -> vec2f {
  let x = at_most((a - 0.3) * (0.9 / 0.295) + 1.0, 1.0);
  return vec2f(5.2 * (x * x), select(0.0, (9.36 / 0.295) * x, a < 0.3));
}

// ce = max(1 - (n - 1)^2/0.4356, 0.01) and its slope.
fn hill_curve(n: f32) -> vec2f {
  let d = n - 1.0;
  let q = 1.0 - (d * (1.0 / 0.4356)) * d;
  return vec2f(at_least(q, 0.01), select(0.0, (-2.0 / 0.4356) * d, q >= 0.01));
}

// Strain of the passive element, at least 0.
fn passive_strain(m: u32, n: f32) -> f32 { return at_least(n - muscle_number(m, SLACK), 0.0); }
