// Fixed points in other coordinates: y = M x + b for states, M J M⁻¹ for Jacobians.
import { LuDecomposition, Matrix } from 'ml-matrix';
import { NumericsError, ShapeError } from '../../errors.js';
import type { FixedPointArrays } from './point-arrays.js';
import { speedsOf } from './ends.js';

/** Ratio of the smallest to the largest pivot below which a matrix counts as not invertible: M J M⁻¹ would be rounding. */
const smallestPivot = 1e-12;

/** What FixedPoints.transform makes of the arrays. */
export function transformPoints(points: FixedPointArrays, matrix: ArrayLike<number>, offset: ArrayLike<number> | null): FixedPointArrays {
  const { stateSize, inputSize, jacobians, inputJacobians, eigenvalues } = points;
  const rows = matrix.length / stateSize;
  if (!Number.isInteger(rows) || rows < 1 || (offset && offset.length !== rows)) {
    throw new ShapeError(
      `FixedPoints.transform: expected a matrix [R, ${stateSize}] and an offset [R], got ${matrix.length} and ${offset?.length ?? 0} numbers`,
    );
  }
  const values = Float64Array.from(matrix);
  const shift = Float64Array.from(offset ?? new Float64Array(rows));
  for (const [what, numbers] of [
    ['matrix', values],
    ['offset', shift],
  ] as const) {
    const bad = numbers.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new NumericsError(`FixedPoints.transform: expected a finite ${what}, got ${numbers[bad]} at ${bad}`);
  }
  const transform = Matrix.from1DArray(rows, stateSize, values);
  const inverse = rows === stateSize ? inverseOf(transform) : null;
  const affine = (states: Float64Array) => affineRows(values, shift, states, stateSize);
  const [states, next] = [affine(points.states), affine(points.next)];
  const lost = !inverse && (jacobians || eigenvalues);
  return {
    stateSize: rows,
    inputSize,
    states,
    inputs: points.inputs,
    next,
    speed: speedsOf(states, next, rows),
    starts: points.starts && affine(points.starts),
    iterations: points.iterations,
    visits: points.visits,
    conditions: points.conditions,
    jacobians: jacobians && inverse && eachMatrix(jacobians, stateSize, stateSize, (jacobian) => transform.mmul(jacobian).mmul(inverse)),
    inputJacobians:
      inputJacobians && (inputSize > 0 ? eachMatrix(inputJacobians, stateSize, inputSize, (jacobian) => transform.mmul(jacobian)) : inputJacobians),
    eigenvalues: inverse ? eigenvalues : null,
    notes: [
      ...(points.notes ?? []),
      ...(lost ? [`without Jacobians and eigenvalues: a matrix [${rows}, ${stateSize}] that has no inverse does not carry them over`] : []),
    ],
  };
}

/** The inverse of a square matrix, or null where its pivots say that there is none. */
function inverseOf(matrix: Matrix): Matrix | null {
  const factors = new LuDecomposition(matrix);
  const pivots = factors.upperTriangularMatrix.diag().map(Math.abs);
  return Math.min(...pivots) > smallestPivot * Math.max(...pivots) ? factors.solve(Matrix.eye(matrix.rows)) : null;
}

/** M x + b for every row x of `states` [K, S]. */
function affineRows(matrix: Float64Array, offset: Float64Array, states: Float64Array, stateSize: number): Float64Array {
  const rows = offset.length;
  const count = states.length / stateSize;
  const result = new Float64Array(count * rows);
  for (let k = 0; k < count; k++) {
    for (let row = 0; row < rows; row++) {
      let sum = offset[row] as number;
      for (let i = 0; i < stateSize; i++) sum += (matrix[row * stateSize + i] as number) * (states[k * stateSize + i] as number);
      result[k * rows + row] = sum;
    }
  }
  return result;
}

/** Each matrix [rows, columns] of a packed array changed. */
function eachMatrix(packed: Float64Array, rows: number, columns: number, change: (matrix: Matrix) => Matrix): Float64Array {
  const size = rows * columns;
  const changed = Array.from({ length: packed.length / size }, (_, k) =>
    change(Matrix.from1DArray(rows, columns, packed.subarray(k * size, (k + 1) * size))).to1DArray(),
  );
  return Float64Array.from(changed.flat());
}
