// Hill muscle after Kistemaker with an elastic tendon. Rows: activation, fibre length l, fibre velocity, passive curve, tendon force (normalised), active force, force.
// Math  tendon se = min(625 max((L - l - l_se)/l_se, 0)^2, 1), passive pe = k_pe e^2, e = max(n - l_pe/l_ce, 0), n = l/l_ce, active fa = max(se - pe, 0), F = se F_max
//       velocity vn(a, n, fa) of the fibre: ce, br in body_hill.wgsl, f = a ce, ar = 0.41 (ce for n < 1, else 1), K = (f + a ar)/br, E = 2 K - 0.001
//       fa < f: vn = br (fa - f)/(fa + a ar); else the larger root of 2e-6 vn^2 + 2e-3 s vn = 1e-3 w, s = 1.5 f - fa + 0.0005 f/E, w = f (fa - f)/E
//       l advances by vn l_ce a second; the velocity row is vn v_max
//       at rest: l from L where tendon and passive force are equal, then one explicit step of RESET_STEP
// Numerics  that root is (s - sqrt(s^2 + 0.002 w))/(-0.002), in which f32 loses three digits where s > 0; here it is w/(s + sqrt(...)) then: same value, no cancellation
// The same functions as body_muscle_rigid.wgsl.
//@use body_hill
//@use body_state

const MUSCLE_ROWS: u32 = 7u;
const COMPLIANT: bool = true;
const ACTIVE: u32 = 5u; // row of the active force, which a step reads

const INVERSE_TENDON: u32 = OWN + 2u; // 1 / l_se
const REST_LENGTH: u32 = OWN + 3u; // l_pe
const REST_SUM: u32 = OWN + 4u; // l_se + l_pe
const REST_SLOPE: u32 = OWN + 5u; // dl/dL of the equilibrium beyond
const SHORTEST: u32 = OWN + 6u; // 0.001 l_ce
const TENDON_STIFFNESS: f32 = 625.0; // force 1 at a strain of 4 %

// What a step reads of a stored muscle: activation, fibre length, active force, force.
fn muscle_kept(rows: MuscleRows) -> vec4f { return vec4f(rows[0], rows[1], rows[5], rows[6]); }
fn muscle_recalled(kept: vec4f) -> MuscleRows { return MuscleRows(kept.x, kept.y, 0.0, 0.0, 0.0, kept.z, kept.w); }

// What the gradient of a muscle's rows adds to that of its activation, fibre length and normalised fibre velocity, and of musculotendon length and velocity.
struct MuscleGradient { activation: f32, fibre: f32, fibre_velocity: f32, length: f32, velocity: f32 }

// What both arms of the force-velocity relation share.
struct FibreTerms { br: vec2f, ce: vec2f, n: f32, ar: f32, f: f32, aar: f32, inverse_E: f32, fE: f32, w: f32, s: f32, x: f32, root: f32 }

fn fibre_terms(m: u32, a: f32, l: f32, fa: f32) -> FibreTerms {
  let n = l * muscle_number(m, INVERSE_LENGTH);
  let br = hill_constant(a);
  let ce = hill_curve(n);
  let ar = select(0.41, 0.41 * ce.x, n < 1.0);
  let f = ce.x * a;
  let aar = a * ar;
  let inverse_E = br.x / (2.0 * (f + aar) - 0.001 * br.x);
  let fE = f * inverse_E;
  let w = fE * (fa - f);
  let s = 0.0005 * fE + (1.5 * f - fa);
  let x = 0.002 * w + s * s;
  return FibreTerms(br, ce, n, ar, f, aar, inverse_E, fE, w, s, x, sqrt(at_least(x, 0.0)));
}

// The lengthening arm.
fn lengthening_velocity(t: FibreTerms) -> f32 {
  if (t.s > 0.0 && t.x > 0.0) { return t.w / (t.s + t.root); }
  return (t.root - t.s) / 0.002;
}

// Normalised fibre velocity from activation, fibre length and active force.
fn fibre_velocity(m: u32, a: f32, l: f32, fa: f32) -> f32 {
  let t = fibre_terms(m, a, l, fa);
  if (fa < t.f) { return t.br.x * (fa - t.f) / (fa + t.aar); }
  return lengthening_velocity(t);
}

