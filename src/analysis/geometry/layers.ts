// Layers of one network side by side: tangling of each over conditions, and how its mean activity goes with speed. Asks whether recurrent states are less
// tangled than what drives the muscles (Russo et al. 2018; Rush et al. 2023), for any layers recorded over the same trials.
import type { Backend } from '../../backends/backend.js';
import { ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import { commonLengths } from '../trials.js';
import { conditionAverages, type Label } from './conditions.js';
import { cycleAverages, periodicOnsets } from './cycles.js';
import { type Distribution, distributionOf, shareAbove } from './distribution.js';
import { type SpeedAxis, speedAxis } from './speed-axis.js';
import { tangling, type TanglingDerivative, tanglingRecipes } from './tangling.js';

export interface LayerTanglingOptions {
  /** Seconds between samples. */
  readonly dt: number;
  /**
   * Averages cycles instead of whole trials: from given onsets, one rising list a trial; or, where labels are cycles per second, from step `first` on, one
   * cycle after the other. Default null: trials are averaged from end to end.
   */
  readonly cycles?: { readonly onsets: readonly ArrayLike<number>[] } | { readonly first: number } | null;
  /** Default: 'periodic' for cycles, else 'backward-copied'. */
  readonly derivative?: TanglingDerivative;
  /** Multiplies on this backend. Default: on the host. */
  readonly backend?: Backend;
}

export type TanglingRecipe = keyof typeof tanglingRecipes;

export interface LayerGeometry {
  readonly name: string;
  readonly units: number;
  /** Tangling as published by Russo et al. and by Rush et al. */
  readonly tangling: Readonly<Record<TanglingRecipe, Distribution>>;
  /** Null for fewer than three units, or where labels are no numbers. */
  readonly speedAxis: SpeedAxis | null;
}

export interface LayerComparison {
  readonly labels: readonly Label[];
  /** Samples of each condition that was analysed, and the trials, or cycles, that each averages. */
  readonly lengths: readonly number[];
  readonly averaged: readonly number[];
  readonly layers: readonly LayerGeometry[];
  /** Share of samples at which one layer is more tangled than another [layer][other]. */
  readonly above: Readonly<Record<TanglingRecipe, readonly (readonly number[])[]>>;
}

/**
 * Compares layers [S, T, D] of one network over labelled trials. Throws ShapeError when trials differ or a condition has no whole cycle, NumericsError for
 * values that are not finite and for layers that do not move.
 */
export async function compareLayerTangling(
  layers: Readonly<Record<string, TrialArray>>,
  labels: ArrayLike<Label>,
  options: LayerTanglingOptions,
): Promise<LayerComparison> {
  const { dt, cycles = null, derivative = cycles === null ? 'backward-copied' : 'periodic' } = options;
  const names = Object.keys(layers);
  const arrays = Object.values(layers);
  if (names.length === 0) throw new ShapeError('compareLayerTangling: expected 1 or more layers, got none');
  commonLengths(arrays, 'compareLayerTangling', names);
  const onsets = cycles && onsetsOf(cycles, arrays[0] as TrialArray, labels, dt);
  const backend = options.backend ? { backend: options.backend } : {};
  const values: Record<TanglingRecipe, Float64Array[]> = { russo: [], rush: [] };
  const geometry: LayerGeometry[] = [];
  let conditions: Pick<LayerComparison, 'labels' | 'lengths' | 'averaged'> = { labels: [], lengths: [], averaged: [] };
  for (const [k, array] of arrays.entries()) {
    const { mean, ...known } = average(array, labels, onsets);
    conditions = known;
    for (const recipe of ['russo', 'rush'] as const)
      values[recipe].push((await tangling(mean, { ...tanglingRecipes[recipe], ...backend, dt, derivative })).values);
    geometry.push({
      name: names[k] as string,
      units: array.width,
      tangling: { russo: distributionOf(values.russo[k] as Float64Array), rush: distributionOf(values.rush[k] as Float64Array) },
      speedAxis: array.width > 2 && known.labels.length > 1 && known.labels.every(isNumber) ? await speedAxis(mean, known.labels) : null,
    });
  }
  const above = (all: readonly Float64Array[]) => all.map((a) => all.map((b) => shareAbove(a, b)));
  return { ...conditions, layers: geometry, above: { russo: above(values.russo), rush: above(values.rush) } };
}

const isNumber = (label: Label): label is number => typeof label === 'number';

function onsetsOf(cycles: NonNullable<LayerTanglingOptions['cycles']>, { trials, steps }: TrialArray, labels: ArrayLike<Label>, dt: number) {
  if ('onsets' in cycles) return cycles.onsets;
  return Array.from({ length: trials }, (_, trial) => {
    const speed = labels[trial];
    if (typeof speed !== 'number' || !(speed > 0)) {
      throw new ShapeError(`compareLayerTangling: expected cycles per second as labels, got ${String(speed)} for trial ${trial}; or give the onsets of cycles`);
    }
    return periodicOnsets(steps, 1 / (speed * dt), cycles.first);
  });
}

function average(array: TrialArray, labels: ArrayLike<Label>, onsets: readonly ArrayLike<number>[] | null) {
  if (onsets !== null) {
    const { labels: distinct, mean, lengths, kept } = cycleAverages(array, onsets, labels);
    return { labels: distinct, mean, lengths: Array.from(lengths), averaged: Array.from(kept) };
  }
  const { labels: distinct, mean, counts } = conditionAverages(array, labels);
  return { labels: distinct, mean, lengths: Array.from(mean.lengths as Int32Array), averaged: Array.from(counts) };
}
