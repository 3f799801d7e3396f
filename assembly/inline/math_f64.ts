// Vector helpers in f64: multiply-add by build, addresses, and linear maps with f32 weights and f64 operands.

/** a · b + c: fused in the relaxed binaries, multiply then add in the strict ones. */
// @ts-ignore: decorator
@inline
export function madd64(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** c − a · b. */
// @ts-ignore: decorator
@inline
export function nmadd64(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_nmadd(a, b, c);
  return f64x2.sub(c, f64x2.mul(a, b));
}

/** Address of element i of an f64 array. */
// @ts-ignore: decorator
@inline
export function at64(base: usize, i: i32): usize {
  return base + ((<usize>i) << 3);
}

/** Elements that an array of n takes in scratch memory: even, with room for a vector that begins at its last one. */
// @ts-ignore: decorator
@inline
export function padded64(n: i32): i32 {
  return (n + 3) & ~1;
}

/** Two f32 weights as f64. */
// @ts-ignore: decorator
@inline
function pair(weight: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(weight));
}

// @ts-ignore: decorator
@inline
function lanes(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** y[row] += Σ_k weight[row, k] x[k]; weight f32 [rows, columns], x and y f64. Four rows at a time. */
export function addProduct64(weight: usize, rows: i32, columns: i32, x: usize, y: usize): void {
  const even = columns & ~1;
  const stride = (<usize>columns) << 2;
  let row: i32 = 0;
  for (; row + 4 <= rows; row += 4) {
    const w0 = weight + <usize>row * stride;
    const w1 = w0 + stride;
    const w2 = w1 + stride;
    const w3 = w2 + stride;
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let k: i32 = 0; k < even; k += 2) {
      const at = (<usize>k) << 2;
      const v = v128.load(x + (at << 1));
      s0 = madd64(pair(w0 + at), v, s0);
      s1 = madd64(pair(w1 + at), v, s1);
      s2 = madd64(pair(w2 + at), v, s2);
      s3 = madd64(pair(w3 + at), v, s3);
    }
    const target = at64(y, row);
    addLanes(target, s0, w0, x, even, columns);
    addLanes(target + 8, s1, w1, x, even, columns);
    addLanes(target + 16, s2, w2, x, even, columns);
    addLanes(target + 24, s3, w3, x, even, columns);
  }
  for (; row < rows; row++) {
    const w = weight + <usize>row * stride;
    let s = f64x2.splat(0);
    for (let k: i32 = 0; k < even; k += 2) s = madd64(pair(w + ((<usize>k) << 2)), v128.load(at64(x, k)), s);
    addLanes(at64(y, row), s, w, x, even, columns);
  }
}

// @ts-ignore: decorator
@inline
function addLanes(y: usize, sum: v128, weight: usize, x: usize, even: i32, columns: i32): void {
  let total = lanes(sum);
  if (even < columns) total += <f64>load<f32>(weight + ((<usize>even) << 2)) * load<f64>(at64(x, even));
  store<f64>(y, load<f64>(y) + total);
}

/** y[i] += bias[i]; bias f32. */
export function addBias64(bias: usize, count: i32, y: usize): void {
  for (let i: i32 = 0; i < count; i++) store<f64>(at64(y, i), load<f64>(at64(y, i)) + <f64>load<f32>(bias + ((<usize>i) << 2)));
}

/** y[k] = a · weight[k]; weight f32. */
export function scaleRow64(y: usize, count: i32, a: f64, weight: usize): void {
  const va = f64x2.splat(a);
  let k: i32 = 0;
  for (; k + 2 <= count; k += 2) v128.store(at64(y, k), f64x2.mul(va, pair(weight + ((<usize>k) << 2))));
  if (k < count) store<f64>(at64(y, k), a * <f64>load<f32>(weight + ((<usize>k) << 2)));
}

/** y[k] = a · u[k] + b · v[k] + c · w[k]; weights f32. */
export function blendRows64(y: usize, count: i32, a: f64, u: usize, b: f64, v: usize, c: f64, w: usize): void {
  const va = f64x2.splat(a);
  const vb = f64x2.splat(b);
  const vc = f64x2.splat(c);
  let k: i32 = 0;
  for (; k + 2 <= count; k += 2) {
    const at = (<usize>k) << 2;
    v128.store(at64(y, k), madd64(vc, pair(w + at), madd64(vb, pair(v + at), f64x2.mul(va, pair(u + at)))));
  }
  if (k < count) {
    const at = (<usize>k) << 2;
    store<f64>(at64(y, k), a * <f64>load<f32>(u + at) + b * <f64>load<f32>(v + at) + c * <f64>load<f32>(w + at));
  }
}

/** y[k] = a · x[k] + b · weight[k]; x f64, weight f32. */
export function blendRow64(y: usize, count: i32, a: f64, x: usize, b: f64, weight: usize): void {
  const va = f64x2.splat(a);
  const vb = f64x2.splat(b);
  let k: i32 = 0;
  for (; k + 2 <= count; k += 2) v128.store(at64(y, k), madd64(vb, pair(weight + ((<usize>k) << 2)), f64x2.mul(va, v128.load(at64(x, k)))));
  if (k < count) store<f64>(at64(y, k), a * load<f64>(at64(x, k)) + b * <f64>load<f32>(weight + ((<usize>k) << 2)));
}

/** y[k] += a · x[k]. */
export function addScaled64(y: usize, count: i32, a: f64, x: usize): void {
  const va = f64x2.splat(a);
  let k: i32 = 0;
  for (; k + 2 <= count; k += 2) v128.store(at64(y, k), madd64(va, v128.load(at64(x, k)), v128.load(at64(y, k))));
  if (k < count) store<f64>(at64(y, k), load<f64>(at64(y, k)) + a * load<f64>(at64(x, k)));
}