// Gradient by activation, fibre length and active force.
fn fibre_velocity_backward(m: u32, a: f32, l: f32, fa: f32, d_velocity: f32) -> vec3f {
  let t = fibre_terms(m, a, l, fa);
  let excess = fa - t.f;
  let sum = t.f + t.aar;
  var d_f: f32;
  var d_sum: f32; // of a ar
  var d_br: f32;
  var d_fa: f32;
  if (fa < t.f) {
    let inverse = 1.0 / (fa + t.aar);
    let d_numerator = d_velocity * inverse;
    d_sum = -(d_numerator * (t.br.x * excess * inverse));
    d_f = -(d_numerator * t.br.x);
    d_br = d_numerator * excess;
    d_fa = d_numerator * t.br.x + d_sum;
  } else {
    // d vn = (dw/2 - vn ds)/root by the quadratic; -500 ds where there is no root.
    let real = t.x > 0.0;
    let per_root = select(0.0, d_velocity / select(1.0, t.root, real), real);
    let d_w = 0.5 * per_root;
    let d_s = select(-500.0 * d_velocity, -(lengthening_velocity(t) * per_root), real);
    let d_p1 = 0.001 * d_s;
    let per_br = -2.0 * ((d_p1 * (0.5 * t.fE) + d_w * t.w) * t.inverse_E) / t.br.x;
    d_f = 1.5 * d_s + (t.inverse_E * (0.5 * d_p1 + d_w * (excess - t.f)) + per_br);
    d_sum = per_br;
    d_br = -(per_br * (sum / t.br.x));
    d_fa = d_w * t.fE - d_s;
  }
  let d_curve = d_f * a + select(0.0, 0.41 * d_sum * a, t.n < 1.0);
  return vec3f(d_sum * t.ar + d_f * t.ce.x + d_br * t.br.y, d_curve * t.ce.y * muscle_number(m, INVERSE_LENGTH), d_fa);
}

fn tendon_strain(m: u32, length: f32, l: f32) -> f32 {
  return at_least(((length - l) - muscle_number(m, TENDON_LENGTH)) * muscle_number(m, INVERSE_TENDON), 0.0);
}

// se and pe.
fn tension(m: u32, length: f32, l: f32) -> vec2f {
  let strain = tendon_strain(m, length, l);
  let e = passive_strain(m, l * muscle_number(m, INVERSE_LENGTH));
  return vec2f(at_most(TENDON_STIFFNESS * (strain * strain), 1.0), muscle_number(m, PASSIVE_STIFFNESS) * (e * e));
}

// Gradient by fibre and musculotendon length of se, pe and fa = max(se - pe, 0), pe not above `cap`.
fn tension_backward(m: u32, length: f32, l: f32, d_se: f32, d_pe: f32, d_active: f32, cap: f32) -> vec2f {
  let strain = tendon_strain(m, length, l);
  let inverse_length = muscle_number(m, INVERSE_LENGTH);
  let e = passive_strain(m, l * inverse_length);
  let pull = TENDON_STIFFNESS * (strain * strain);
  let stiffness = muscle_number(m, PASSIVE_STIFFNESS);
  let pe = stiffness * (e * e);
  let d = select(0.0, d_active, at_most(pull, 1.0) - at_most(pe, cap) >= 0.0);
  let d_tendon = select(0.0, (d_se + d) * (2.0 * TENDON_STIFFNESS * strain) * muscle_number(m, INVERSE_TENDON), pull <= 1.0);
  let d_passive = select(0.0, (d_pe - d) * (2.0 * stiffness * (e * inverse_length)), pe <= cap);
  return vec2f(d_passive - d_tendon, d_tendon);
}

const NO_CAP: f32 = 1e30;

// Fibre length where tendon and passive force are equal; -1 for a negative musculotendon length.
fn rest_length(m: u32, length: f32) -> f32 {
  let tendon = muscle_number(m, TENDON_LENGTH);
  let sum = muscle_number(m, REST_SUM);
  if (length < 0.0) { return -1.0; }
  if (length < tendon) { return muscle_number(m, SHORTEST); }
  if (length < sum) { return length - tendon; }
  return (length - sum) * muscle_number(m, REST_SLOPE) + muscle_number(m, REST_LENGTH);
}

// Active force at rest, both curves at most 1.
fn rest_active(m: u32, length: f32, l: f32) -> f32 {
  let both = tension(m, length, l);
  return at_least(both.x - at_most(both.y, 1.0), 0.0);
}

