// Products and solutions of dense f64 matrices (row-major Float64Array) for DSA, where ml-matrix's rows of rows would take most of the time.

/** A matrix [rows, columns], row-major. */
export interface Dense {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export function zeros(rows: number, columns: number): Dense {
  return { rows, columns, values: new Float64Array(rows * columns) };
}

export function identity(size: number): Dense {
  const matrix = zeros(size, size);
  for (let i = 0; i < size; i++) matrix.values[i * size + i] = 1;
  return matrix;
}

export function transpose({ rows, columns, values }: Dense): Dense {
  const result = zeros(columns, rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result.values[j * rows + i] = values[i * columns + j] as number;
  return result;
}

/** Which factor of a product is transposed. */
export type Transposed = 'none' | 'left' | 'right';

/** a · b, aᵀ · b ('left') or a · bᵀ ('right'), into `out` where it is given (which must not be a factor). Four by four sums are held at a time. */
export function multiply(a: Dense, b: Dense, transposed: Transposed = 'none', out?: Dense): Dense {
  const [m, depth] = transposed === 'left' ? [a.columns, a.rows] : [a.rows, a.columns];
  const n = transposed === 'right' ? b.rows : b.columns;
  const result = out ?? zeros(m, n);
  const [aRow, aStep] = transposed === 'left' ? [1, a.columns] : [a.columns, 1];
  const [bStep, bColumn] = transposed === 'right' ? [1, b.columns] : [b.columns, 1];
  accumulate(a.values, b.values, result.values, { m, n, depth, aRow, aStep, bStep, bColumn, sign: 0 });
  return result;
}

/** Extents and strides of c[i, j] (+)= Σ_p a[i, p] b[p, j]; `sign` 0 overwrites, 1 adds and −1 subtracts. Offsets count in elements. */
export interface ProductShape {
  readonly m: number;
  readonly n: number;
  readonly depth: number;
  readonly aRow: number;
  readonly aStep: number;
  readonly bStep: number;
  readonly bColumn: number;
  readonly sign: 0 | 1 | -1;
  readonly aStart?: number;
  readonly bStart?: number;
  readonly cStart?: number;
  /** Distance of two rows of c. Default n. */
  readonly cRow?: number;
}

/** The one loop that every product here comes down to. */
export function accumulate(a: Float64Array, b: Float64Array, c: Float64Array, shape: ProductShape): void {
  const { m, n, depth, aRow, aStep, bStep, bColumn, sign, aStart = 0, bStart = 0, cStart = 0, cRow = n } = shape;
  const mFull = m - (m % 4);
  const nFull = n - (n % 4);
  for (let i = 0; i < mFull; i += 4) {
    for (let j = 0; j < nFull; j += 4) {
      let c00 = 0;
      let c01 = 0;
      let c02 = 0;
      let c03 = 0;
      let c10 = 0;
      let c11 = 0;
      let c12 = 0;
      let c13 = 0;
      let c20 = 0;
      let c21 = 0;
      let c22 = 0;
      let c23 = 0;
      let c30 = 0;
      let c31 = 0;
      let c32 = 0;
      let c33 = 0;
      let p0 = aStart + i * aRow;
      let q0 = bStart + j * bColumn;
      for (let p = 0; p < depth; p++, p0 += aStep, q0 += bStep) {
        const a0 = a[p0] as number;
        const a1 = a[p0 + aRow] as number;
        const a2 = a[p0 + 2 * aRow] as number;
        const a3 = a[p0 + 3 * aRow] as number;
        const b0 = b[q0] as number;
        const b1 = b[q0 + bColumn] as number;
        const b2 = b[q0 + 2 * bColumn] as number;
        const b3 = b[q0 + 3 * bColumn] as number;
        c00 += a0 * b0;
        c01 += a0 * b1;
        c02 += a0 * b2;
        c03 += a0 * b3;
        c10 += a1 * b0;
        c11 += a1 * b1;
        c12 += a1 * b2;
        c13 += a1 * b3;
        c20 += a2 * b0;
        c21 += a2 * b1;
        c22 += a2 * b2;
        c23 += a2 * b3;
        c30 += a3 * b0;
        c31 += a3 * b1;
        c32 += a3 * b2;
        c33 += a3 * b3;
      }
      const row = cStart + i * cRow + j;
      store4(c, row, sign, c00, c01, c02, c03);
      store4(c, row + cRow, sign, c10, c11, c12, c13);
      store4(c, row + 2 * cRow, sign, c20, c21, c22, c23);
      store4(c, row + 3 * cRow, sign, c30, c31, c32, c33);
    }
  }
  for (let i = 0; i < m; i++) {
    for (let j = i < mFull ? nFull : 0; j < n; j++) {
      let sum = 0;
      let p0 = aStart + i * aRow;
      let q0 = bStart + j * bColumn;
      for (let p = 0; p < depth; p++, p0 += aStep, q0 += bStep) sum += (a[p0] as number) * (b[q0] as number);
      const at = cStart + i * cRow + j;
      c[at] = sign === 0 ? sum : (c[at] as number) + sign * sum;
    }
  }
}

function store4(c: Float64Array, at: number, sign: number, v0: number, v1: number, v2: number, v3: number): void {
  if (sign === 0) {
    c[at] = v0;
    c[at + 1] = v1;
    c[at + 2] = v2;
    c[at + 3] = v3;
    return;
  }
  c[at] = (c[at] as number) + sign * v0;
  c[at + 1] = (c[at + 1] as number) + sign * v1;
  c[at + 2] = (c[at + 2] as number) + sign * v2;
  c[at + 3] = (c[at + 3] as number) + sign * v3;
}

/** Σ a ∘ b. */
export function innerProduct(a: Dense, b: Dense): number {
  let sum = 0;
  for (let i = 0; i < a.values.length; i++) sum += (a.values[i] as number) * (b.values[i] as number);
  return sum;
}

export function frobeniusNorm(a: Dense): number {
  return Math.sqrt(innerProduct(a, a));
}

/** factor · a. */
export function scale(a: Dense, factor: number): Dense {
  return { ...a, values: a.values.map((value) => value * factor) };
}

/** a + factor · b. */
export function addScaled(a: Dense, b: Dense, factor: number): Dense {
  return { ...a, values: a.values.map((value, i) => value + factor * (b.values[i] as number)) };
}

/** Lower Cholesky factor of a symmetric matrix, or null when it is not positive definite. */
export function cholesky({ rows: n, values }: Dense): Dense | null {
  const factor = zeros(n, n);
  const l = factor.values;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = values[i * n + j] as number;
      for (let p = 0; p < j; p++) sum -= (l[i * n + p] as number) * (l[j * n + p] as number);
      if (i > j) l[i * n + j] = sum / (l[j * n + j] as number);
      else if (sum > 0) l[i * n + i] = Math.sqrt(sum);
      else return null;
    }
  }
  return factor;
}

