// Comparisons by the bits: exact where hardware takes denormals for 0, and right with NaN, which compilers may assume away.
//@use math

/// A number whose order among whole numbers is that of x, -0 being 0. For anything but NaN.
fn rank_of(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return select(bits, -(bits & 0x7fffffff), bits < 0);
}

/// NaN when either side is.
fn maximum(a: f32, b: f32) -> f32 {
  return select(select(select(b, a, rank_of(a) >= rank_of(b)), b, is_nan(b)), a, is_nan(a));
}

fn minimum(a: f32, b: f32) -> f32 {
  return select(select(select(b, a, rank_of(a) <= rank_of(b)), b, is_nan(b)), a, is_nan(a));
}
