// The speed axis: the direction, outside the plane of the rhythm, in which the mean activity of conditions differs most (Rush et al. 2023), in closed form.
import { ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import { pcaOfRows } from '../pca.js';
import { svd } from '../svd.js';
import { applyScaling, type ConditionRows, conditionRows, type Normalisation, type Scaling, scalingOf } from './normalise.js';
import { rowsOf } from '../trials.js';

export interface SpeedAxisOptions {
  /** Principal components that the axis is sought in, those of the plane included. Default 12, as published; fewer when there are fewer units. */
  readonly components?: number;
  /** Leading components that span the rhythm's plane and are left out. Default 2. */
  readonly planeComponents?: number;
  /** Scaling of the units. Default 'z-score', as published; or a scaling from elsewhere, for axes of several series in one space. */
  readonly normalisation?: Normalisation | Scaling;
  /**
   * Centre the condition means before the axis is sought, so that it has the largest variance across conditions in the strict sense. Default false, as
   * published: the means of conditions of equal length sum to zero anyway, of unequal length almost.
   */
  readonly centred?: boolean;
}

export interface SpeedAxis {
  /** Unit vector in the space of the scaled units [D], at right angles to the plane; projections rise with speed. */
  readonly axis: Float64Array;
  /** The plane: leading principal components, row-major [planeComponents, D]. */
  readonly plane: Float64Array;
  /** Mean of the scaled units, which projections start from [D]. */
  readonly mean: Float64Array;
  readonly scaling: Scaling;
  /** Mean projection of each condition on the axis [C]. */
  readonly projections: Float64Array;
  /** R² of a straight line from speed to mean projection; null when neither varies. */
  readonly r2: number | null;
  /** Share of the variance of condition means, outside the plane, that the axis holds; null when the means are all zero. */
  readonly share: number | null;
}

/**
 * Finds the speed axis of conditions [C, T, D] (cycle averages, one a speed; unequal lengths by `lengths`): PCA over all samples, the plane of the first two
 * left out, then the leading right singular vector of the condition means in the remaining components. Speeds [C] only turn its sign and give R².
 * Throws ShapeError for fewer than two conditions or three dimensions, NumericsError for values that are not finite.
 */
export async function speedAxis(conditions: TrialArray, speeds: ArrayLike<number>, options: SpeedAxisOptions = {}): Promise<SpeedAxis> {
  const { components = 12, planeComponents = 2, normalisation = 'z-score', centred = false } = options;
  const where = 'speedAxis';
  const { trials, width } = conditions;
  if (trials < 2 || speeds.length !== trials)
    throw new ShapeError(`${where}: expected a speed for each of 2 or more conditions, got ${speeds.length} for ${trials}`);
  const last = Math.min(components, width);
  if (!(planeComponents >= 0 && last > planeComponents)) {
    throw new ShapeError(`${where}: expected more than ${planeComponents} components, which the plane takes, got ${last} of ${width} units`);
  }
  const { rows, starts, scaling } = scaled(conditions, normalisation, where);
  const pca = await pcaOfRows(rows, width);
  const means = conditionMeans({ rows, width, starts }, pca.mean, where);
  const sought = last - planeComponents;
  const outside = pca.components.subarray(planeComponents * width, last * width);
  const scores = new Float64Array(trials * sought);
  for (let c = 0; c < trials; c++) for (let k = 0; k < sought; k++) scores[c * sought + k] = dot(means, c * width, outside, k * width, width);
  if (centred) centreColumns(scores, sought);
  const { values, right } = svd(scores, trials, sought, where);
  const axis = new Float64Array(width);
  for (let k = 0; k < sought; k++)
    for (let i = 0; i < width; i++) axis[i] = (axis[i] as number) + (right[k * values.length] as number) * (outside[k * width + i] as number);
  let projections = Float64Array.from({ length: trials }, (_, c) => dot(means, c * width, axis, 0, width));
  const { slope, r2 } = straightLine(speeds, projections);
  if (slope < 0) {
    projections = projections.map((value) => -value);
    for (let i = 0; i < width; i++) axis[i] = -(axis[i] as number);
  }
  const total = values.reduce((sum, value) => sum + value * value, 0);
  return {
    axis,
    plane: pca.components.slice(0, planeComponents * width),
    mean: pca.mean,
    scaling,
    projections,
    r2,
    share: total > 0 ? (values[0] as number) ** 2 / total : null,
  };
}

function scaled(conditions: TrialArray, normalisation: Normalisation | Scaling, where: string): ConditionRows & { scaling: Scaling } {
  const plain = conditionRows(conditions, 'none', where);
  const given = typeof normalisation === 'object' && 'shift' in normalisation;
  const scaling = given ? normalisation : scalingOf(plain.rows, plain.width, normalisation);
  return { ...plain, rows: applyScaling(plain.rows, scaling), scaling };
}

/** Mean of each condition relative to `origin`, row-major [C, D]. */
export function conditionMeans({ rows, width, starts }: ConditionRows, origin: ArrayLike<number>, where: string): Float64Array {
  const means = new Float64Array((starts.length - 1) * width);
  for (let condition = 0; condition + 1 < starts.length; condition++) {
    const [first, end] = [starts[condition] as number, starts[condition + 1] as number];
    if (end === first) throw new ShapeError(`${where}: expected samples in every condition, got none in condition ${condition}`);
    for (let i = 0; i < width; i++) {
      let sum = 0;
      for (let row = first; row < end; row++) sum += (rows[row * width + i] as number) - (origin[i] as number);
      means[condition * width + i] = sum / (end - first);
    }
  }
  return means;
}

function dot(a: ArrayLike<number>, startA: number, b: ArrayLike<number>, startB: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[startA + i] as number) * (b[startB + i] as number);
  return sum;
}