/** x of a x = b by Gaussian elimination with partial pivoting, or null when a pivot vanishes. */
export function solveDense(a: Dense, b: Dense): Dense | null {
  const n = a.rows;
  const columns = b.columns;
  const left = a.values.slice();
  const right = b.values.slice();
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(left[i * n + k] as number) > Math.abs(left[pivot * n + k] as number)) pivot = i;
    if (!((left[pivot * n + k] as number) !== 0)) return null;
    if (pivot !== k) {
      swapRows(left, n, k, pivot);
      swapRows(right, columns, k, pivot);
    }
    const diagonal = left[k * n + k] as number;
    for (let i = k + 1; i < n; i++) {
      const factor = (left[i * n + k] as number) / diagonal;
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j++) left[i * n + j] = (left[i * n + j] as number) - factor * (left[k * n + j] as number);
      for (let j = 0; j < columns; j++) right[i * columns + j] = (right[i * columns + j] as number) - factor * (right[k * columns + j] as number);
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    const diagonal = left[k * n + k] as number;
    for (let j = 0; j < columns; j++) {
      let sum = right[k * columns + j] as number;
      for (let p = k + 1; p < n; p++) sum -= (left[k * n + p] as number) * (right[p * columns + j] as number);
      right[k * columns + j] = sum / diagonal;
    }
  }
  return { rows: n, columns, values: right };
}

function swapRows(values: Float64Array, width: number, a: number, b: number): void {
  for (let j = 0; j < width; j++) {
    const held = values[a * width + j] as number;
    values[a * width + j] = values[b * width + j] as number;
    values[b * width + j] = held;
  }
}
