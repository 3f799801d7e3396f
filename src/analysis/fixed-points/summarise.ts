// What analysis.json and the report say of a search for fixed points: each point on the latents' principal components, with its read-out, and the counts.
import type { Analysis, TrialArray } from '../analysis.js';
import { ShapeError } from '../../errors.js';
import type { FixedPointSummary, PointSummary } from '../dynamics-data.js';
import { type PrincipalComponents, project } from '../pca.js';
import type { FixedPoint, FixedPoints } from './container.js';
import { unstableModes } from './modes.js';
import type { FixedPointSearch } from './search.js';
import { latentSpacing, type Spacing } from './spacing.js';

export interface FixedPointContext {
  /** Principal components of the latents [H]; of an LSTM those of h, the first half of a state. */
  readonly pca: PrincipalComponents;
  /** Latents that distances are measured to [S, T, H]. */
  readonly latents: TrialArray;
  readonly readout: Analysis['readout'];
  /** The two values of a binary task's outputs, [0, 1] or [−1, 1]; null for other tasks. */
  readonly levels: readonly [number, number] | null;
  /** Of the samples of latents. Default 0. */
  readonly seed?: number;
}

/** Eigenvalues that are listed of each point. */
const listedEigenvalues = 20;
/** Unstable modes drawn of each point, and their length in units of the latents' spread (Golub & Sussillo's figures). */
const drawnModes = 3;
const modeScale = 0.25;

/** The summary of a search. Throws ShapeError where principal components, latents or read-out are of another size than the states allow. */
export function summariseFixedPoints(search: FixedPointSearch, context: FixedPointContext): FixedPointSummary {
  const { unique, slow, all } = search;
  const hidden = context.pca.dimension;
  if (hidden > unique.stateSize || context.latents.width !== hidden || (context.readout && context.readout.weight.length !== context.readout.size * hidden)) {
    throw new ShapeError(
      `summariseFixedPoints: expected components, latents and read-out of one size up to ${unique.stateSize}, got ${hidden}, ${context.latents.width} and ${(context.readout?.weight.length ?? 0) / (context.readout?.size ?? 1)}`,
    );
  }
  const latents = [unique, slow].map((points) => latentPart(points, hidden));
  const spacing = latentSpacing(Float64Array.from(latents.flatMap((part) => Array.from(part))), context.latents, context.seed);
  const part = (from: number, to: number, limit: number) => ({ distances: spacing.distances.subarray(from, to), limit });
  // Saddles lie where a network seldom is: those that samples themselves led to belong to the picture at any distance (of a NODE's 27 points five would be missing).
  const limit = search.settings['noise'] === 0 ? Number.POSITIVE_INFINITY : spacing.limit;
  const points = [
    ...pointSummaries(unique, latents[0] as Float64Array, part(0, unique.length, limit), context, true),
    ...pointSummaries(slow, latents[1] as Float64Array, part(unique.length, unique.length + slow.length, spacing.limit), context, false),
  ].sort((a, b) => a.speed - b.speed);
  return {
    method: search.method,
    input: search.input,
    settings: search.settings,
    seconds: short(search.seconds),
    counts: search.counts,
    points,
    histogram: histogramOf(all.speed),
    trace: thinned(search.trace),
    discovery: search.discovery,
  };
}

/** The first H entries of every state, as rows. */
function latentPart({ states, stateSize, length }: FixedPoints, hidden: number): Float64Array {
  const rows = new Float64Array(length * hidden);
  for (let k = 0; k < length; k++) rows.set(states.subarray(k * stateSize, k * stateSize + hidden), k * hidden);
  return rows;
}

function pointSummaries(
  points: FixedPoints,
  latents: Float64Array,
  { distances, limit }: Spacing,
  { pca, readout, levels }: FixedPointContext,
  withModes: boolean,
): PointSummary[] {
  const scores = project(pca, latents);
  const spread = Math.sqrt(pca.variances.reduce((sum, value) => sum + value, 0));
  return Array.from({ length: points.length }, (_, k) => {
    const point = points.at(k);
    const outputs = readout ? readoutOf(point.state, readout) : [];
    const eigenvalues = eigenvaluesOf(point).slice(0, listedEigenvalues);
    return {
      scores: triple((axis) => scores[k * 3 + axis] as number),
      speed: point.speed,
      unstable: point.unstable ?? 0,
      eigenvalues: eigenvalues.map(([real, imaginary]) => [short(real), short(imaginary)] as const),
      timeConstants: eigenvalues.map(([real, imaginary]) => timeConstant(Math.hypot(real, imaginary))),
      readout: outputs.map(short),
      corner: levels && outputs.length > 0 ? cornerOf(outputs, levels) : null,
      distance: short(distances[k] as number),
      far: (distances[k] as number) > limit,
      starts: point.visits ?? 0,
      modes: withModes ? modesOf(point, pca, spread) : [],
    };
  });
}

