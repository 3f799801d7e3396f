// Hill muscle after Thelen (2003) with a rigid tendon. Rows: activation, fibre length, velocity, passive curve, active force-length curve, force-velocity curve, force.
// Math  l = max(L - l_se, 0.001), n = l/l_ce; F = (a ce max(g, 0) + pe) F_max; ce = exp(-(n - 1)^2/0.45), pe = max((exp(5/0.6 (n - l_pe/l_ce)) - 1)/(exp 5 - 1), 0)
//       v <= 0: g = A (a k0 + 4 v + v_max)/(3 a k1 + k1 - 4 v); v > 0: g = (k2 a + k3 v + k4)/(3 a k4 + k5 v + k4); v in m/s, A = 0.25,
//       k0 = 3 v_max, k1 = A v_max, k2 = 3 A v_max (1.4 - 1), k3 = 8 (A + 1) 1.4 = 14, k4 = A v_max (1.4 - 1), k5 = 8 (A + 1) = 10
//@use body_muscle_rigid
//@use math

const MUSCLE_ROWS: u32 = 7u;
const RESTS_WITHOUT_FORCE: bool = false;

const PASSIVE_OFFSET: u32 = OWN; // 5/0.6 slack
const PASSIVE_RATE: f32 = 8.3333333333;
const PASSIVE_SCALE: f32 = 0.0067836549; // 1 / (exp 5 - 1)
const SHORTEST: f32 = 0.001;

// Numerator and denominator of the force-velocity quotient; at v = 0 the shortening arm holds.
fn velocity_quotient(a: f32, v: f32, vmax: f32) -> vec2f {
  let a31 = vmax * (3.0 * a + 1.0);
  if (v <= 0.0) { return vec2f(0.25 * (a31 + 4.0 * v), 0.25 * a31 - 4.0 * v); }
  return v * vec2f(14.0, 10.0) + 0.1 * a31;
}

fn muscle_rows(m: u32, a: f32, length: f32, velocity: f32) -> MuscleRows {
  let l = at_least(length - muscle_number(m, TENDON_LENGTH), SHORTEST);
  let n = l * muscle_number(m, INVERSE_LENGTH);
  let stretch = n - 1.0;
  let ce = exponential((stretch * stretch) * (-1.0 / 0.45));
  let pe = at_least((exponential(n * PASSIVE_RATE - muscle_number(m, PASSIVE_OFFSET)) - 1.0) * PASSIVE_SCALE, 0.0);
  let quotient = velocity_quotient(a, velocity, muscle_number(m, MAXIMUM_VELOCITY));
  let fv = at_least(quotient.x / quotient.y, 0.0);
  return MuscleRows(a, l, velocity, pe, ce, fv, (a * ce * fv + pe) * muscle_number(m, MAXIMUM_FORCE));
}

// Gradient by activation, length and velocity.
fn muscle_rows_backward(m: u32, a: f32, length: f32, v: f32, d: MuscleRows) -> vec3f {
  let fibre = length - muscle_number(m, TENDON_LENGTH);
  let inverse_length = muscle_number(m, INVERSE_LENGTH);
  let n = at_least(fibre, SHORTEST) * inverse_length;
  let stretch = n - 1.0;
  let ce = exponential((stretch * stretch) * (-1.0 / 0.45));
  let passive = exponential(n * PASSIVE_RATE - muscle_number(m, PASSIVE_OFFSET));
  let vmax = muscle_number(m, MAXIMUM_VELOCITY);
  let shortening = v <= 0.0;
  let quotient = velocity_quotient(a, v, vmax);
  let inverse = 1.0 / quotient.y;
  let g = quotient.x * inverse;
  let fv = at_least(g, 0.0);
  let force = d[6] * muscle_number(m, MAXIMUM_FORCE);
  let d_g = select(0.0, force * (a * ce) + d[5], g >= 0.0);
  let d_ce = force * (a * fv) + d[4];
  let d_pe = select(0.0, force + d[3], passive >= 1.0);
  let d_numerator = d_g * inverse;
  let both = d_numerator * g; // minus the gradient of the denominator
  // By activation numerator and denominator grow alike: by 3 A v_max, or 0.4 times as much.
  let slope = vmax * select(0.3, 0.75, shortening);
  let d_n = d_pe * passive * (PASSIVE_RATE * PASSIVE_SCALE) + d_ce * ce * (stretch * (-2.0 / 0.45));
  let d_v = select(14.0 * d_numerator - 10.0 * both, d_numerator + 4.0 * both, shortening);
  return vec3f(force * ce * fv + slope * (d_numerator - both) + d[0], select(0.0, d_n * inverse_length + d[1], fibre >= SHORTEST), d_v + d[2]);
}
