// MuJoCo-style Hill muscle with a rigid tendon. Rows: activation, fibre length, velocity, passive curve, active force-length curve, force-velocity curve, force.
// Math  n = max(L - l_se, 0.001)/l_ce, v = V/v_max (not per optimal length, as MotorNet has it); F = (a ce fv + k_p pe) F_max
//       pe = p (x^3 + 3 max(t - 1, 0)), t = (n - 1)/(b - 1), x = t limited to [0, 1], b = (1 + l_max)/2
//       fv = x^2 + u (2 - u/c), x = v + 1 limited to [0, 1], u = v limited to [0, c], c = fv_max - 1
//       ce = hump(n; l_min, 1, l_max) + 0.15 hump(n; l_min, (l_min + 0.95)/2, 0.95); hump = (1 - min(s, 1)^2 + (2 - max(s, 1))^2)/2 with s the distance from the middle
//       in half-widths of its side, at most 2. Distances are l slope - offset; that of the right side of the main hump is t of the passive curve, too.
//@use body_muscle_rigid

const MUSCLE_ROWS: u32 = 7u;
const RESTS_WITHOUT_FORCE: bool = false;

const PASSIVE_SLOPE: u32 = OWN;
const PASSIVE_OFFSET: u32 = OWN + 1u;
const PASSIVE_SCALE: u32 = OWN + 2u;
const MAIN_LEFT: u32 = OWN + 3u;
const MAIN_OFFSET: u32 = OWN + 4u;
const SIDE: u32 = OWN + 5u;
const SIDE_OFFSET: u32 = OWN + 6u;
const SIDE_SCALE: u32 = OWN + 7u;
const GAIN: u32 = OWN + 8u;
const INVERSE_GAIN: u32 = OWN + 9u;
const PASSIVE_FACTOR: u32 = OWN + 10u;
const SHORTEST: f32 = 0.001;

// Twice the height of a hump at distance s >= 0 from its middle.
fn twice_hump(s: f32) -> f32 {
  let near = at_most(s, 1.0);
  let far = 2.0 - between(s, 1.0, 2.0);
  return far * far + (1.0 - near * near);
}

// Minus the slope of a hump by s: s up to 1, 2 - s beyond, 0 from 2 on.
fn hump_descent(s: f32) -> f32 { return at_least(at_most(s, 2.0 - s), 0.0); }

// Force-velocity curve.
fn velocity_curve(v: f32, gain: f32, inverse_gain: f32) -> f32 {
  let w = between(v + 1.0, 0.0, 1.0);
  let u = between(v, 0.0, gain);
  return u * (2.0 - u * inverse_gain) + w * w;
}

fn muscle_rows(m: u32, a: f32, length: f32, velocity: f32) -> MuscleRows {
  let l = at_least(length - muscle_number(m, TENDON_LENGTH), SHORTEST);
  let t = l * muscle_number(m, PASSIVE_SLOPE) - muscle_number(m, PASSIVE_OFFSET);
  let y = at_least(t, 0.0);
  let x = at_most(y, 1.0);
  let pe = muscle_number(m, PASSIVE_SCALE) * (x * x * x + 3.0 * (y - x));
  let s = at_least(t, muscle_number(m, MAIN_OFFSET) - l * muscle_number(m, MAIN_LEFT));
  let r = abs(l * muscle_number(m, SIDE) - muscle_number(m, SIDE_OFFSET));
  let ce = muscle_number(m, SIDE_SCALE) * twice_hump(r) + 0.5 * twice_hump(s);
  let fv = velocity_curve(velocity * muscle_number(m, INVERSE_VELOCITY), muscle_number(m, GAIN), muscle_number(m, INVERSE_GAIN));
  return MuscleRows(a, l, velocity, pe, ce, fv, muscle_number(m, MAXIMUM_FORCE) * (muscle_number(m, PASSIVE_FACTOR) * pe + a * ce * fv));
}

// Gradient by activation, length and velocity. Slopes of pe and ce are by l.
fn muscle_rows_backward(m: u32, a: f32, length: f32, velocity: f32, d: MuscleRows) -> vec3f {
  let fibre = length - muscle_number(m, TENDON_LENGTH);
  let l = at_least(fibre, SHORTEST);
  let inverse_velocity = muscle_number(m, INVERSE_VELOCITY);
  let v = velocity * inverse_velocity;
  let right = muscle_number(m, PASSIVE_SLOPE);
  let t = l * right - muscle_number(m, PASSIVE_OFFSET);
  let x = between(t, 0.0, 1.0);
  let passive_slope = 3.0 * muscle_number(m, PASSIVE_SCALE) * right * (x * x);
  let left = muscle_number(m, MAIN_LEFT);
  let ascent = muscle_number(m, MAIN_OFFSET) - l * left;
  let s = at_least(t, ascent);
  let side = muscle_number(m, SIDE);
  let e = muscle_number(m, SIDE_OFFSET) - l * side;
  let r = abs(e);
  let side_scale = muscle_number(m, SIDE_SCALE);
  let slope = 2.0 * side_scale * hump_descent(r) * select(side, -side, e < 0.0) + hump_descent(s) * select(-right, left, ascent > 0.0);
  let ce = side_scale * twice_hump(r) + 0.5 * twice_hump(s);
  let gain = muscle_number(m, GAIN);
  let inverse_gain = muscle_number(m, INVERSE_GAIN);
  let fv = velocity_curve(v, gain, inverse_gain);
  let velocity_slope = 2.0 * (between(v + 1.0, 0.0, 1.0) - between(v, 0.0, gain) * inverse_gain);
  let force = d[6] * muscle_number(m, MAXIMUM_FORCE);
  let d_passive = force * muscle_number(m, PASSIVE_FACTOR) + d[3];
  let d_curve = force * a * fv + d[4];
  let d_velocity_curve = force * a * ce + d[5];
  let d_l = d_passive * passive_slope + (d_curve * slope + d[1]);
  return vec3f(force * ce * fv + d[0], select(0.0, d_l, fibre >= SHORTEST), d_velocity_curve * velocity_slope * inverse_velocity + d[2]);
}
