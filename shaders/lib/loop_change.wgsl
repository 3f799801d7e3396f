// What acts on single bodies at single steps, where CHANGES (from the host) says that something may: force fields on the end point, and muscles that are weaker or stronger.
// Fields: F = f + A (p - c) + B v of position and velocity before the step, held through it. A row: f, c, then A and B by rows. Row 0, and a row that a table lacks, is nothing.
//@use body_state

const FIELD_LENGTH: u32 = 12u;

/// A row as it was chosen from a table of so many.
fn chosen(row: i32, count: u32) -> u32 { return select(0u, u32(row), u32(row) < count); }

fn field_of(step: u32) -> u32 {
  if (!CHANGES) { return 0u; }
  return FIELD_LENGTH * chosen(get_field_row(step), p.X);
}

/// Two numbers of a field.
fn field_pair(field: u32, i: u32) -> vec2f { return vec2f(get_fields(field + i), get_fields(field + i + 1u)); }

/// Force of a field on an end point: x y vx vy.
fn field_force(field: u32, place: vec4f) -> vec2f {
  let away = place.xy - field_pair(field, 2u);
  return field_pair(field, 0u) + vec2f(
    dot(field_pair(field, 4u), away) + dot(field_pair(field, 8u), place.zw),
    dot(field_pair(field, 6u), away) + dot(field_pair(field, 10u), place.zw),
  );
}

/// The gradient of the end point from that of the force.
fn field_force_backward(field: u32, d: vec2f) -> vec4f {
  return vec4f(d.x * field_pair(field, 4u) + d.y * field_pair(field, 6u), d.x * field_pair(field, 8u) + d.y * field_pair(field, 10u));
}

/// Sets the strength of all muscles for a step.
fn choose_strengths(step: u32) {
  if (!CHANGES) { return; }
  let row = chosen(get_strength_row(step), p.Y);
  for (var m = 0u; m < MUSCLES; m++) { muscle_strength[m] = select(1.0, get_strengths(row * MUSCLES + m), row > 0u); }
}
