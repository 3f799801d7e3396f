// Changed units: h ← gain ∘ h + shift for the trials that choose a row of the tables at a state; the bits of all others stay as they are. State n: the initial one is 0, that
// behind step t is t + 1. Row 0, and a row that the tables lack, is nothing. Asked with numbers and not by a shader of its own, so that the same instructions run either way.
//@use rollout_tile

/// The rows that the quad's trials choose at state n.
fn unit_rows(n: u32) -> vec4u {
  let at = quad_trials() * (p.T + 1u) + n;
  let rows = vec4u(vec4i(get_unit_row(at.x), get_unit_row(at.y), get_unit_row(at.z), get_unit_row(at.w)));
  return select(vec4u(0u), rows, rows < vec4u(p.W));
}

/// Unit u of state n, for the quad.
fn changed_unit(n: u32, u: u32, h: vec4f) -> vec4f {
  if (p.W == 0u) { return h; }
  let rows = unit_rows(n);
  if (all(rows == vec4u(0u))) { return h; }
  let at = rows * units() + u;
  let shift = vec4f(get_unit_shift(at.x), get_unit_shift(at.y), get_unit_shift(at.z), get_unit_shift(at.w));
  return select(h, unit_gains(at) * h + shift, rows > vec4u(0u));
}

/// What is proportional to the unit: noise on it, and the gradient of what it was.
fn scaled_unit(n: u32, u: u32, value: vec4f) -> vec4f {
  if (p.W == 0u) { return value; }
  let rows = unit_rows(n);
  if (all(rows == vec4u(0u))) { return value; }
  return select(value, unit_gains(rows * units() + u) * value, rows > vec4u(0u));
}

fn unit_gains(at: vec4u) -> vec4f { return vec4f(get_unit_gain(at.x), get_unit_gain(at.y), get_unit_gain(at.z), get_unit_gain(at.w)); }
