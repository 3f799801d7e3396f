// aᵇ in pairs of f32: ln a within 4e-9 of its size, its product with b, then e to that.
// Exact products need factors of 12 bits, cut off by masks: fused multiply-adds cannot be relied on.
//@use math

/// The upper 12 bits of a mantissa; the rest is x less it, exactly.
fn upper_bits(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }

/// a + b as the nearest number and what is missing from it (Knuth's TwoSum).
fn exact_sum(a: f32, b: f32) -> vec2f {
  let sum = a + b;
  let other = sum - a;
  return vec2f(sum, (a - (sum - other)) + (b - other));
}

/// a · b likewise (Dekker 1971), for products far from the ends of f32.
fn exact_product(a: f32, b: f32) -> vec2f {
  let product = a * b;
  let a1 = upper_bits(a);
  let b1 = upper_bits(b);
  let a2 = a - a1;
  let b2 = b - b1;
  return vec2f(product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2);
}

/// ln of a positive number as an unevaluated sum: ln(1 + f) = f - f²/2 + f³/3 + f⁴ Q(f), the first three terms in pairs. Q: a minimax fit made for this file.
fn logarithm_pair(a: f32) -> vec2f {
  let parts = parts_of(a);
  let f = parts.mantissa - 1.0;
  let n = parts.exponent;
  let high = (((-0.0618417077 * f + 0.107450239) * f - 0.107753567) * f + 0.110089839) * f - 0.124279022;
  let q = (((high * f + 0.142874599) * f - 0.166692734) * f + 0.200000077) * f - 0.249999687;
  let square = exact_product(f, f);
  let cube = exact_product(square.x, f);
  let third = exact_product(cube.x, 0.33333334);
  // The last term is what 0.33333334 is more than 1/3.
  let rest = (cube.y + square.y * f) * 0.33333334 - cube.x * 9.9341073e-9;
  let tail = (square.x * square.x) * q + (((third.y + rest) - 0.5 * square.y) - n * 2.12194440e-4);
  let sum1 = exact_sum(n * 0.693359375, f);
  let sum2 = exact_sum(sum1.x, -0.5 * square.x);
  let sum3 = exact_sum(sum2.x, third.x);
  return exact_sum(sum3.x, sum3.y + (sum2.y + (sum1.y + tail)));
}

/// |a|ᵇ for finite a ≠ 0 and finite b: max relative error 3e-7; a compiler that reorders sums, as WGSL allows, makes it 1e-5 at the ends of f32.
fn positive_power(a: f32, b: f32) -> f32 {
  let l = logarithm_pair(a);
  let estimate = l.x * b;
  // Beyond e^±110 the answer is known, and products might overflow.
  if (estimate > 110.0) { return infinity(); }
  if (estimate < -110.0) { return 0.0; }
  let product = exact_product(l.x, b);
  let rest = product.y + l.y * b;
  let n = round(product.x * 1.44269504);
  let r = ((product.x - n * 0.693359375) + n * 2.12194440e-4) + rest;
  let q = (((0.00139505867 * r + 0.00836894674) * r + 0.0416662045) * r + 0.166665184) * r + 0.50000001;
  let k = clamp(i32(n), -252, 254);
  let half = k >> 1u;
  return (((q * r + 1.0) * r + 1.0) * power_of_two(half)) * power_of_two(k - half);
}

/// aᵇ as JavaScript has it: 1 for b = 0, NaN where b is NaN, for |a| = 1 with b infinite, and for a < 0 with b not whole.
fn power(a: f32, b: f32) -> f32 {
  let a_bits = bitcast<u32>(a) & 0x7fffffffu;
  let b_bits = bitcast<u32>(b) & 0x7fffffffu;
  if (b_bits == 0u) { return 1.0; }
  if (is_nan(b)) { return b; }
  if (is_nan(a)) { return a; }
  let negative_base = (bitcast<u32>(a) >> 31u) == 1u;
  let grows = (bitcast<u32>(b) >> 31u) == 0u;
  if (b_bits == 0x7f800000u) {
    if (a_bits == 0x3f800000u) { return not_a_number(); }
    return select(0.0, infinity(), (a_bits > 0x3f800000u) == grows);
  }
  // |b| >= 2²⁴ is even.
  let whole = b_bits >= 0x4b000000u || (b_bits >= 0x3f800000u && floor(b) == b);
  let odd = whole && b_bits < 0x4b800000u && (i32(b) & 1) == 1;
  let sign = select(0u, 0x80000000u, negative_base && odd);
  var size = 0.0;
  if (a_bits == 0u || a_bits == 0x7f800000u) {
    size = select(0.0, infinity(), (a_bits != 0u) == grows);
  } else {
    if (negative_base && !whole) { return not_a_number(); }
    size = positive_power(bitcast<f32>(a_bits), b);
  }
  return bitcast<f32>(bitcast<u32>(size) | sign);
}
