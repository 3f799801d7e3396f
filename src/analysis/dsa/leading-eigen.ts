// The leading eigenpairs of a large symmetric matrix: block Lanczos with full reorthogonalisation (Golub & Underwood 1977), started from fixed random numbers.
// A whole decomposition of the 2560 × 2560 Gram matrix of 128 units at 20 delays would take minutes; 50 pairs take seconds.
import { NumericsError } from '../../errors.js';
import { normalAt, randomKey } from '../../random.js';
import { symmetricEigen } from '../pca.js';
import { accumulate, type Dense, multiply, zeros } from './dense.js';

export interface Eigenpairs {
  /** Falling [K]. */
  readonly values: Float64Array;
  /** Unit rows [K, n]. */
  readonly vectors: Dense;
}

/** Up to this size the whole decomposition is quicker. */
const smallSize = 160;
/** Vectors in a block: eigenvalues of up to this multiplicity are all found. */
const blockSize = 12;
/** A residual below this share of the smallest wanted eigenvalue, or below the rounding of the largest, is converged. */
const relativeResidual = 1e-9;
const rounding = 2e-15;

/**
 * The `count` leading eigenpairs of a positive semi-definite matrix [n, n], or all n when that is about as quick; at least `count` come back unless n is smaller.
 * Throws NumericsError when the matrix is not finite.
 */
export function leadingEigen(matrix: Dense, count: number): Eigenpairs {
  const n = matrix.rows;
  if (n <= smallSize || 3 * count > n) {
    const { values, vectors } = symmetricEigen(matrix.values, n, 'dsa');
    return { values, vectors: { rows: n, columns: n, values: vectors } };
  }
  if (matrix.values.some((value) => !Number.isFinite(value)))
    throw new NumericsError('dsa: expected a finite Gram matrix, got values that are not; are the states too large?');
  return lanczos(matrix, count);
}

function lanczos(matrix: Dense, count: number): Eigenpairs {
  const n = matrix.rows;
  const capacity = Math.ceil(n / blockSize) * blockSize;
  // rows are the basis; grown as needed
  let basis = zeros(Math.min(capacity, 4 * count + 8 * blockSize), n);
  let projected: Float64Array;
  const key = randomKey(0, 'leading eigenpairs');
  let drawn = 0;
  const draw = (row: Float64Array) => {
    for (let i = 0; i < n; i++) row[i] = normalAt(key, drawn, i);
    drawn++;
  };
  let size = 0;
  const couplings: Float64Array[] = [];
  let block = zeros(blockSize, n);
  for (let i = 0; i < blockSize; i++) draw(block.values.subarray(i * n, (i + 1) * n));
  let checkAt = 2 * count + 2 * blockSize;
  for (;;) {
    // the new block, orthonormal and orthogonal to what is there
    const added = Math.min(blockSize, n - size);
    if (size + added > basis.rows) basis = grown(basis, Math.min(n, Math.ceil(1.5 * (size + added))));
    for (let i = 0; i < added; i++) appendOrthonormal(basis, size + i, block.values.subarray(i * n, (i + 1) * n), draw);
    const fresh: Dense = { rows: added, columns: n, values: basis.values.subarray(size * n, (size + added) * n) };
    size += added;
    const image = multiply(fresh, matrix, 'right');
    const held: Dense = { rows: size, columns: n, values: basis.values.subarray(0, size * n) };
    const coefficients = multiply(image, held, 'right');
    couplings.push(coefficients.values);
    for (let pass = 0; pass < 2; pass++) {
      const remove = pass === 0 ? coefficients : multiply(image, held, 'right');
      accumulate(remove.values, held.values, image.values, { m: added, n, depth: size, aRow: size, aStep: 1, bStep: n, bColumn: 1, sign: -1 });
    }
    block = image;
    if (size < checkAt && size < n) continue;
    projected = assemble(couplings, size);
    const { values, vectors } = symmetricEigen(projected, size, 'dsa');
    const wanted = Math.min(count, size);
    if (size === n || converged(values, vectors, image, size, added, wanted)) return ritzPairs(values, vectors, held, wanted);
    checkAt = Math.min(n, Math.ceil(size * 1.25));
  }
}

function grown(basis: Dense, rows: number): Dense {
  const larger = zeros(rows, basis.columns);
  larger.values.set(basis.values);
  return larger;
}

/** Writes `candidate` as row `at` of the basis, orthonormalised against the rows before; a candidate that lies in their span is replaced by a random one. */
function appendOrthonormal(basis: Dense, at: number, candidate: Float64Array, draw: (row: Float64Array) => void): void {
  const n = basis.columns;
  const row = basis.values.subarray(at * n, (at + 1) * n);
  row.set(candidate);
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = norm(row);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < at; k++) {
        const other = k * n;
        let dot = 0;
        for (let i = 0; i < n; i++) dot += (row[i] as number) * (basis.values[other + i] as number);
        for (let i = 0; i < n; i++) row[i] = (row[i] as number) - dot * (basis.values[other + i] as number);
      }
    }
    const after = norm(row);
    if (after > 1e-10 * before) {
      for (let i = 0; i < n; i++) row[i] = (row[i] as number) / after;
      return;
    }
    draw(row);
  }
  throw new NumericsError('dsa: expected a basis that can be completed, got vectors in the span of the others five times; are the states finite and varied?');
}

function norm(row: Float64Array): number {
  let sum = 0;
  for (const value of row) sum += value * value;
  return Math.sqrt(sum);
}

/** The projected matrix Q G Qᵀ [m, m] from the rows of coefficients of each block. */
function assemble(couplings: readonly Float64Array[], size: number): Float64Array {
  const projected = new Float64Array(size * size);
  let first = 0;
  for (const coefficients of couplings) {
    const rows = Math.min(blockSize, size - first);
    const width = first + rows;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < width; j++) {
        const value = coefficients[i * width + j] as number;
        projected[(first + i) * size + j] = value;
        projected[j * size + first + i] = value;
      }
    }
    first += rows;
  }
  return projected;
}

/** Whether the first `wanted` Ritz pairs leave residuals (the part of G y outside the basis, which only the last block has) small enough. */
function converged(values: Float64Array, vectors: Float64Array, outside: Dense, size: number, added: number, wanted: number): boolean {
  const overlap = multiply(outside, outside, 'right');
  const bound = Math.max(relativeResidual * Math.max(0, values[wanted - 1] as number), rounding * (values[0] as number));
  for (let k = 0; k < wanted; k++) {
    let squared = 0;
    for (let i = 0; i < added; i++) {
      for (let j = 0; j < added; j++)
        squared +=
          (overlap.values[i * added + j] as number) * (vectors[k * size + size - added + i] as number) * (vectors[k * size + size - added + j] as number);
    }
    if (Math.sqrt(Math.max(0, squared)) > bound) return false;
  }
  return true;
}

function ritzPairs(values: Float64Array, vectors: Float64Array, basis: Dense, wanted: number): Eigenpairs {
  const chosen: Dense = { rows: wanted, columns: basis.rows, values: vectors.subarray(0, wanted * basis.rows) };
  return { values: values.slice(0, wanted), vectors: multiply(chosen, basis) };
}
