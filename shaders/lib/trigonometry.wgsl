// sin and cos of any f32 number. Angles of joints, which stay small, have a cheaper form of their own (body_angle.wgsl).
//@use math

/// An angle less its whole quarter turns: in [-π/4, π/4], and their number modulo 4.
struct Reduced { angle: f32, quarter: u32 }

/// The upper half of a 32 × 32-bit product.
fn high_product(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let first = a1 * b0 + ((a0 * b0) >> 16u);
  let second = a0 * b1 + (first & 0xffffu);
  return a1 * b1 + (first >> 16u) + (second >> 16u);
}

/// The bits of 2/π behind its point, after a word of zeros.
const two_over_pi = array<u32, 8>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu);

/// Payne & Hanek 1983 (doi:10.1145/1057600.1057602) in integers, for |x| >= 2¹³: the product of the mantissa with those 96 bits of 2/π that decide x · 2/π modulo 4.
fn reduce_large(x: f32) -> Reduced {
  let bits = bitcast<u32>(x);
  let mantissa = (bits & 0x007fffffu) | 0x00800000u;
  // |x| = mantissa · 2ᵉ; the bits of weight 4 and more after that product are left out.
  let skipped = ((bits >> 23u) & 0xffu) - 150u + 30u;
  let word = min(skipped >> 5u, 4u);
  let shift = skipped & 31u;
  // A shift by 32 is none: two shifts.
  let w0 = (two_over_pi[word] << shift) | ((two_over_pi[word + 1u] >> 1u) >> (31u - shift));
  let w1 = (two_over_pi[word + 1u] << shift) | ((two_over_pi[word + 2u] >> 1u) >> (31u - shift));
  let w2 = (two_over_pi[word + 2u] << shift) | ((two_over_pi[word + 3u] >> 1u) >> (31u - shift));
  let middle = mantissa * w1;
  let low = middle + high_product(mantissa, w2);
  let high = mantissa * w0 + high_product(mantissa, w1) + select(0u, 1u, low < middle);
  // Two bits of quarters, then 62 of a fraction, from -½ to ½ as a signed number.
  let quarter = (high + 0x20000000u) >> 30u;
  let fraction = f32(bitcast<i32>((high << 2u) | (low >> 30u))) * 2.3283064365386963e-10 + f32(low << 2u) * 5.421010862427522e-20;
  let negative = (bits >> 31u) == 1u;
  return Reduced(select(fraction, -fraction, negative) * 1.5707963267948966, select(quarter, 4u - quarter, negative) & 3u);
}

/// Below 2¹³ by π/2 in three parts, of which the first two have so few bits that their products are exact (Cody & Waite 1980).
fn reduce(x: f32) -> Reduced {
  if (abs(x) >= 8192.0) { return reduce_large(x); }
  let n = round(x * 0.636619772);
  let r = ((x - n * 1.5703125) - n * 4.837512969970703125e-4) - n * 7.5497899548918821e-8;
  return Reduced(r, bitcast<u32>(i32(n)) & 3u);
}

fn sine_shifted(x: f32, shift: u32) -> f32 {
  let reduced = reduce(x);
  let r = reduced.angle;
  let turn = reduced.quarter + shift;
  let u = r * r;
  let sine_part = (r * u) * ((-0.000194955683 * u + 0.00833197813) * u - 0.166666507) + r;
  let cosine_part = (u * u) * ((2.44383804e-5 * u - 0.00138873669) * u + 0.0416666469) + (1.0 - 0.5 * u);
  let value = select(sine_part, cosine_part, (turn & 1u) == 1u);
  let signed = select(value, -value, (turn & 2u) == 2u);
  return select(signed, not_a_number(), (bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u);
}

/// sin x: max |error| 1.5e-7 for every finite x; NaN at ±∞.
fn sine(x: f32) -> f32 { return sine_shifted(x, 0u); }

/// cos x: as sine.
fn cosine(x: f32) -> f32 { return sine_shifted(x, 1u); }
