// ReLU muscle: force in proportion to activation. Rows: activation, musculotendon length, musculotendon velocity, force. At rest the force is 0 whatever the activation.
//@use body_muscle_rigid

const MUSCLE_ROWS: u32 = 4u;
const RESTS_WITHOUT_FORCE: bool = true;

fn muscle_rows(m: u32, a: f32, length: f32, velocity: f32) -> MuscleRows {
  return MuscleRows(a, length, velocity, a * muscle_number(m, MAXIMUM_FORCE));
}

// Gradient by activation, length and velocity.
fn muscle_rows_backward(m: u32, a: f32, length: f32, velocity: f32, d: MuscleRows) -> vec3f {
  return vec3f(d[3] * muscle_number(m, MAXIMUM_FORCE) + d[0], d[1], d[2]);
}
