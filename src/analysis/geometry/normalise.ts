// How units are scaled before their geometry is measured: over all samples of all conditions.
import type { TrialArray } from '../analysis.js';
import { rowsOf } from '../trials.js';

/**
 * 'z-score' (Rush et al. 2023): mean 0 and standard deviation 1 (divisor N). 'range': divided by max − min; { soft: c }: by max − min + c, 5 for spike rates
 * (Russo et al. 2018). 'none' leaves values as they are. A unit that does not vary becomes 0 under 'z-score' and stays under 'range'.
 */
export type Normalisation = 'none' | 'z-score' | 'range' | { readonly soft: number };

/** x → (x − shift) / scale, unit by unit. */
export interface Scaling {
  readonly shift: Float64Array;
  readonly scale: Float64Array;
}

/** The scaling of rows [N, D] that a normalisation asks for. */
export function scalingOf(rows: Float64Array, width: number, normalisation: Normalisation): Scaling {
  const shift = new Float64Array(width);
  const scale = new Float64Array(width).fill(1);
  if (normalisation === 'none') return { shift, scale };
  const samples = rows.length / width;
  for (let unit = 0; unit < width; unit++) {
    let [mean, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = unit; i < rows.length; i += width) {
      const value = rows[i] as number;
      mean += value / samples;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (normalisation !== 'z-score') {
      const range = high - low + (normalisation === 'range' ? 0 : normalisation.soft);
      if (range > 0) scale[unit] = range;
      continue;
    }
    let square = 0;
    for (let i = unit; i < rows.length; i += width) square += ((rows[i] as number) - mean) ** 2 / samples;
    shift[unit] = mean;
    // a constant unit, whose mean is off by rounding, must not become noise of standard deviation 1
    const deviation = Math.sqrt(square);
    scale[unit] = deviation > 1e-12 * Math.max(Math.abs(low), Math.abs(high)) ? deviation : Number.POSITIVE_INFINITY;
  }
  return { shift, scale };
}

/** Scales rows [N, D] in place and returns them. */
export function applyScaling(rows: Float64Array, { shift, scale }: Scaling): Float64Array {
  const width = shift.length;
  for (let i = 0; i < rows.length; i++) rows[i] = ((rows[i] as number) - (shift[i % width] as number)) / (scale[i % width] as number);
  return rows;
}

/** Samples of conditions as scaled rows [N, D], with the first row of each condition and the end [C + 1]. */
export interface ConditionRows {
  readonly rows: Float64Array;
  readonly width: number;
  readonly starts: Int32Array;
}

/** Rows of all conditions one after the other, scaled. Throws NumericsError for values that are not finite, naming condition (as trial), step and column. */
export function conditionRows(conditions: TrialArray, normalisation: Normalisation, where: string): ConditionRows {
  const { trials, steps, width, lengths } = conditions;
  const rows = rowsOf([conditions], where, ['conditions']);
  const starts = new Int32Array(trials + 1);
  for (let condition = 0; condition < trials; condition++) {
    starts[condition + 1] = (starts[condition] as number) + (lengths === null ? steps : (lengths[condition] as number));
  }
  return { rows: normalisation === 'none' ? rows : applyScaling(rows, scalingOf(rows, width, normalisation)), width, starts };
}
