// random: random numbers keyed by trial and position, the same on every backend
// Math      y[b, j] = offset + scale · draw(key, trial[b], j): Threefry-2x32-20 words, their upper 24 bits as uniform or normal (inverse CDF)
// In        trial [B] (i32)
// Out       y [B, C]
// Mapping   one unit = 512 neighbouring draws of one row; 8 draws (4 counters, 2 words each) at a time
// Memory    writes B C floats
// Limits    C < 2^31
// Numerics  the draws of src/random.ts computed in f64, operation for operation, then rounded to f32 once
// Twins     src/backends/reference/random.ts
import { at, demote, storePartial } from './inline/math';
import { inverseNormal2 } from './inline/normal';
import { mixed, parityWord } from './inline/threefry';

const block: i32 = 512;

/** offset + scale · draw for four words. */
// @ts-ignore: decorator
@inline
function draws4(variant: i32, words: v128, scale: f64, offset: f64): v128 {
  const cells = i32x4.shr_u(words, 8);
  let low = f64x2.convert_low_i32x4_s(cells);
  let high = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(cells, cells, 2, 3, 2, 3));
  const width = f64x2.splat(5.9604644775390625e-8); // 2⁻²⁴
  if (variant == 0) {
    const middle = f64x2.splat(0.5);
    low = inverseNormal2(f64x2.mul(f64x2.add(low, middle), width));
    high = inverseNormal2(f64x2.mul(f64x2.add(high, middle), width));
  } else {
    low = f64x2.mul(low, width);
    high = f64x2.mul(high, width);
  }
  low = f64x2.add(f64x2.splat(offset), f64x2.mul(f64x2.splat(scale), low));
  high = f64x2.add(f64x2.splat(offset), f64x2.mul(f64x2.splat(scale), high));
  return demote(low, high);
}

// @ts-ignore: decorator
@inline
function put(y: usize, values: v128, count: i32): void {
  if (count >= 4) v128.store(y, values);
  else if (count > 0) storePartial(y, values, count);
}

/** `count` draws of one trial from draw number `first` (even) on. */
// @ts-ignore: decorator
@inline
function fillRow(variant: i32, y: usize, trial: i32, first: i32, count: i32, key0: i32, key1: i32, scale: f64, offset: f64): void {
  const k0 = i32x4.splat(key0);
  const k1 = i32x4.splat(key1);
  const k2 = i32x4.splat(parityWord(key0, key1));
  for (let i: i32 = 0; i < count; i += 8) {
    let x0 = i32x4.add(i32x4.splat(trial), k0);
    let x1 = i32x4.add(i32x4.add(i32x4.splat((first + i) >> 1), i32x4(0, 1, 2, 3)), k1);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 13);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 15);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 26);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 6);
    x0 = i32x4.add(x0, k1);
    x1 = i32x4.add(x1, i32x4.add(k2, i32x4.splat(1)));
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 17);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 29);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 16);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 24);
    x0 = i32x4.add(x0, k2);
    x1 = i32x4.add(x1, i32x4.add(k0, i32x4.splat(2)));
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 13);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 15);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 26);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 6);
    x0 = i32x4.add(x0, k0);
    x1 = i32x4.add(x1, i32x4.add(k1, i32x4.splat(3)));
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 17);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 29);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 16);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 24);
    x0 = i32x4.add(x0, k1);
    x1 = i32x4.add(x1, i32x4.add(k2, i32x4.splat(4)));
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 13);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 15);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 26);
    x0 = i32x4.add(x0, x1);
    x1 = mixed(x1, x0, 6);
    x0 = i32x4.add(x0, k2);
    x1 = i32x4.add(x1, i32x4.add(k0, i32x4.splat(5)));
    // Words 2c and 2c + 1 of a trial come from counter c.
    put(at(y, i), draws4(variant, v128.shuffle<i32>(x0, x1, 0, 4, 1, 5), scale, offset), count - i);
    put(at(y, i + 4), draws4(variant, v128.shuffle<i32>(x0, x1, 2, 6, 3, 7), scale, offset), count - i - 4);
  }
}

// prettier-ignore
export function random(
  variant: i32, trial: usize, y: usize, _b: i32, columns: i32, key0: i32, key1: i32, scale: f64, offset: f64, start: i32, end: i32, _thread: i32,
): void {
  const blocks = (columns + block - 1) / block;
  for (let unit = start; unit < end; unit++) {
    const b = unit / blocks;
    const first = (unit - b * blocks) * block;
    const target = at(y, b * columns + first);
    const count: i32 = min(block, columns - first);
    if (variant == 0) fillRow(0, target, load<i32>(at(trial, b)), first, count, key0, key1, scale, offset);
    else fillRow(1, target, load<i32>(at(trial, b)), first, count, key0, key1, scale, offset);
  }
}
