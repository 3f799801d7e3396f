// What the page on the geometry of cyclic movement shows: each layer's cycles on its first two principal components and its speed axis, with their
// tangling (Russo et al. 2018; Rush et al. 2023). Plain data, measured from averages of conditions.
import type { TrialArray } from '../analysis/analysis.js';
import { conditionAverages } from '../analysis/geometry/conditions.js';
import { type Distribution, distributionOf } from '../analysis/geometry/distribution.js';
import { type SpeedAxis, speedAxis } from '../analysis/geometry/speed-axis.js';
import { tangling, type TanglingDerivative, tanglingRecipes } from '../analysis/geometry/tangling.js';
import { ShapeError } from '../errors.js';

export interface GeometryViewOptions {
  /** Commanded speed of each condition, in any order [C], and its unit: `cycles/s`. */
  readonly speeds: readonly number[];
  readonly unit: string;
  /** Seconds between samples. */
  readonly dt: number;
  /** Default 'periodic': conditions are whole cycles. */
  readonly derivative?: TanglingDerivative;
  /** Scaling of the units, ε and dimensions. Default 'rush', the published procedure for these figures. */
  readonly recipe?: keyof typeof tanglingRecipes;
}

export interface LayerView {
  readonly name: string;
  readonly units: number;
  /** Tangling over the samples of all conditions, 1/s². */
  readonly tangling: Distribution;
  /** Null for layers of fewer than three units, which have no axis outside their plane. */
  readonly orbits: {
    /** One a condition: PC 1, PC 2 and the projection on the speed axis at each sample, and its tangling. */
    readonly conditions: readonly { readonly points: readonly (readonly [number, number, number])[]; readonly tangling: readonly number[] }[];
    /** Mean projection of each condition, and R² of a straight line from speed to it. */
    readonly projections: readonly number[];
    readonly r2: number | null;
  } | null;
}

export interface GeometryView {
  /** Rising. */
  readonly speeds: readonly number[];
  readonly unit: string;
  readonly periodic: boolean;
  readonly epsilon: string;
  readonly layers: readonly LayerView[];
}

/**
 * Measures layers [C, T, D], averages of conditions that differ in speed. Throws ShapeError when a layer has not one condition a speed or there are fewer
 * than two, NumericsError for values that are not finite and layers that do not move.
 */
export async function geometryView(layers: Readonly<Record<string, TrialArray>>, options: GeometryViewOptions): Promise<GeometryView> {
  const { speeds, unit, dt, derivative = 'periodic', recipe = 'rush' } = options;
  const views: LayerView[] = [];
  const rising = [...speeds].sort((a, b) => a - b);
  for (const [name, given] of Object.entries(layers)) {
    if (given.trials !== speeds.length || speeds.length < 2 || new Set(speeds).size < speeds.length)
      throw new ShapeError(
        `geometryView: expected two or more speeds, all different, one for each condition of ${name}, got ${speeds.length} for ${given.trials}`,
      );
    // sorts conditions by speed
    const { mean } = conditionAverages(given, speeds);
    const { values, condition, step } = await tangling(mean, { ...tanglingRecipes[recipe], dt, derivative });
    const axis = mean.width > 2 ? await speedAxis(mean, rising) : null;
    const orbits = axis && {
      conditions: rising.map((_, c) => {
        const samples = Array.from(values.keys()).filter((i) => condition[i] === c);
        return { points: samples.map((i) => placed(mean, c, step[i] as number, axis)), tangling: samples.map((i) => values[i] as number) };
      }),
      projections: Array.from(axis.projections),
      r2: axis.r2,
    };
    views.push({ name, units: mean.width, tangling: distributionOf(values), orbits });
  }
  return { speeds: rising, unit, periodic: derivative === 'periodic', epsilon: tanglingRecipes[recipe].epsilon, layers: views };
}

/** A sample on the plane's two components and the axis. */
function placed({ values, steps, width }: TrialArray, condition: number, step: number, { axis, plane, mean, scaling }: SpeedAxis): [number, number, number] {
  const result: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < width; i++) {
    const raw = values[(condition * steps + step) * width + i] as number;
    const value = (raw - (scaling.shift[i] as number)) / (scaling.scale[i] as number) - (mean[i] as number);
    result[0] += value * (plane[i] as number);
    result[1] += value * (plane[width + i] as number);
    result[2] += value * (axis[i] as number);
  }
  return result;
}
