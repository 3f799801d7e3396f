// Fixed points followed while the input moves in a straight line from one value to another: each step starts from the points of the one before (warm starts)
// and from fresh samples, points are joined by nearest continuation, and what appears, vanishes or changes its stability is a bifurcation in between.
import { ConfigError, ShapeError } from '../../errors.js';
import type { FixedPoints } from './container.js';
import type { SearchWatch } from './ends.js';
import { type SampleOptions, sampleStates } from './sample.js';
import { findFixedPoints } from './search.js';
import type { FixedPointOptions } from './search-options.js';
import type { StateMap } from './state-map.js';
import type { TrialArray } from '../analysis.js';
import { distance, startCloud } from './unique.js';

export interface FollowOptions extends SearchWatch {
  /** First and last input [I]. */
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  /** Inputs in all, both ends among them. Default 10. */
  readonly steps?: number;
  /** Trajectories of states that starts are drawn from [S, T, stateSize], and which of their steps. */
  readonly trajectories: TrialArray;
  readonly mask?: SampleOptions['mask'];
  /** Samples that the first step starts from. Default 256. */
  readonly starts?: number;
  /** Fresh samples that every later step starts from, besides the points of the one before: they find what appears. Default 64. */
  readonly freshStarts?: number;
  /** Points of successive steps are one point only within this distance. Default: half of the mean distance of the first samples from their mean. */
  readonly reach?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Of each search. */
  readonly search?: Pick<FixedPointOptions, 'maxIterations' | 'tolerance' | 'uniqueTolerance' | 'outlierDistance' | 'seedSaddles' | 'maxUnique'>;
}

/** The fixed points under one input on the way. */
export interface FollowedStep {
  /** 0 at `from`, 1 at `to`. */
  readonly share: number;
  readonly input: Float64Array;
  readonly points: FixedPoints;
  /** Number of the point that each one continues [K]. */
  readonly tracks: Int32Array;
}

export interface PointChange {
  readonly kind: 'appears' | 'vanishes' | 'changes stability';
  /** Between step `step − 1` and step `step`. */
  readonly step: number;
  readonly track: number;
  /** Unstable directions before and after; null: no point. */
  readonly before: number | null;
  readonly after: number | null;
}

export interface FollowedPoints {
  readonly steps: readonly FollowedStep[];
  /** Different points, over all steps. */
  readonly tracks: number;
  readonly changes: readonly PointChange[];
  readonly reach: number;
}

/**
 * Follows the fixed points of a map from one input to another. Throws ConfigError for options, ShapeError for sizes, what `findFixedPoints` throws, and the
 * signal's reason when aborted.
 */
export async function followFixedPoints(map: StateMap, options: FollowOptions): Promise<FollowedPoints> {
  const { from, to, steps: count = 10, trajectories, mask = null, starts = 256, freshStarts = 64, seed = 0, search, onProgress, signal } = options;
  const problems: string[] = [];
  for (const [name, value, least] of [
    ['steps', count, 2],
    ['starts', starts, 1],
    ['freshStarts', freshStarts, 0],
  ] as const)
    if (!(Number.isInteger(value) && value >= least)) problems.push(`${name}: expected a whole number of at least ${least}, got ${value}`);
  if (options.reach !== undefined && !(options.reach > 0)) problems.push(`reach: expected a number above 0, got ${options.reach}`);
  if (problems.length > 0) throw new ConfigError('followFixedPoints', problems);
  if (from.length !== map.inputSize || to.length !== map.inputSize)
    throw new ShapeError(`followFixedPoints: expected inputs of ${map.inputSize} numbers, got ${from.length} and ${to.length}`);
  const first = sampleStates(trajectories, { count: starts, seed, mask }).states;
  const reach = options.reach ?? 0.5 * startCloud(first, map.stateSize).radius;
  const steps: FollowedStep[] = [];
  const changes: PointChange[] = [];
  let tracks = 0;
  for (let step = 0; step < count; step++) {
    const share = step / (count - 1);
    const input = Float64Array.from(from, (value, i) => value + share * ((to[i] as number) - value));
    const last = steps.at(-1);
    const fresh = !last ? first : freshStarts > 0 ? sampleStates(trajectories, { count: freshStarts, seed: seed + step, mask }).states : new Float64Array(0);
    const begin = new Float64Array((last?.points.states.length ?? 0) + fresh.length);
    if (last) begin.set(last.points.states);
    begin.set(fresh, begin.length - fresh.length);
    if (begin.length === 0) throw new ConfigError('followFixedPoints', ['freshStarts: expected at least one where a step has no point to go on from, got 0']);
    const { unique: points } = await findFixedPoints(map, {
      ...search,
      starts: begin,
      inputs: input,
      seed,
      signal,
      onProgress: (progress) => onProgress?.({ ...progress, share: (step + progress.share) / count }),
    });
    const own = joinPoints(last ?? null, points, reach);
    own.forEach((track, k) => {
      if (track < 0) own[k] = tracks++;
    });
    const now = { share, input, points, tracks: own };
    if (last) changes.push(...changesBetween(last, now, step));
    steps.push(now);
  }
  return { steps, tracks, changes, reach };
}

/** The track of each point's nearest predecessor, each taken once, the closest pairs first; −1 where none lies within reach. */
function joinPoints(last: FollowedStep | null, points: FixedPoints, reach: number): Int32Array {
  const tracks = new Int32Array(points.length).fill(-1);
  if (!last) return tracks;
  const pairs: { readonly before: number; readonly after: number; readonly apart: number }[] = [];
  for (let before = 0; before < last.points.length; before++)
    for (let after = 0; after < points.length; after++) {
      const apart = distance(last.points.at(before).state, points.at(after).state);
      if (apart <= reach) pairs.push({ before, after, apart });
    }
  pairs.sort((a, b) => a.apart - b.apart || a.before - b.before || a.after - b.after);
  const taken = new Set<number>();
  for (const { before, after } of pairs) {
    if (taken.has(before) || (tracks[after] as number) >= 0) continue;
    taken.add(before);
    tracks[after] = last.tracks[before] as number;
  }
  return tracks;
}

function changesBetween(last: FollowedStep, now: FollowedStep, step: number): PointChange[] {
  const stability = ({ points, tracks }: FollowedStep) => new Map(Array.from(tracks, (track, k) => [track, points.at(k).unstable ?? 0]));
  const [earlier, later] = [stability(last), stability(now)];
  const changes: PointChange[] = [];
  for (const [track, before] of earlier) {
    const after = later.get(track) ?? null;
    if (after === null) changes.push({ kind: 'vanishes', step, track, before, after });
    else if (after !== before) changes.push({ kind: 'changes stability', step, track, before, after });
  }
  for (const [track, after] of later) if (!earlier.has(track)) changes.push({ kind: 'appears', step, track, before: null, after });
  return changes;
}
