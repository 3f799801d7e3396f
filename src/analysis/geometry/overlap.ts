// How far the subspace of one condition holds the activity of another (Rush et al. 2023).
import { ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import { svd } from '../svd.js';
import { pcaOfRows } from '../pca.js';
import { conditionRows, type Normalisation } from './normalise.js';

export interface OverlapOptions {
  /** Dimensions of each condition's subspace. Default 10; fewer where a condition has fewer. */
  readonly components?: number;
  /** Default 'z-score' over all conditions. */
  readonly normalisation?: Normalisation;
  /** Subtract each condition's mean before projecting. Default false, as published; then an overlap may leave [0, 1] a little. */
  readonly centred?: boolean;
}

/**
 * overlap[r][c] = V(R_c, W_r) / V(R_c, W_c) with V(R, W) = 1 − ‖R − R W Wᵀ‖ / ‖R‖ and W the leading principal components of a condition [C, T, D].
 * 1 on the diagonal, 0 for subspaces at right angles; null where a condition's own subspace holds nothing of it.
 * Throws ShapeError for conditions of fewer than two samples, NumericsError for values that are not finite.
 */
export async function subspaceOverlap(conditions: TrialArray, options: OverlapOptions = {}): Promise<(number | null)[][]> {
  const { components = 10, normalisation = 'z-score', centred = false } = options;
  const where = 'subspaceOverlap';
  const { rows, width, starts } = conditionRows(conditions, normalisation, where);
  if (!(Number.isInteger(components) && components >= 1)) throw new ShapeError(`${where}: expected 1 or more components, got ${components}`);
  const parts = Array.from({ length: starts.length - 1 }, (_, c) => rows.slice((starts[c] as number) * width, (starts[c + 1] as number) * width));
  const short = parts.findIndex((part) => part.length < 2 * width);
  if (short >= 0) throw new ShapeError(`${where}: expected 2 or more samples in every condition, got fewer in condition ${short}`);
  const subspaces: Float64Array[] = [];
  for (const part of parts) subspaces.push(await leadingComponents(part, width, components, where));
  const measured = centred ? parts.map((part) => centre(part, width)) : parts;
  const own = measured.map((part, c) => held(part, subspaces[c] as Float64Array, width));
  return subspaces.map((subspace) =>
    measured.map((part, c) => {
      const whole = own[c] as number | null;
      const value = held(part, subspace, width);
      return whole !== null && value !== null && whole > 0 ? value / whole : null;
    }),
  );
}

function centre(rows: Float64Array, width: number): Float64Array {
  const samples = rows.length / width;
  const mean = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width] = (mean[i % width] as number) + (rows[i] as number) / samples;
  return rows.map((value, i) => value - (mean[i % width] as number));
}

/** Leading principal directions that vary, row-major [K, D]; of few samples from their own decomposition, which is smaller than the covariance. */
async function leadingComponents(rows: Float64Array, width: number, components: number, where: string): Promise<Float64Array> {
  const samples = rows.length / width;
  if (samples > width) {
    const { components: all, variances } = await pcaOfRows(rows, width);
    return all.slice(0, Math.min(components, rankOf(variances, 1e-14)) * width);
  }
  const { values, right } = svd(centre(rows, width), samples, width, where);
  const kept = Math.min(components, rankOf(values, 1e-7));
  return Float64Array.from({ length: kept * width }, (_, i) => right[(i % width) * values.length + Math.floor(i / width)] as number);
}

/** How many of the falling values exceed a share of the first. */
function rankOf(values: Float64Array, share: number): number {
  const cutoff = share * (values[0] ?? 0);
  return values.filter((value) => value > cutoff).length;
}

/** V(R, W); null when R is zero. */
function held(rows: Float64Array, subspace: Float64Array, width: number): number | null {
  const count = subspace.length / width;
  const along = new Float64Array(count);
  let [rest, whole] = [0, 0];
  for (let start = 0; start < rows.length; start += width) {
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += (rows[start + i] as number) * (subspace[k * width + i] as number);
      along[k] = sum;
    }
    for (let i = 0; i < width; i++) {
      let value = rows[start + i] as number;
      whole += value * value;
      for (let k = 0; k < count; k++) value -= (along[k] as number) * (subspace[k * width + i] as number);
      rest += value * value;
    }
  }
  return whole > 0 ? 1 - Math.sqrt(rest / whole) : null;
}
