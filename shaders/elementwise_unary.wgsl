// elementwise_unary: y = f(x), element by element
// Math      negate, absolute, sign, square, square_root, reciprocal, exponential, logarithm, tanh, sigmoid, softplus, relu, sine, cosine, floor
// In        x [N]
// Out       y [N]; may be x itself
// Mapping   one invocation = one element, workgroups of 256
// Memory    reads and writes N floats once
// Limits    N < 2^32
// Numerics  transcendentals by lib/math.wgsl and lib/trigonometry.wgsl (errors stated there); sigmoid = 1 / (1 + e⁻ˣ), max relative error 1e-6;
//           reciprocal within 2.5 ulp (WGSL), where denormals may count as 0; relu, sign pass NaN
// Twins     src/backends/reference/elementwise_unary.ts, assembly/elementwise_unary.ts
//@use math
//@use trigonometry

fn apply(x: f32) -> f32 {
  switch (VARIANT) {
    case 0u: { return bitcast<f32>(bitcast<u32>(x) ^ 0x80000000u); }
    case 1u: { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }
    case 2u: { return sign_of(x); }
    case 3u: { return x * x; }
    case 4u: { return square_root(x); }
    case 5u: { return reciprocal(x); }
    case 6u: { return exponential(x); }
    case 7u: { return logarithm(x); }
    case 8u: { return hyperbolic_tangent(x); }
    case 9u: { return select(reciprocal(1.0 + exponential(-x)), x, is_nan(x)); }
    case 10u: { return softplus(x); }
    case 11u: { return select(x, 0.0, negative(x)); }
    case 12u: { return sine(x); }
    case 13u: { return cosine(x); }
    default: { return select(floor(x), -1.0, negative(x) && x > -1.0); }
  }
}

/// x < 0, by its bits: denormals too, where the hardware takes them for 0.
fn negative(x: f32) -> bool {
  let bits = bitcast<u32>(x);
  return bits > 0x80000000u && bits <= 0xff800000u;
}

fn sign_of(x: f32) -> f32 {
  let size = bitcast<u32>(x) & 0x7fffffffu;
  return select(select(1.0, -1.0, negative(x)), x, size == 0u || size > 0x7f800000u);
}

/// 1 / x, infinite at 0 and 0 at infinity, where WGSL's division promises nothing.
fn reciprocal(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  let edge = bitcast<f32>((bits & 0x80000000u) | select(0u, 0x7f800000u, size == 0u));
  return select(select(1.0 / x, edge, size == 0u || size == 0x7f800000u), x, size > 0x7f800000u);
}

@compute @workgroup_size(256)
fn elementwise_unary(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = unit_of(workgroup) * 256u + local;
  if (i < p.N) { set_y(i, apply(get_x(i))); }
}