function centreColumns(matrix: Float64Array, columns: number): void {
  const rows = matrix.length / columns;
  for (let column = 0; column < columns; column++) {
    let mean = 0;
    for (let i = column; i < matrix.length; i += columns) mean += (matrix[i] as number) / rows;
    for (let i = column; i < matrix.length; i += columns) matrix[i] = (matrix[i] as number) - mean;
  }
}

/** Least-squares line y ≈ a + slope·x and its R²; null where x or y does not vary. */
export function straightLine(x: ArrayLike<number>, y: ArrayLike<number>): { slope: number; r2: number | null } {
  const count = x.length;
  let [meanX, meanY, xx, xy, yy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    meanX += (x[i] as number) / count;
    meanY += (y[i] as number) / count;
  }
  for (let i = 0; i < count; i++) {
    const [dx, dy] = [(x[i] as number) - meanX, (y[i] as number) - meanY];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  return { slope: xx > 0 ? xy / xx : 0, r2: xx > 0 && yy > 0 ? xy ** 2 / (xx * yy) : null };
}

/** One series of conditions: how activity [C, T, D] goes with one commanded variable [C]. */
export interface SpeedSeries {
  readonly conditions: TrialArray;
  readonly speeds: ArrayLike<number>;
}

export interface SpeedAxes {
  readonly axes: Readonly<Record<string, SpeedAxis>>;
  /** Angle between the axes of each pair of series, rad, 0 to π [series][series]. */
  readonly angles: readonly (readonly number[])[];
}

/**
 * Axes of several series (forward, lateral, rotational speed), each from its own conditions, and the angles between them. The units are scaled over the
 * samples of all series together, because angles between axes of differently scaled spaces would mean nothing. Throws as `speedAxis` does.
 */
export async function speedAxes(series: Readonly<Record<string, SpeedSeries>>, options: SpeedAxisOptions = {}): Promise<SpeedAxes> {
  const names = Object.keys(series);
  const arrays = names.map((name) => (series[name] as SpeedSeries).conditions);
  const { normalisation = 'z-score' } = options;
  const given = typeof normalisation === 'object' && 'shift' in normalisation;
  const scaling = given ? normalisation : pooledScaling(arrays, normalisation);
  const axes: Record<string, SpeedAxis> = {};
  for (const name of names) {
    const { conditions, speeds } = series[name] as SpeedSeries;
    axes[name] = await speedAxis(conditions, speeds, { ...options, normalisation: scaling });
  }
  const vectors = names.map((name) => (axes[name] as SpeedAxis).axis);
  return { axes, angles: vectors.map((a) => vectors.map((b) => Math.acos(Math.max(-1, Math.min(1, dot(a, 0, b, 0, a.length)))))) };
}

function pooledScaling(arrays: readonly TrialArray[], normalisation: Normalisation): Scaling {
  const width = arrays[0]?.width ?? 0;
  if (width === 0 || arrays.some((array) => array.width !== width)) {
    throw new ShapeError(`speedAxes: expected series of the same units, got ${arrays.map((array) => array.width).join(', ')} units`);
  }
  const parts = arrays.map((array) => rowsOf([array], 'speedAxes', ['conditions']));
  const rows = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let start = 0;
  for (const part of parts) {
    rows.set(part, start);
    start += part.length;
  }
  return scalingOf(rows, width, normalisation);
}
