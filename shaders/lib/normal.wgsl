// Draws from random words: uniforms as in src/random.ts, standard normals by an inverse CDF that f32 can evaluate.
// The rational approximation of src/random.ts cancels too much for f32 (its numerator ends at a thousandth of its terms). This one is
// M. B. Giles' single-precision inverse error function ("Approximating the erfinv function", GPU Computing Gems 2, 2011): max relative error 6e-7 over all 2²⁴ draws.
//@use math

/// Uniform on [0, 1), a multiple of 2⁻²⁴.
fn uniform_draw(word: u32) -> f32 { return f32(word >> 8u) * 5.960464477539063e-8; }

/// Standard normal of a uniform on the midpoints of 2²⁴ cells.
fn normal_draw(word: u32) -> f32 {
  let cell = word >> 8u;
  // 2p - 1, and 1 - |2p - 1|: both exact.
  let x = (f32(i32(cell) - 8388608) + 0.5) * 1.1920928955078125e-7;
  let rest = (f32(min(cell, 16777215u - cell)) + 0.5) * 1.1920928955078125e-7;
  let w = -logarithm(rest * (1.0 + abs(x)));
  let a = w - 2.5;
  let central = (((((((2.81022636e-8 * a + 3.43273939e-7) * a - 3.5233877e-6) * a - 4.39150654e-6) * a + 0.00021858087) * a - 0.00125372503) * a - 0.00417768164) * a + 0.246640727) * a + 1.50140941;
  let b = square_root(w) - 3.0;
  let outer = (((((((-0.000200214257 * b + 0.000100950558) * b + 0.00134934322) * b - 0.00367342844) * b + 0.00573950773) * b - 0.0076224613) * b + 0.00943887047) * b + 1.00167406) * b + 2.83297682;
  return 1.4142135623730951 * (select(outer, central, w < 5.0) * x);
}
