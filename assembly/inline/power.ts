// Powers of single numbers, computed in f64 by AssemblyScript's own library (musl's algorithm, plain WASM) and rounded to f32 once.

/** aᵇ as JavaScript has it: NaN where b is NaN, or |a| = 1 and b infinite. */
export function power(a: f32, b: f32): f32 {
  if (b != b || (abs(a) == 1 && abs(b) == f32(Infinity))) return f32(NaN);
  return <f32>Math.pow(<f64>a, <f64>b);
}
