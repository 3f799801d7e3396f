// Eigenvalues and eigenvectors of general real matrices, in the order that stability is read in: Francis' QR algorithm of ml-matrix, guarded against what it never returns from.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { NumericsError } from '../errors.js';

export interface Eigen {
  /** [S, 2], real and imaginary part, by falling modulus, then by falling imaginary part. */
  readonly values: Float64Array;
  /** Right eigenvectors [S, S, 2] in that order, each of length 1: entry i of vector k is at 2 (k S + i). */
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues and right eigenvectors of a row-major matrix [S, S]; `where` names the caller in messages. Throws NumericsError when an entry is not finite.
 * Eigenvalues of defective matrices are good to the square root of rounding, and their vectors coincide.
 */
export function generalEigen(matrix: ArrayLike<number>, size: number, where: string): Eigen {
  const { decomposition, scale } = decompose(matrix, size, where);
  const { realEigenvalues: real, imaginaryEigenvalues: imaginary, eigenvectorMatrix } = decomposition;
  const order = orderOf(real, imaginary);
  const values = inOrder(real, imaginary, order, scale);
  const vectors = new Float64Array(2 * size * size);
  order.forEach((source, k) => {
    // A conjugate pair has one column for the real part and the next for the imaginary part of the member with positive imaginary part.
    const im = imaginary[source] as number;
    const [column, part] = im < 0 ? [source - 1, source] : [source, source + 1];
    let squares = 0;
    for (let i = 0; i < size; i++) {
      const re = eigenvectorMatrix.get(i, column);
      const other = im === 0 ? 0 : Math.sign(im) * eigenvectorMatrix.get(i, part);
      vectors[2 * (k * size + i)] = re;
      vectors[2 * (k * size + i) + 1] = other;
      squares += re * re + other * other;
    }
    const length = Math.sqrt(squares) || 1;
    for (let i = 2 * k * size; i < 2 * (k + 1) * size; i++) vectors[i] = (vectors[i] as number) / length;
  });
  return { values, vectors };
}

/** Eigenvalues alone [S, 2], as `generalEigen` orders them. Throws NumericsError when an entry is not finite. */
export function generalEigenvalues(matrix: ArrayLike<number>, size: number, where: string): Float64Array {
  const { decomposition, scale } = decompose(matrix, size, where);
  const { realEigenvalues: real, imaginaryEigenvalues: imaginary } = decomposition;
  return inOrder(real, imaginary, orderOf(real, imaginary), scale);
}

/** The decomposition of matrix / scale, whose largest entry is between 1 and 2: the algorithm squares entries, and does not end where that overflows. */
function decompose(matrix: ArrayLike<number>, size: number, where: string): { decomposition: EigenvalueDecomposition; scale: number } {
  let largest = 0;
  for (let i = 0; i < size * size; i++) {
    const value = matrix[i] as number;
    if (!Number.isFinite(value))
      throw new NumericsError(`${where}: expected a finite Jacobian, got ${value} at row ${Math.floor(i / size)}, column ${i % size}`);
    largest = Math.max(largest, Math.abs(value));
  }
  const scale = largest > 0 ? 2 ** Math.floor(Math.log2(largest)) : 1;
  const scaled = Matrix.from1DArray(
    size,
    size,
    Array.from({ length: size * size }, (_, i) => (matrix[i] as number) / scale),
  );
  return { decomposition: new EigenvalueDecomposition(scaled), scale };
}

function orderOf(real: readonly number[], imaginary: readonly number[]): number[] {
  const modulus = real.map((re, i) => Math.hypot(re, imaginary[i] as number));
  return real.map((_, i) => i).sort((a, b) => (modulus[b] as number) - (modulus[a] as number) || (imaginary[b] as number) - (imaginary[a] as number) || a - b);
}

function inOrder(real: readonly number[], imaginary: readonly number[], order: readonly number[], scale: number): Float64Array {
  return Float64Array.from(order.flatMap((i) => [(real[i] as number) * scale, (imaginary[i] as number) * scale]));
}
