// Hill muscle after Kistemaker with a rigid tendon. Rows: activation, fibre length, velocity, passive curve, active force-length curve, active force, force.
// Math  l = max(L - l_se, 0), n = l/l_ce, v = V/v_max; F = (max(g, 0) + k_pe e^2) F_max, e the passive strain; ce, br in body_hill.wgsl; f = a ce, ar = 0.41 (ce for n > 1, else 1)
//       v < 0: g = (v a ar + f br)/(br - v); v >= 0, with K = a (ce + ar)/br, D = 0.001 - 2 K, p1 = -f/(2 D), p2 = f^2/(4 D), p3 = -1.5 f:
//       g = (p1 (0.001 v - p3) + p2 - p3 v + 0.001 v^2)/(p1 + v); numerator and denominator times D br here; 0/0 (a = 0 at rest) counts as 0
//@use body_hill
//@use body_muscle_rigid

const MUSCLE_ROWS: u32 = 7u;
const RESTS_WITHOUT_FORCE: bool = false;

fn muscle_rows(m: u32, a: f32, length: f32, velocity: f32) -> MuscleRows {
  let l = at_least(length - muscle_number(m, TENDON_LENGTH), 0.0);
  let n = l * muscle_number(m, INVERSE_LENGTH);
  let v = velocity * muscle_number(m, INVERSE_VELOCITY);
  let e = passive_strain(m, n);
  let pe = muscle_number(m, PASSIVE_STIFFNESS) * (e * e);
  let br = hill_constant(a).x;
  let ce = hill_curve(n).x;
  let ar = select(0.41, 0.41 * ce, n > 1.0);
  let f = ce * a;
  let half_f = 0.5 * f;
  let tb = half_f * br;
  let p3 = -1.5 * f;
  let Db = 0.001 * br - 2.0 * a * (ce + ar);
  let sv = 0.001 * v;
  let shortening = v < 0.0;
  let numerator = select(Db * (v * (sv - p3)) + tb * ((p3 - sv) + half_f), v * a * ar + f * br, shortening);
  let denominator = select(v * Db - tb, br - v, shortening);
  let defined = denominator != 0.0;
  let pull = at_least(select(0.0, numerator / select(1.0, denominator, defined), defined), 0.0);
  return MuscleRows(a, l, velocity, pe, ce, pull, (pull + pe) * muscle_number(m, MAXIMUM_FORCE));
}

// Gradient by activation, length and velocity.
fn muscle_rows_backward(m: u32, a: f32, length: f32, velocity: f32, d: MuscleRows) -> vec3f {
  let fibre = length - muscle_number(m, TENDON_LENGTH);
  let inverse_length = muscle_number(m, INVERSE_LENGTH);
  let inverse_velocity = muscle_number(m, INVERSE_VELOCITY);
  let n = at_least(fibre, 0.0) * inverse_length;
  let v = velocity * inverse_velocity;
  let e = passive_strain(m, n);
  let constant = hill_constant(a);
  let br = constant.x;
  let curve = hill_curve(n);
  let ce = curve.x;
  let long = n > 1.0;
  let ar = select(0.41, 0.41 * ce, long);
  let f = ce * a;
  let half_f = 0.5 * f;
  let tb = half_f * br;
  let p3 = -1.5 * f;
  let sum = ce + ar;
  let Db = 0.001 * br - 2.0 * a * sum;
  let sv = 0.001 * v;
  let shortening = v < 0.0;
  let numerator = select(Db * (v * (sv - p3)) + tb * ((p3 - sv) + half_f), v * a * ar + f * br, shortening);
  let scaled = select(v * Db - tb, br - v, shortening);
  let defined = scaled != 0.0;
  let inverse = select(0.0, 1.0 / select(1.0, scaled, defined), defined);
  let g = numerator * inverse;
  let force = d[6] * muscle_number(m, MAXIMUM_FORCE);
  let d_g = select(0.0, force + d[5], g >= 0.0);
  let d_pe = force + d[3];
  let d_numerator = d_g * select(inverse * Db, inverse, shortening); // of the unscaled quotient
  let d_denominator = -(d_numerator * g);
  var d_v: f32;
  var d_ar: f32;
  var d_br: f32;
  var d_f: f32;
  var d_curve = d[4];
  var d_a = d[0];
  if (shortening) {
    d_v = d_numerator * (a * ar) - d_denominator;
    d_ar = d_numerator * (v * a);
    d_br = d_numerator * f + d_denominator;
    d_f = d_numerator * br;
    d_a += d_numerator * (v * ar);
  } else {
    let inverse_Db = 1.0 / Db;
    let inverse_D = br * inverse_Db;
    let p1 = -(tb * inverse_Db);
    let p2 = -(half_f * p1);
    let d_p1 = d_numerator * (sv - p3) + d_denominator;
    let d_half = inverse_D * (f * d_numerator - d_p1);
    let per_br = 2.0 * inverse_Db * (d_p1 * p1 + d_numerator * p2);
    d_v = d_numerator * (0.001 * p1 + (2.0 * sv - p3)) + d_denominator;
    d_ar = per_br * a;
    d_br = -(per_br * (a * sum) / br);
    d_f = 1.5 * (d_numerator * (p1 + v)) + 0.5 * d_half;
    d_curve += per_br * a;
    d_a += per_br * sum;
  }
  d_curve += d_f * a + select(0.0, 0.41 * d_ar, long);
  d_a += d_f * ce + d_br * constant.y;
  let d_l = inverse_length * (d_curve * curve.y + d_pe * (2.0 * muscle_number(m, PASSIVE_STIFFNESS) * e)) + d[1];
  return vec3f(d_a, select(0.0, d_l, fibre >= 0.0), d_v * inverse_velocity + d[2]);
}
