// Singular values and vectors of small matrices: ml-matrix, with what it does not check.
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { NumericsError } from '../errors.js';

/** M = U diag(values) Vᵀ with K = min(rows, columns), values falling. */
export interface Svd {
  readonly values: Float64Array;
  /** Row-major [rows, K]. */
  readonly left: Float64Array;
  /** Row-major [columns, K]. */
  readonly right: Float64Array;
}

/** Singular value decomposition of a row-major matrix. Throws NumericsError when it is not finite (the decomposition would not end). */
export function svd(matrix: ArrayLike<number>, rows: number, columns: number, where: string): Svd {
  for (let i = 0; i < matrix.length; i++) {
    if (!Number.isFinite(matrix[i])) {
      throw new NumericsError(`${where}: expected a finite matrix, got ${matrix[i]} at row ${Math.floor(i / columns)}, column ${i % columns}`);
    }
  }
  const count = Math.min(rows, columns);
  const found = new SingularValueDecomposition(Matrix.from1DArray(rows, columns, matrix), { autoTranspose: true });
  const columnsOf = (vectors: Matrix, length: number) => Float64Array.from({ length: length * count }, (_, i) => vectors.get(Math.floor(i / count), i % count));
  return {
    values: Float64Array.from(found.diagonal.slice(0, count)),
    left: columnsOf(found.leftSingularVectors, rows),
    right: columnsOf(found.rightSingularVectors, columns),
  };
}

/** Singular values alone, falling. Throws NumericsError when the matrix is not finite. */
export function singularValues(matrix: ArrayLike<number>, rows: number, columns: number, where: string): Float64Array {
  return svd(matrix, rows, columns, where).values;
}
