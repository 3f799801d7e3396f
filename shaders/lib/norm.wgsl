// Euclidean norms whose squares neither overflow nor vanish: three sums for large, middling and small numbers (Blue 1978, doi:10.1145/355769.355771).
//@use math

/// Σ (x · 2⁻⁷⁶)² over |x| >= 2⁴⁸, Σ x², Σ (x · 2⁷⁶)² over |x| < 2⁻⁴⁸; then 1 for an infinity among them, 2 for a NaN.
fn squares_with(sums: vec4f, x: f32) -> vec4f {
  let size = bitcast<u32>(x) & 0x7fffffffu;
  let above = x * 1.3234889800848443e-23;
  let below = x * 7.555786372591432e22;
  if (size >= 0x7f800000u) { return vec4f(sums.xyz, max(sums.w, select(1.0, 2.0, size > 0x7f800000u))); }
  if (size >= 0x57800000u) { return vec4f(sums.x + above * above, sums.yzw); }
  if (size < 0x27800000u) { return vec4f(sums.xy, sums.z + below * below, sums.w); }
  return vec4f(sums.x, sums.y + x * x, sums.zw);
}

fn squares_together(a: vec4f, b: vec4f) -> vec4f { return vec4f(a.xyz + b.xyz, max(a.w, b.w)); }

/// The norm.
fn norm_of(sums: vec4f) -> f32 {
  if (sums.w == 2.0) { return not_a_number(); }
  if (sums.w == 1.0) { return infinity(); }
  // By 2⁻¹⁵² in two steps: it is no f32 number itself.
  if (sums.x > 0.0) { return square_root(sums.x + (sums.y * 1.3234889800848443e-23) * 1.3234889800848443e-23) * 7.555786372591432e22; }
  if (sums.y > 0.0) { return square_root(sums.y + (sums.z * 1.3234889800848443e-23) * 1.3234889800848443e-23); }
  return square_root(sums.z) * 1.3234889800848443e-23;
}
