// Orthonormal columns from any square matrix, in the order of its columns.
import { type Dense, transpose } from './dense.js';

/** Columns made orthonormal in their order (modified Gram–Schmidt, twice). A column in the span of those before is replaced by the best axis. */
export function orthonormalised(matrix: Dense): Dense {
  const n = matrix.rows;
  const columns = transpose(matrix);
  const { values } = columns;
  for (let k = 0; k < columns.rows; k++) {
    let kept = orthogonaliseRow(values, n, k);
    for (let axis = 0; kept < 1e-8 && axis < n; axis++) {
      values.fill(0, k * n, (k + 1) * n);
      values[k * n + axis] = 1;
      kept = orthogonaliseRow(values, n, k);
    }
  }
  return transpose(columns);
}

/** Takes the earlier unit rows out of row k and normalises it; returns the share of its length that was left. */
function orthogonaliseRow(values: Float64Array, n: number, k: number): number {
  const length = () => {
    let sum = 0;
    for (let i = k * n; i < (k + 1) * n; i++) sum += (values[i] as number) ** 2;
    return Math.sqrt(sum);
  };
  const before = length();
  if (before === 0) return 0;
  for (let pass = 0; pass < 2; pass++) {
    for (let other = 0; other < k; other++) {
      let dot = 0;
      for (let i = 0; i < n; i++) dot += (values[k * n + i] as number) * (values[other * n + i] as number);
      for (let i = 0; i < n; i++) values[k * n + i] = (values[k * n + i] as number) - dot * (values[other * n + i] as number);
    }
  }
  const after = length();
  if (after / before < 1e-8) return 0;
  for (let i = k * n; i < (k + 1) * n; i++) values[i] = (values[i] as number) / after;
  return after / before;
}
