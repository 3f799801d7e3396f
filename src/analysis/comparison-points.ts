// Fixed points of compared networks: each searched in its own space, then brought into the one that all share by the map that its trajectories take.
import type { NoiseChoice, TrialArray } from './analysis.js';
import { alignStates } from './comparison-aligned.js';
import type { FixedPointCounts, PointSummary } from './dynamics-data.js';
import { findFixedPoints, type FixedPointSearch } from './fixed-points/search.js';
import { summariseFixedPoints } from './fixed-points/summarise.js';
import type { PrincipalComponents } from './pca.js';
import type { RunAnalysis } from './run-analysis.js';
import { isBinary } from './scores.js';
import type { Alignment } from './similarity/align.js';

export interface ComparedPointsOptions {
  /** Samples of the validation latents that a search starts from. Default 1024. */
  readonly count?: number;
  /** Of the samples. Default 0. */
  readonly seed?: number;
}

export interface ComparedPoints {
  readonly counts: FixedPointCounts;
  /** Unique fixed points in the shared space, by rising speed; empty where there is none. */
  readonly points: readonly PointSummary[];
}

/**
 * Searches one network by Levenberg-Marquardt. Its input is held at zero, or, where it senses a body all the time, at its mean over the validation trials.
 * Null for latents without a network. Throws what `findFixedPoints` throws.
 */
export async function comparedPoints(
  analysis: RunAnalysis,
  /** Its own principal components, and the map into the shared space or null. */
  { pca, alignment }: { readonly pca: PrincipalComponents; readonly alignment: Alignment | null },
  { count = 1024, seed = 0 }: ComparedPointsOptions,
  {
    noise,
    signal,
    onProgress,
  }: { readonly noise?: NoiseChoice | undefined; readonly signal?: AbortSignal | undefined; readonly onProgress?: (stage: string, share: number) => void },
): Promise<ComparedPoints | null> {
  const { map, task } = analysis;
  if (!map) return null;
  const trajectories = await analysis.getStates('validation', noise);
  const search = await findFixedPoints(map, {
    ...{ trajectories, count, seed },
    inputs: task.plant ? meanOf(await analysis.getNetworkInputs('validation', noise)) : null,
    onProgress: ({ stage, share }) => onProgress?.(stage, share),
    ...(signal ? { signal } : {}),
  });
  if (!alignment) return { counts: search.counts, points: [] };
  const binary = isBinary(task, { targets: (await analysis.getTargets('validation')).values });
  const latents = await analysis.getLatents('validation', noise);
  const { readout } = analysis;
  return { counts: search.counts, points: pointsInSpace(search, pca, alignment, { latents, readout, levels: binary ? [0, 1] : null, seed }) };
}

/** Slow points stay out: what is compared are fixed points. */
function pointsInSpace(
  search: FixedPointSearch,
  own: PrincipalComponents,
  alignment: Alignment,
  context: Omit<Parameters<typeof summariseFixedPoints>[1], 'pca'>,
): PointSummary[] {
  const { dimension, components, weights } = alignment;
  const { unique } = search;
  // The map in the shape of components: so modes and scores come out in the shared space.
  const rows = new Float64Array(Math.max(3, dimension) * dimension);
  for (let k = 0; k < components; k++) for (let i = 0; i < dimension; i++) rows[k * dimension + i] = weights[i * components + k] as number;
  const shared: PrincipalComponents = { ...own, mean: alignment.mean, components: rows };
  const { points } = summariseFixedPoints({ ...search, slow: search.slow.pick([]) }, { ...context, pca: shared });
  const order = Array.from(unique.speed, (_, k) => k).sort((a, b) => (unique.speed[a] as number) - (unique.speed[b] as number));
  const scores = alignStates(alignment, unique.states, unique.stateSize);
  return points.map((point, i) => {
    const at = 3 * (order[i] as number);
    const rounded = [0, 1, 2].map((k) => Number((scores[at + k] as number).toPrecision(6))) as unknown as PointSummary['scores'];
    // a network of fewer than three units has modes in fewer directions than the space
    return { ...point, scores: rounded, modes: dimension < 3 ? [] : point.modes };
  });
}

function meanOf({ values, width }: TrialArray): Float64Array {
  const mean = new Float64Array(width);
  const samples = values.length / width;
  for (let i = 0; i < values.length; i++) mean[i % width] = (mean[i % width] as number) + (values[i] as number) / samples;
  return mean;
}
