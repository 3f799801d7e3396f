// What muscles with rigid tendons share: all rows are one function, `muscle_rows` of the muscle's part, of activation and musculotendon length L and velocity V.
// The same functions as body_muscle_compliant.wgsl.
//@use body_state

const COMPLIANT: bool = false;
const ACTIVE: u32 = 0u; // no such row

// What a step reads of a stored muscle: activation, force.
fn muscle_kept(rows: MuscleRows) -> vec4f { return vec4f(rows[0], rows[FORCE], 0.0, 0.0); }
fn muscle_recalled(kept: vec4f) -> MuscleRows {
  var rows = MuscleRows();
  rows[0] = kept.x;
  rows[FORCE] = kept.y;
  return rows;
}

// What the gradient of a muscle's rows adds to that of its activation, fibre length and normalised fibre velocity, and of musculotendon length and velocity.
struct MuscleGradient { activation: f32, fibre: f32, fibre_velocity: f32, length: f32, velocity: f32 }

// Rows at rest, `h` seconds past equilibrium with compliant tendons.
fn muscle_reset(m: u32, length: f32, velocity: f32, h: f32) -> MuscleRows {
  var rows = muscle_rows(m, muscle_number(m, MINIMUM_ACTIVATION), length, velocity);
  if (RESTS_WITHOUT_FORCE) { rows[FORCE] = 0.0; }
  return rows;
}

fn muscle_reset_backward(m: u32, length: f32, velocity: f32, h: f32, d_rows: MuscleRows) -> vec2f {
  var d = d_rows;
  if (RESTS_WITHOUT_FORCE) { d[FORCE] = 0.0; }
  let g = muscle_rows_backward(m, muscle_number(m, MINIMUM_ACTIVATION), length, velocity, d);
  return g.yz;
}

// Normalised fibre velocity of stored rows, and what its gradient adds to activation, fibre length and active force.
fn muscle_fibre_velocity(m: u32, rows: MuscleRows) -> f32 { return 0.0; }
fn muscle_fibre_velocity_backward(m: u32, rows: MuscleRows, d: f32) -> vec3f { return vec3f(0.0); }

// Rows after a step of `h` seconds to `activation`, with the stored musculotendon length and velocity.
fn muscle_advance(m: u32, rows: MuscleRows, activation: f32, fibre_velocity: f32, length: f32, velocity: f32, h: f32) -> MuscleRows {
  return muscle_rows(m, activation, length, velocity);
}

fn muscle_advance_backward(m: u32, rows: MuscleRows, activation: f32, length: f32, velocity: f32, h: f32, d: MuscleRows) -> MuscleGradient {
  let g = muscle_rows_backward(m, activation, length, velocity, d);
  return MuscleGradient(g.x, 0.0, 0.0, g.y, g.z);
}

// Rows without a lag, from activation, fibre length (compliant tendons), musculotendon length and velocity.
fn muscle_observe(m: u32, activation: f32, fibre: f32, length: f32, velocity: f32) -> MuscleRows { return muscle_rows(m, activation, length, velocity); }

fn muscle_observe_backward(m: u32, rows: MuscleRows, length: f32, velocity: f32, d: MuscleRows) -> MuscleGradient {
  let g = muscle_rows_backward(m, rows[0], length, velocity, d);
  return MuscleGradient(g.x, 0.0, 0.0, g.y, g.z);
}
