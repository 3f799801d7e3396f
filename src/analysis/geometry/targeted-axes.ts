// Targeted dimensionality reduction by regression (after Mante et al. 2013, doi:10.1038/nature12742): the alternative to the speed axis that knows the speeds.
import { Matrix, solve } from 'ml-matrix';
import { ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import { pcaOfRows } from '../pca.js';
import { singularValues } from '../svd.js';
import { conditionRows, type Normalisation } from './normalise.js';
import { conditionMeans, straightLine } from './speed-axis.js';

export interface TargetedAxes {
  /** Regression coefficients of the condition means on each variable, row-major [V, D]. */
  readonly coefficients: Float64Array;
  /** Orthonormal axes, in the order of the variables: each coefficient vector without what lies along the earlier ones [V, D]. */
  readonly axes: Float64Array;
  /** Mean projection of each condition [V][C]. */
  readonly projections: readonly Float64Array[];
  /** R² of a straight line from each variable to the projection on its axis; null where one does not vary [V]. */
  readonly r2: readonly (number | null)[];
}

export interface TargetedAxesOptions {
  /** Project the coefficients on so many principal components of the activity (denoising). Default 12; null: none. */
  readonly components?: number | null;
  /** Default 'z-score'. */
  readonly normalisation?: Normalisation;
}

/**
 * Regresses the mean activity of conditions [C, T, D] on commanded variables, one list of C values each (with intercept), and makes the coefficient vectors
 * orthonormal. Throws ShapeError unless there are more conditions than variables and the variables are independent.
 */
export async function targetedAxes(
  conditions: TrialArray,
  variables: readonly ArrayLike<number>[],
  { components = 12, normalisation = 'z-score' }: TargetedAxesOptions = {},
): Promise<TargetedAxes> {
  const where = 'targetedAxes';
  const { trials, width } = conditions;
  const count = variables.length;
  if (count === 0 || count > width || trials <= count || variables.some(({ length }) => length !== trials)) {
    throw new ShapeError(
      `${where}: expected 1 or more variables with a value for each condition, fewer than conditions and units, got ${count} for ${trials} conditions`,
    );
  }
  const all = conditionRows(conditions, normalisation, where);
  const pca = await pcaOfRows(all.rows, width);
  const means = conditionMeans(all, pca.mean, where);
  const design = new Matrix(trials, count + 1);
  for (let c = 0; c < trials; c++) for (let v = 0; v <= count; v++) design.set(c, v, v === count ? 1 : ((variables[v] as ArrayLike<number>)[c] as number));
  if (!design.to1DArray().every(Number.isFinite))
    throw new ShapeError(`${where}: expected finite variables, got ${design.to1DArray().find((value) => !Number.isFinite(value))}`);
  if (!independentColumns(design, where))
    throw new ShapeError(`${where}: expected variables that differ over conditions, each in its own way, got ones that determine each other`);
  const fitted = solve(design, Matrix.from1DArray(trials, width, means));
  let coefficients = fitted.subMatrix(0, count - 1, 0, width - 1);
  if (components !== null) {
    const kept = Math.min(components, width);
    const basis = Matrix.from1DArray(kept, width, pca.components.slice(0, kept * width));
    coefficients = coefficients.mmul(basis.transpose()).mmul(basis);
  }
  const axes = orthonormal(coefficients, where);
  const projected = Matrix.from1DArray(trials, width, means).mmul(axes.transpose());
  const projections = Array.from({ length: count }, (_, v) => Float64Array.from(projected.getColumn(v)));
  return {
    coefficients: Float64Array.from(coefficients.to1DArray()),
    axes: Float64Array.from(axes.to1DArray()),
    projections,
    r2: projections.map((projection, v) => straightLine(variables[v] as ArrayLike<number>, projection).r2),
  };
}

function independentColumns(design: Matrix, where: string): boolean {
  const scaled = design.clone();
  for (let v = 0; v < design.columns; v++) scaled.mulColumn(v, 1 / Math.max(Number.MIN_VALUE, Math.hypot(...design.getColumn(v))));
  const values = singularValues(scaled.to1DArray(), design.rows, design.columns, where);
  return (values[values.length - 1] as number) > 1e-10 * (values[0] as number);
}

/** Gram–Schmidt in order, twice for rounding; signs stay. Throws ShapeError where a vector lies in the span of the earlier ones. */
function orthonormal(vectors: Matrix, where: string): Matrix {
  const axes = vectors.clone();
  for (let v = 0; v < axes.rows; v++) {
    const length = Matrix.rowVector(axes.getRow(v)).norm();
    for (let pass = 0; pass < 2; pass++) {
      for (let u = 0; u < v; u++) {
        const along = axes.getRow(u).reduce((sum, value, i) => sum + value * axes.get(v, i), 0);
        for (let i = 0; i < axes.columns; i++) axes.set(v, i, axes.get(v, i) - along * axes.get(u, i));
      }
    }
    const rest = Matrix.rowVector(axes.getRow(v)).norm();
    if (!(rest > 1e-9 * length))
      throw new ShapeError(`${where}: expected activity that goes with every variable in its own direction, got none for variable ${v}`);
    for (let i = 0; i < axes.columns; i++) axes.set(v, i, axes.get(v, i) / rest);
  }
  return axes;
}