// Rows of a fibre that was `l` long and has moved for `h` seconds; forces are those of the length before.
fn fibre_rows(m: u32, activation: f32, l: f32, velocity: f32, length: f32, h: f32) -> MuscleRows {
  let both = tension(m, length, l);
  return MuscleRows(
    activation,
    h * velocity * muscle_number(m, OPTIMAL_LENGTH) + l,
    velocity * muscle_number(m, MAXIMUM_VELOCITY),
    both.y,
    both.x,
    at_least(both.x - both.y, 0.0),
    both.x * muscle_number(m, MAXIMUM_FORCE),
  );
}

// Gradient of `fibre_rows`.
fn fibre_rows_backward(m: u32, l: f32, length: f32, h: f32, d: MuscleRows) -> MuscleGradient {
  let t = tension_backward(m, length, l, d[4] + d[6] * muscle_number(m, MAXIMUM_FORCE), d[3], d[5], NO_CAP);
  let d_velocity = d[1] * muscle_number(m, OPTIMAL_LENGTH) * h + d[2] * muscle_number(m, MAXIMUM_VELOCITY);
  return MuscleGradient(d[0], d[1] + t.x, d_velocity, t.y, 0.0);
}

// Rows at rest, `h` seconds past equilibrium.
fn muscle_reset(m: u32, length: f32, velocity: f32, h: f32) -> MuscleRows {
  let least = muscle_number(m, MINIMUM_ACTIVATION);
  let l = rest_length(m, length);
  return fibre_rows(m, least, l, fibre_velocity(m, least, l, rest_active(m, length, l)), length, h);
}

fn muscle_reset_backward(m: u32, length: f32, velocity: f32, h: f32, d: MuscleRows) -> vec2f {
  let l = rest_length(m, length);
  let g = fibre_rows_backward(m, l, length, h, d);
  let v = fibre_velocity_backward(m, muscle_number(m, MINIMUM_ACTIVATION), l, rest_active(m, length, l), g.fibre_velocity);
  let t = tension_backward(m, length, l, 0.0, 0.0, v.z, 1.0);
  let d_l = g.fibre + v.y + t.x;
  let slope = select(1.0, muscle_number(m, REST_SLOPE), length >= muscle_number(m, REST_SUM));
  return vec2f(g.length + t.y + select(0.0, d_l * slope, length >= muscle_number(m, TENDON_LENGTH)), 0.0);
}

// Normalised fibre velocity of stored rows, and what its gradient adds to activation, fibre length and active force.
fn muscle_fibre_velocity(m: u32, rows: MuscleRows) -> f32 { return fibre_velocity(m, rows[0], rows[1], rows[5]); }
fn muscle_fibre_velocity_backward(m: u32, rows: MuscleRows, d: f32) -> vec3f { return fibre_velocity_backward(m, rows[0], rows[1], rows[5], d); }

// Rows after a step of `h` seconds to `activation`, with the stored musculotendon length.
fn muscle_advance(m: u32, rows: MuscleRows, activation: f32, velocity: f32, length: f32, unused: f32, h: f32) -> MuscleRows {
  return fibre_rows(m, activation, rows[1], velocity, length, h);
}

fn muscle_advance_backward(m: u32, rows: MuscleRows, activation: f32, length: f32, unused: f32, h: f32, d: MuscleRows) -> MuscleGradient {
  return fibre_rows_backward(m, rows[1], length, h, d);
}

// Rows without a lag, from activation, fibre length and musculotendon length.
fn muscle_observe(m: u32, activation: f32, l: f32, length: f32, unused: f32) -> MuscleRows {
  var rows = fibre_rows(m, activation, l, 0.0, length, 0.0);
  rows[2] = fibre_velocity(m, activation, l, rows[5]) * muscle_number(m, MAXIMUM_VELOCITY);
  return rows;
}

fn muscle_observe_backward(m: u32, rows: MuscleRows, length: f32, unused: f32, d: MuscleRows) -> MuscleGradient {
  let v = fibre_velocity_backward(m, rows[0], rows[1], rows[5], d[2] * muscle_number(m, MAXIMUM_VELOCITY));
  var more = d;
  more[2] = 0.0;
  more[5] += v.z;
  let g = fibre_rows_backward(m, rows[1], length, 0.0, more);
  return MuscleGradient(g.activation + v.x, g.fibre + v.y, 0.0, g.length, 0.0);
}
