// An orthonormal basis in which a matrix is block upper triangular, its eigenvalues in a fixed order: a real Schur basis, by orthonormalising eigenvectors in turn.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Dense } from './dense.js';
import { orthonormalised } from './orthonormal.js';

/** Columns of the basis, by falling modulus of the eigenvalue, then falling real part; a complex pair spans two neighbouring columns. */
export function eigenBasis({ rows: n, values }: Dense): Dense {
  const { realEigenvalues, imaginaryEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(n, n, values), {
    assumeSymmetric: false,
  });
  const groups: { readonly columns: readonly number[]; readonly modulus: number; readonly real: number }[] = [];
  for (let k = 0; k < n; k++) {
    const real = realEigenvalues[k] as number;
    const imaginary = imaginaryEigenvalues[k] as number;
    const pair = imaginary !== 0 && k + 1 < n;
    groups.push({ columns: pair ? [k, k + 1] : [k], modulus: Math.hypot(real, imaginary), real });
    if (pair) k++;
  }
  groups.sort((a, b) => b.modulus - a.modulus || b.real - a.real);
  const order = groups.flatMap((group) => group.columns);
  const vectors = new Float64Array(n * n);
  order.forEach((source, column) => {
    for (let i = 0; i < n; i++) vectors[i * n + column] = eigenvectorMatrix.get(i, source);
  });
  return orthonormalised({ rows: n, columns: n, values: vectors });
}
