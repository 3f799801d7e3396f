// damped_step: the damped Gauss-Newton step of ½‖F(x) − x‖² for many states at once
// Math      (JᵀJ + λI) δ = −JᵀR, R = F(x) − x, J = ∂F/∂x − I (Levenberg 1944; Marquardt 1963); speed = ½‖R‖². The lower factor L of [J R]ᵀ[J R] + λI, left-looking, in blocks of 4 × 4;
//           its row S is (L⁻¹ JᵀR)ᵀ, so that only Lᵀδ = −L⁻¹JᵀR is left to solve
// In        states [B, S]  next [B, S]  jacobian [B, S, S]  damping [B] (all f64)
// Out       step [B, S] (f64; NaN where a pivot is not positive)  speed [B] (f64)  scratch: a workspace a thread
// Mapping   one unit = one state; a block's eight sums of two lanes stay in registers over the S products of J and the products of L
// Memory    [J R] in panels of 4 columns and L in panels of 4 rows, 8 S (2 S + 12) bytes a thread: they stay in the second cache
// Limits    S² B < 2^31
// Numerics  max |error| vs reference 1e-15 times the condition of JᵀJ + λI, relative to the largest component
// Twins     src/backends/reference/damped_step.ts
import { at64, madd64, nmadd64 } from './inline/math_f64';

/** [J R] in panels: panel p, then k, then columns 4p … 4p + 3; zeros behind R. */
function pack(jacobian: usize, states: usize, next: usize, size: i32, panels: i32, packed: usize): void {
  for (let p: i32 = 0; p < panels; p++) {
    const column = 4 * p;
    let target = at64(packed, p * size * 4);
    let source = at64(jacobian, column);
    for (let k: i32 = 0; k < size; k++) {
      if (column + 4 <= size) {
        v128.store(target, v128.load(source));
        v128.store(target, v128.load(source, 16), 16);
      } else {
        for (let c: i32 = 0; c < 4; c++) {
          const R = load<f64>(at64(next, k)) - load<f64>(at64(states, k));
          store<f64>(at64(target, c), column + c < size ? load<f64>(at64(source, c)) : column + c == size ? R : 0);
        }
      }
      target += 32;
      source = at64(source, size);
    }
  }
  for (let i: i32 = 0; i < size; i++) {
    const diagonal = at64(packed, ((i >> 2) * size + i) * 4 + (i & 3));
    store<f64>(diagonal, load<f64>(diagonal) - 1);
  }
}

/**
 * Block (i, j) of L. Its column c, four rows: Σ_k a[k] b[k, c] over `depth` rows of J, minus the same over `done` columns of L. Below the diagonal (`factor` is block
 * (j, j) of L, by columns) divided by the factor's transpose; on it (`factor` 0) left as it is. Stored by columns of four at `target`.
 */
function block(a: usize, b: usize, depth: i32, above: usize, left: usize, done: i32, factor: usize, inverse: usize, target: usize): void {
  let c00 = f64x2.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let end = a + ((<usize>depth) << 5);
  while (a < end) {
    const x0 = v128.load(a);
    const x1 = v128.load(a, 16);
    const y0 = v128.load64_splat(b);
    c00 = madd64(x0, y0, c00);
    c01 = madd64(x1, y0, c01);
    const y1 = v128.load64_splat(b, 8);
    c10 = madd64(x0, y1, c10);
    c11 = madd64(x1, y1, c11);
    const y2 = v128.load64_splat(b, 16);
    c20 = madd64(x0, y2, c20);
    c21 = madd64(x1, y2, c21);
    const y3 = v128.load64_splat(b, 24);
    c30 = madd64(x0, y3, c30);
    c31 = madd64(x1, y3, c31);
    a += 32;
    b += 32;
  }
  end = above + ((<usize>done) << 5);
  while (above < end) {
    const x0 = v128.load(above);
    const x1 = v128.load(above, 16);
    const y0 = v128.load64_splat(left);
    c00 = nmadd64(x0, y0, c00);
    c01 = nmadd64(x1, y0, c01);
    const y1 = v128.load64_splat(left, 8);
    c10 = nmadd64(x0, y1, c10);
    c11 = nmadd64(x1, y1, c11);
    const y2 = v128.load64_splat(left, 16);
    c20 = nmadd64(x0, y2, c20);
    c21 = nmadd64(x1, y2, c21);
    const y3 = v128.load64_splat(left, 24);
    c30 = nmadd64(x0, y3, c30);
    c31 = nmadd64(x1, y3, c31);
    above += 32;
    left += 32;
  }
  if (factor) {
    const d0 = v128.load64_splat(inverse);
    c00 = f64x2.mul(c00, d0);
    c01 = f64x2.mul(c01, d0);
    const l10 = v128.load64_splat(factor, 8);
    const d1 = v128.load64_splat(inverse, 8);
    c10 = f64x2.mul(nmadd64(c00, l10, c10), d1);
    c11 = f64x2.mul(nmadd64(c01, l10, c11), d1);
    const l20 = v128.load64_splat(factor, 16);
    const l21 = v128.load64_splat(factor, 48);
    const d2 = v128.load64_splat(inverse, 16);
    c20 = f64x2.mul(nmadd64(c10, l21, nmadd64(c00, l20, c20)), d2);
    c21 = f64x2.mul(nmadd64(c11, l21, nmadd64(c01, l20, c21)), d2);
    const l30 = v128.load64_splat(factor, 24);
    const l31 = v128.load64_splat(factor, 56);
    const l32 = v128.load64_splat(factor, 88);
    const d3 = v128.load64_splat(inverse, 24);
    c30 = f64x2.mul(nmadd64(c20, l32, nmadd64(c10, l31, nmadd64(c00, l30, c30))), d3);
    c31 = f64x2.mul(nmadd64(c21, l32, nmadd64(c11, l31, nmadd64(c01, l30, c31))), d3);
  }
  v128.store(target, c00);
  v128.store(target, c01, 16);
  v128.store(target, c10, 32);
  v128.store(target, c11, 48);
  v128.store(target, c20, 64);
  v128.store(target, c21, 80);
  v128.store(target, c30, 96);
  v128.store(target, c31, 112);
}

