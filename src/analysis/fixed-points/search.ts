// findFixedPoints: samples, a method, distinct points, outliers, saddles between stable points, Jacobians and stability, in one call with honest counts.
// Speed q(x) = ½‖F(x, u) − x‖² with u held constant (Sussillo & Barak 2013, doi:10.1162/NECO_a_00409); uniqueness and outliers after Golub & Sussillo 2018.
import { permutation, randomKey } from '../../random.js';
import type { FixedPointCounts } from '../dynamics-data.js';
import { findByCtdb, findByGolubSussillo } from './adam-methods.js';
import { FixedPoints } from './container.js';
import { type DistinctPoints, distinctPoints } from './distinct.js';
import { breather, type SearchEnds, type SearchWatch, type SpeedTrace } from './ends.js';
import { findByLevenbergMarquardt } from './find.js';
import { Linearisations } from './linearisations.js';
import { countsByIndex } from './point-text.js';
import { type FixedPointMethod, type FixedPointOptions, type ResolvedSearch, resolveSearch, startsOf } from './search-options.js';
import { midpoints } from './seeding.js';
import type { StateMap } from './state-map.js';
import { startCloud } from './unique.js';

/** Distinct points found by the first n samples. */
export interface DiscoveryCurve {
  readonly starts: readonly number[];
  readonly stable: readonly number[];
  readonly unique: readonly number[];
}

export interface FixedPointSearch {
  readonly method: FixedPointMethod;
  /** What was searched, in words. */
  readonly description: string;
  /** Fixed points: distinct ends with a speed below the tolerance, by rising number of unstable directions, then by falling visits. */
  readonly unique: FixedPoints;
  /** Slow points: distinct ends above the tolerance, by rising speed. */
  readonly slow: FixedPoints;
  /** Where every start ended, samples first, then midpoints; before polishing. */
  readonly all: FixedPoints;
  readonly counts: FixedPointCounts;
  /** Mean speed of the samples against iteration. */
  readonly trace: SpeedTrace;
  readonly discovery: DiscoveryCurve;
  /** What the network was given: `zeros`, `paired inputs of the samples`, or numbers. */
  readonly input: string;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  readonly seconds: number;
}

/**
 * Finds the fixed points of a map. Throws ConfigError for options, ShapeError for sizes, NumericsError for numbers that are not finite, and the signal's
 * reason when aborted.
 */
export async function findFixedPoints(map: StateMap, options: FixedPointOptions): Promise<FixedPointSearch> {
  const began = performance.now();
  const settings = resolveSearch(map, options);
  const starts = startsOf(map, options);
  const { onProgress, signal } = options;
  const search: Search = {
    map,
    settings,
    watch: { signal, onProgress },
    linearisations: new Linearisations(map, settings.inputJacobians),
    polished: new Set(),
  };
  const cloud = startCloud(starts.states, map.stateSize);
  const distinct = (points: FixedPoints) => distinctPoints(points, settings, cloud);

  const samples = await runMethod(search, starts.states, starts.inputs);
  let all = pointsOf(map, samples, starts.states, starts.inputs, starts.conditions);
  let best = all;
  if (settings.rerunOutliers) best = await rerunOutliers(search, best, distinct(best));
  best = await polish(search, best, distinct(best));
  if (settings.seedSaddles) {
    const tried = new Set<string>();
    for (let round = 0; round < seedRounds; round++) {
      const seeds = await searchMidpoints(search, best, distinct(best), tried);
      if (!seeds) break;
      all = all.concat(seeds);
      best = best.concat(seeds);
      best = await polish(search, best, distinct(best));
    }
  }
  const found = await collect(search, best, distinct(best), all.speed, samples.speed.length);
  return {
    method: settings.method,
    description: map.description,
    ...found,
    all,
    trace: samples.trace,
    input: starts.input,
    settings: settingsOf(settings, options, samples.speed.length),
    seconds: (performance.now() - began) / 1000,
  };
}

/** What the parts of one search share. */
interface Search {
  readonly map: StateMap;
  readonly settings: ResolvedSearch;
  readonly watch: SearchWatch;
  readonly linearisations: Linearisations;
  /** Rows that were polished already. */
  readonly polished: Set<number>;
}

/** One of the methods from starts [K, S]. */
function runMethod({ map, settings, watch }: Search, states: Float64Array, inputs: Float64Array): Promise<SearchEnds> {
  const { method, maxIterations, learningRate, tolerance, compat, golub } = settings;
  if (method === 'ctdb') return findByCtdb(map, states, inputs, { learningRate, maxIterations, compat, ...watch });
  if (method === 'golub-sussillo')
    return findByGolubSussillo(map, states, inputs, { learningRate, maxIterations, speedTolerance: tolerance, ...golub, ...watch });
  return levenbergMarquardt(map, states, inputs, { tolerance, maxIterations }, watch, 'searching');
}