/** Six digits are more than figures show and what files need. */
const short = (value: number) => Number(value.toPrecision(6));
const triple = (of: (axis: number) => number): readonly [number, number, number] => [short(of(0)), short(of(1)), short(of(2))];

function eigenvaluesOf({ eigenvalues }: FixedPoint): (readonly [number, number])[] {
  return Array.from(
    { length: (eigenvalues?.length ?? 0) / 2 },
    (_, i) => [(eigenvalues as Float64Array)[2 * i] as number, (eigenvalues as Float64Array)[2 * i + 1] as number] as const,
  );
}

/** −1/ln|λ| in steps: the time in which a deviation along the mode falls (or, where negative, grows) by a factor e; null where |λ| is 0 or 1. */
export function timeConstant(modulus: number): number | null {
  return modulus === 0 || modulus === 1 ? null : short(-1 / Math.log(modulus));
}

/** Outputs of the read-out [O] at a state whose first H entries are the latents. */
export function readoutOf(state: ArrayLike<number>, { weight, bias, size, sigmoid }: NonNullable<Analysis['readout']>): number[] {
  const hidden = weight.length / size;
  return Array.from({ length: size }, (_, row) => {
    let sum = bias[row] as number;
    for (let i = 0; i < hidden; i++) sum += (weight[row * hidden + i] as number) * (state[i] as number);
    return sigmoid ? 1 / (1 + Math.exp(-sum)) : sum;
  });
}

/** The corner nearest to these outputs, one digit for each: 1 for the higher level. */
export function cornerOf(outputs: readonly number[], [low, high]: readonly [number, number]): string {
  return outputs.map((value) => (Math.abs(value - high) < Math.abs(value - low) ? '1' : '0')).join('');
}

/** Leading unstable modes on PC 1–3, as long as their modulus says. */
function modesOf({ jacobian, state, unstable }: FixedPoint, { components, dimension }: PrincipalComponents, spread: number): PointSummary['modes'] {
  if (!jacobian || unstable === 0) return [];
  return unstableModes(jacobian, state.length, drawnModes).map(({ modulus, direction }) => {
    const along = (axis: number) => {
      let sum = 0;
      for (let i = 0; i < dimension && axis < dimension; i++) sum += (direction[i] as number) * (components[axis * dimension + i] as number);
      return modulus * modeScale * spread * sum;
    };
    return triple(along);
  });
}

const histogramFloor = -30;
const histogramBins = 60;

/** Bins of equal width over log₁₀ of the speeds, floored at −30. */
function histogramOf(speeds: Float64Array): FixedPointSummary['histogram'] {
  const logarithms = Array.from(speeds, (speed) => Math.max(histogramFloor, Math.log10(speed)));
  const low = Math.floor(Math.min(...logarithms));
  const high = Math.max(low + 1, Math.ceil(Math.max(...logarithms)));
  const counts = new Array<number>(histogramBins).fill(0);
  for (const value of logarithms) {
    const bin = Math.min(histogramBins - 1, Math.floor(((value - low) / (high - low)) * histogramBins));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { edges: Array.from({ length: histogramBins + 1 }, (_, i) => short(low + ((high - low) * i) / histogramBins)), counts };
}

/** Points of the trace that are kept, besides the first hundred. */
const tracePoints = 200;

function thinned({ iteration, meanSpeed }: FixedPointSearch['trace']): FixedPointSummary['trace'] {
  const last = iteration.length - 1;
  const spaced = Array.from({ length: tracePoints }, (_, i) => Math.round((i / (tracePoints - 1)) * last));
  const kept = [...new Set([...Array.from({ length: Math.min(100, last + 1) }, (_, i) => i), ...spaced])].filter((i) => i >= 0).sort((a, b) => a - b);
  return { iteration: kept.map((i) => iteration[i] as number), meanSpeed: kept.map((i) => short(meanSpeed[i] as number)) };
}