/** Factors a diagonal block in place (columns of four): L, and the inverse of its diagonal. Columns from `columns` on (behind JᵀJ) become zero. */
function factorBlock(at: usize, columns: i32, damping: f64, inverse: usize): void {
  for (let c: i32 = 0; c < 4; c++) {
    const column = at64(at, 4 * c);
    if (c >= columns) {
      memory.fill(column, 0, 32);
      store<f64>(at64(inverse, c), 0);
      continue;
    }
    store<f64>(at64(column, c), load<f64>(at64(column, c)) + damping);
    for (let t: i32 = 0; t < c; t++) {
      const before = at64(at, 4 * t);
      const factor = load<f64>(at64(before, c));
      for (let r = c; r < 4; r++) store<f64>(at64(column, r), load<f64>(at64(column, r)) - factor * load<f64>(at64(before, r)));
      store<f64>(at64(column, t), 0);
    }
    const pivot = load<f64>(at64(column, c));
    const d = 1 / sqrt<f64>(pivot > 0 ? pivot : NaN);
    store<f64>(at64(inverse, c), d);
    for (let r = c; r < 4; r++) store<f64>(at64(column, r), load<f64>(at64(column, r)) * d);
  }
}

/** Lᵀ δ = −y from the last row up, where y is row `size` of L. */
function solve(lower: usize, inverse: usize, size: i32, panels: i32, delta: usize): void {
  const panel = 16 * panels;
  const y = at64(lower, (size >> 2) * panel + (size & 3));
  memory.fill(delta, 0, (<usize>panels) << 5);
  for (let i = size - 1; i >= 0; i--) {
    let low = f64x2.splat(0);
    let high = low;
    for (let p = i >> 2; p < panels; p++) {
      const column = at64(lower, p * panel + 4 * i);
      const from = at64(delta, 4 * p);
      low = madd64(v128.load(column), v128.load(from), low);
      high = madd64(v128.load(column, 16), v128.load(from, 16), high);
    }
    const pairs = f64x2.add(low, high);
    const sum = f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
    store<f64>(at64(delta, i), -(load<f64>(at64(y, 4 * i)) + sum) * load<f64>(at64(inverse, i)));
  }
}

// prettier-ignore
export function damped_step(
  _variant: i32, states: usize, next: usize, jacobian: usize, damping: usize, step: usize, speed: usize, scratch: usize,
  _b: i32, S: i32, start: i32, end: i32, thread: i32,
): void {
  const panels = (S + 4) >> 2;
  const width = 4 * panels;
  // Elements (f64) of a thread's workspace; src/backends/wasm/fixed-point-table.ts says the same.
  const packed = at64(scratch, thread * width * (S + width + 2));
  const lower = at64(packed, width * S);
  const inverse = at64(lower, width * width);
  const delta = at64(inverse, width);
  for (let b = start; b < end; b++) {
    const x = at64(states, b * S);
    const F = at64(next, b * S);
    let sum: f64 = 0;
    for (let i: i32 = 0; i < S; i++) {
      const R = load<f64>(at64(F, i)) - load<f64>(at64(x, i));
      sum += R * R;
    }
    store<f64>(at64(speed, b), 0.5 * sum);
    pack(at64(jacobian, b * S * S), x, F, S, panels, packed);
    const lambda = load<f64>(at64(damping, b));
    for (let j: i32 = 0; j < panels; j++) {
      const ofJ = at64(packed, j * S * 4);
      const ofL = at64(lower, j * width * 4);
      const diagonal = at64(ofL, 16 * j);
      const inverses = at64(inverse, 4 * j);
      block(ofJ, ofJ, S, ofL, ofL, 4 * j, 0, 0, diagonal);
      factorBlock(diagonal, S - 4 * j, lambda, inverses);
      for (let i = j + 1; i < panels; i++) {
        const row = at64(lower, i * width * 4);
        block(at64(packed, i * S * 4), ofJ, S, row, ofL, 4 * j, diagonal, inverses, at64(row, 16 * j));
      }
    }
    solve(lower, inverse, S, panels, delta);
    memory.copy(at64(step, b * S), delta, (<usize>S) << 3);
  }
}