async function levenbergMarquardt(
  map: StateMap,
  states: Float64Array,
  inputs: Float64Array,
  options: { readonly tolerance: number; readonly maxIterations: number },
  { signal, onProgress }: SearchWatch,
  stage: string,
): Promise<SearchEnds> {
  const breathe = breather(signal);
  // pauses where the map is called, so that an abort arrives in a search that is nothing but arithmetic
  const breathing: StateMap = {
    stateSize: map.stateSize,
    inputSize: map.inputSize,
    description: map.description,
    async evaluate(x, u) {
      await breathe();
      return map.evaluate(x, u);
    },
    linearise: (x, u, withInputs) => map.linearise(x, u, withInputs),
    ...(map.dampedStep ? { dampedStep: (x, u, damping) => (map.dampedStep as NonNullable<StateMap['dampedStep']>)(x, u, damping) } : {}),
  };
  const found = await findByLevenbergMarquardt(breathing, states, inputs, {
    ...options,
    onProgress: (share) => onProgress?.({ stage, share, meanSpeed: null }),
    signal,
  });
  return { ...found, next: await map.evaluate(found.states, inputs), speedChange: null };
}

function pointsOf(
  { stateSize, inputSize }: StateMap,
  { states, next, speed, speedChange, iterations }: SearchEnds,
  starts: Float64Array,
  inputs: Float64Array,
  conditions: Int32Array | null,
): FixedPoints {
  return new FixedPoints({ stateSize, inputSize, states, inputs, next, speed, speedChange, starts, iterations, conditions });
}

/** Ends with more than this many times the median speed are searched again (Golub & Sussillo). */
const outlierSpeed = 10;

/** Searches again, one at a time, from distinct points of outlying speed. */
async function rerunOutliers(search: Search, points: FixedPoints, { kept }: DistinctPoints): Promise<FixedPoints> {
  const { map, settings, watch } = search;
  const speeds = Array.from(kept, (row) => points.speed[row] as number);
  const median = speeds.toSorted((a, b) => a - b)[Math.floor(speeds.length / 2)] ?? 0;
  const rows = kept.filter((_, i) => (speeds[i] as number) > outlierSpeed * median);
  if (rows.length === 0) return points;
  const picked = points.pick(rows);
  const alone: Search = { ...search, settings: { ...settings, golub: { ...settings.golub, mode: 'sequential' } }, watch };
  return improved(points, rows, await runMethod(alone, picked.states, picked.inputs), map);
}

/** Speeds near rounding: polishing ends at this share of the tolerance, or where the speed falls no more. */
const polishShare = 1e-8;
/** At a fixed point convergence is quadratic; what takes longer will not get there. */
const polishIterations = 20;

/** Goes on with Levenberg-Marquardt from fixed points that were not polished yet; slow points stay where the search left them. */
async function polish(search: Search, points: FixedPoints, distinct: DistinctPoints): Promise<FixedPoints> {
  const { map, settings, watch, polished } = search;
  if (!settings.polish) return points;
  const rows = distinct.fixed.filter((row) => !polished.has(row));
  for (const row of rows) polished.add(row);
  if (rows.length === 0) return points;
  const picked = points.pick(rows);
  const options = { tolerance: polishShare * settings.tolerance, maxIterations: polishIterations };
  return improved(points, rows, await levenbergMarquardt(map, picked.states, picked.inputs, options, watch, 'polishing'), map);
}

/** The points with those rows replaced whose new speed is lower. */
function improved(points: FixedPoints, rows: ArrayLike<number>, ends: SearchEnds, { stateSize }: StateMap): FixedPoints {
  const [states, next, speed] = [points.states.slice(), points.next.slice(), points.speed.slice()];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (!((ends.speed[i] as number) < (speed[row] as number))) continue;
    states.set(ends.states.subarray(i * stateSize, (i + 1) * stateSize), row * stateSize);
    next.set(ends.next.subarray(i * stateSize, (i + 1) * stateSize), row * stateSize);
    speed[row] = ends.speed[i] as number;
  }
  return points.with({ states, next, speed });
}

/** A search for saddles may meet a stable point that no sample did; its midpoints are tried in another round. */
const seedRounds = 3;

/** Searches from the midpoints of stable points that were not tried yet; null where there are none. */
async function searchMidpoints(search: Search, points: FixedPoints, { fixed }: DistinctPoints, tried: Set<string>): Promise<FixedPoints | null> {
  const { map, settings, watch, linearisations } = search;
  await linearisations.add(points, fixed, watch);
  const stable = fixed.filter((row) => linearisations.isStable(row));
  const name = (a: number, b: number) => `${stable[a]} ${stable[b]}`;
  const { states, inputs, pairs } = midpoints(points.pick(stable), (a, b) => tried.has(name(a, b)));
  if (pairs.length === 0) return null;
  for (const [a, b] of pairs) tried.add(name(a, b));
  const { tolerance, maxIterations, method } = settings;
  const limit = method === 'levenberg-marquardt' ? maxIterations : 500;
  const ends = await levenbergMarquardt(map, states, inputs, { tolerance, maxIterations: limit }, watch, 'searching saddles');
  // a midpoint belongs to no trial
  const conditions = points.conditions && new Int32Array(pairs.length).fill(-1);
  const seeds = pointsOf(map, ends, states, inputs, conditions);
  return points.speedChange ? seeds.with({ speedChange: new Float64Array(pairs.length) }) : seeds;
}

