// Functions of single numbers: the only place where tanh, σ, softplus, exp, ln and roots are computed on this backend. sine and cosine: trigonometry.wgsl, aᵇ: power.wgsl.
// The minimax fits of assembly/inline/activation.ts in its order of operations; a compiler may fuse multiply-adds, and a division may be off by 2.5 ulp (WGSL's bound).
// The stated errors allow for that; test/kernels/webgpu-math.test.ts holds them. NaN passes everywhere: compilers may assume that there is none, so its bits are tested.

fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

/// NaN and infinity, which cannot be written as constants.
fn not_a_number() -> f32 {
  var bits = 0x7fc00000u;
  return bitcast<f32>(bits);
}

fn infinity() -> f32 {
  var bits = 0x7f800000u;
  return bitcast<f32>(bits);
}

/// tanh x: max |error| 5e-7 over all f32 numbers; ±1 within that from |x| = 7.85 on.
fn hyperbolic_tangent(x: f32) -> f32 {
  let c = clamp(x, -7.85, 7.85);
  let u = c * c;
  let numerator = c * ((((1.83963245e-8 * u + 2.63122529e-5) * u + 0.0042824056) * u + 0.161064669) * u + 1.19772327);
  let denominator = (((1.02634647e-6 * u + 0.000409383705) * u + 0.0313546695) * u + 0.560305655) * u + 1.19772327;
  return select(numerator / denominator, x, is_nan(x));
}

/// σ(x) = ½ + ½ tanh(x / 2) for gates: max |error| 3e-7; the limits 0 and 1 are met within that, from either side.
fn sigmoid(x: f32) -> f32 {
  let c = clamp(x, -15.7, 15.7);
  let u = c * c;
  let numerator = c * ((((1.79651606e-11 * u + 1.02782238e-7) * u + 6.69125875e-5) * u + 0.0100665418) * u + 0.299430817);
  let denominator = (((4.00916589e-9 * u + 6.39662039e-6) * u + 0.00195966684) * u + 0.140076414) * u + 1.19772327;
  return select(numerator / denominator + 0.5, x, is_nan(x));
}

/// The mantissa part of e^x, n being the integer next to x log2 e.
fn exponential_reduced(x: f32, n: f32) -> f32 {
  let r = (x - n * 0.693359375) + n * 2.12194440e-4;
  let q = (((0.00139505867 * r + 0.00836894674) * r + 0.0416662045) * r + 0.166665184) * r + 0.50000001;
  return (q * r + 1.0) * r + 1.0;
}

/// 2ⁿ for n in [-126, 127].
fn power_of_two(n: i32) -> f32 { return bitcast<f32>(u32(n + 127) << 23u); }

/// e^x: max relative error 3e-7 where e^x is a normal number; 0 or denormal below, ∞ above.
fn exponential(x: f32) -> f32 {
  let c = clamp(x, -104.0, 89.0);
  let n = round(c * 1.44269504);
  let k = i32(n);
  let half = k >> 1u;
  let value = (exponential_reduced(c, n) * power_of_two(half)) * power_of_two(k - half);
  return select(select(value, infinity(), x > 88.8), x, is_nan(x));
}

/// e^x for x <= 0, cheaper: max relative error 3e-7 down to -80, below which it stays at e⁻⁸⁰ = 1.8e-35.
fn exponential_negative(x: f32) -> f32 {
  let c = max(x, -80.0);
  let n = round(c * 1.44269504);
  return select(exponential_reduced(c, n) * power_of_two(i32(n)), x, is_nan(x));
}

/// ln(1 + u) for u in [0, 1]: max |error| 1.5e-7.
fn logarithm_above_one(u: f32) -> f32 {
  let high = (((-0.00270128798 * u + 0.0172833905) * u - 0.051851) * u + 0.100492134) * u - 0.149493247;
  return u * (((((high * u + 0.195384631) * u - 0.249233426) * u + 0.333263203) * u - 0.499997192) * u + 0.999999975);
}

/// ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|): max |error| 2e-7 plus half an ulp of x.
fn softplus(x: f32) -> f32 {
  return select(max(x, 0.0) + logarithm_above_one(exponential_negative(-abs(x))), x, is_nan(x));
}

/// A positive number as mantissa in [√½, √2) and exponent, by its bits: denormals too, where the hardware takes them for 0.
struct Parts { mantissa: f32, exponent: f32 }

fn parts_of(x: f32) -> Parts {
  let given = bitcast<u32>(x);
  let denormal = given < 0x00800000u;
  let bits = select(given, bitcast<u32>(f32(given)), denormal);
  let exponent = (i32(bits) - 0x3f3504f3) >> 23u;
  return Parts(bitcast<f32>(i32(bits) - (exponent << 23u)), f32(exponent) - select(0.0, 149.0, denormal));
}

/// ln x: max relative error 2e-7 (absolute 1e-7 next to 1), denormals included; -∞ at 0, NaN below.
fn logarithm(x: f32) -> f32 {
  let parts = parts_of(x);
  let f = parts.mantissa - 1.0;
  let n = parts.exponent;
  let high = (((0.0691509102 * f - 0.117895562) * f + 0.118729637) * f - 0.123843924) * f + 0.142186667;
  let q = (((high * f - 0.166692484) * f + 0.20002226) * f - 0.249999866) * f + 0.333333105;
  let square = f * f;
  let low = (f * square) * q - n * 2.12194440e-4;
  let value = n * 0.693359375 + ((low - 0.5 * square) + f);
  let bits = bitcast<u32>(x);
  let zero = (bits & 0x7fffffffu) == 0u;
  let positive = select(value, x, bits >= 0x7f800000u);
  let below = select(select(not_a_number(), x, is_nan(x)), -infinity(), zero);
  return select(positive, below, zero || bits > 0x7f800000u);
}

/// √x, denormals included, -0 at -0 and NaN below: at most 3 ulp off (WGSL's bound of its own root); correctly rounded on most hardware.
fn square_root(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  // A denormal is bits · 2⁻¹⁴⁹.
  let root = select(sqrt(x), sqrt(2.0 * f32(bits)) * 2.6469779601696886e-23, bits < 0x00800000u);
  let same = (bits & 0x7fffffffu) == 0u || bits == 0x7f800000u || is_nan(x);
  return select(select(root, not_a_number(), bits > 0x80000000u), x, same);
}