/** The points that are kept with Jacobians and eigenvalues, and what was counted. */
async function collect(
  { settings, linearisations, watch }: Search,
  points: FixedPoints,
  distinct: DistinctPoints,
  speeds: Float64Array,
  samples: number,
): Promise<Pick<FixedPointSearch, 'unique' | 'slow' | 'counts' | 'discovery'>> {
  const { fixed, slow, visits, found } = distinct;
  const notes: string[] = [];
  let rows = fixed;
  if (rows.length > settings.maxUnique) {
    const order = permutation(rows.length, randomKey(settings.seed, 'fixed points kept'));
    rows = Array.from(order.subarray(0, settings.maxUnique), (i) => fixed[i] as number);
    notes.push(`${settings.maxUnique} of ${fixed.length} fixed points, drawn at random`);
  }
  const slowRows = slow.slice(0, settings.maxSlow);
  const slowNotes = slowRows.length < slow.length ? [`the slowest ${slowRows.length} of ${slow.length} slow points`] : [];
  if (settings.jacobians) await linearisations.add(points, [...rows, ...slowRows], watch);
  const kept = (chosen: readonly number[], notes: string[]) => {
    const picked = points.pick(chosen).with({ visits: Int32Array.from(chosen, (row) => visits.get(row) ?? 0), notes });
    return settings.jacobians ? picked.with(linearisations.arrays(chosen)) : picked;
  };
  const rank = (row: number) => linearisations.unstable(row) ?? 0;
  const byIndex = rows.toSorted((a, b) => rank(a) - rank(b) || (visits.get(b) ?? 0) - (visits.get(a) ?? 0) || a - b);
  const unique = kept(byIndex, notes);
  const stable = (row: number) => settings.jacobians && linearisations.isStable(row);
  const converged = speeds.filter((speed) => speed < settings.tolerance).length;
  return {
    unique,
    slow: kept(slowRows, slowNotes),
    counts: {
      starts: points.length,
      seeded: points.length - samples,
      converged,
      slow: points.length - converged,
      outliers: distinct.outliers,
      unique: fixed.length,
      uniqueSlow: slow.length,
      stable: rows.filter(stable).length,
      byIndex: unique.unstable ? countsByIndex(unique.unstable) : [],
    },
    discovery: discoveryOf(rows, stable, found, samples),
  };
}

/** Points on the curve, at most. */
const discoveryPoints = 48;

/** How many distinct points the first n samples found, for n spaced evenly on a logarithmic scale. */
function discoveryOf(rows: readonly number[], stable: (row: number) => boolean, found: ReadonlyMap<number, number>, samples: number): DiscoveryCurve {
  const starts = [...new Set(Array.from({ length: discoveryPoints }, (_, i) => Math.max(1, Math.round(samples ** (i / (discoveryPoints - 1))))))];
  const by = (n: number, counted: readonly number[]) => counted.filter((row) => (found.get(row) ?? row) < n).length;
  const stableRows = rows.filter(stable);
  return { starts, stable: starts.map((n) => by(n, stableRows)), unique: starts.map((n) => by(n, rows)) };
}

/** The settings as plain values, those that the method does not use left out. */
function settingsOf(settings: ResolvedSearch, options: FixedPointOptions, samples: number): FixedPointSearch['settings'] {
  const { method, tolerance, maxIterations, learningRate, seed, compat, uniqueTolerance, outlierDistance, rerunOutliers, seedSaddles, polish } = settings;
  return {
    starts: samples,
    from: options.trajectories ? 'trajectories' : 'given starts',
    noise: options.noise ?? 0,
    seed,
    tolerance,
    maxIterations,
    ...(method === 'levenberg-marquardt' ? {} : { learningRate }),
    ...(method === 'ctdb' ? { compat: compat ? 'ctdb' : 'none' } : {}),
    ...(method === 'golub-sussillo' ? { mode: settings.golub.mode ?? 'joint' } : {}),
    uniqueTolerance,
    outlierDistance: Number.isFinite(outlierDistance) ? outlierDistance : 'none',
    rerunOutliers,
    seedSaddles,
    polish,
    maxSlow: settings.maxSlow,
    ...(Number.isFinite(settings.maxUnique) ? { maxUnique: settings.maxUnique } : {}),
  };
}
