// How a network computes phase by phase, in tasks whose trials have phases: fixed points under the input of each phase of chosen conditions, how they change on the
// way from one phase or condition to the next, where trajectories run, and which subspaces are shared (after Driscoll, Shenoy & Sussillo 2024, doi:10.1038/s41593-024-01668-6).
import { ConfigError } from '../errors.js';
import type { NoiseChoice, Phase, TrialArray } from './analysis.js';
import { type FollowedPoints, followFixedPoints, type PointChange } from './fixed-points/follow.js';
import type { FixedPoints } from './fixed-points/container.js';
import { findFixedPoints } from './fixed-points/search.js';
import { sharedSubspaces } from './geometry/shared-subspace.js';
import { resolveNoise } from './noise-choice.js';
import { type PrincipalComponents, project } from './pca.js';
import type { RunAnalysis } from './run-analysis.js';
import { round, roundAll } from './scores.js';
import type { FigureArray } from './summary-data.js';
import { pcaOfTrials } from './trial-pca.js';
import { partText, type TrialPart, type TrialParts, trialParts } from './trial-parts.js';

export interface PhaseOptions {
  /** Names of conditions (tasks of a battery). Default: MemoryPro and MemoryAnti where the task has them, else the first two. */
  readonly conditions?: readonly string[];
  /** Names of phases. Default: all that the conditions have. */
  readonly trialPhases?: readonly string[];
  /** What is held: the noiseless input at the first step of the phase in the condition's first trial, or the mean of the phase over all its trials. Default `first`. */
  readonly held?: 'first' | 'mean';
  /** Inputs on the way from one part to another, both ends among them. Default 10. */
  readonly steps?: number;
  /** Samples that each part's search starts from. Default 256; a quarter of them, fresh ones, at every step on a way. */
  readonly starts?: number;
  readonly maxIterations?: number;
  readonly noise?: NoiseChoice;
  /** Default validation. */
  readonly phase?: Phase;
  readonly seed?: number;
  readonly onProgress?: (stage: string, share: number) => void;
  readonly signal?: AbortSignal;
}

/** A fixed point in figures. */
export interface PhasePoint {
  /** On the first three principal components. */
  readonly scores: readonly [number, number, number];
  readonly unstable: number;
  readonly speed: number;
}

export interface PartDynamics {
  readonly condition: string;
  readonly phase: string;
  /** Trials that have the phase. */
  readonly trials: number;
  readonly input: readonly number[];
  /** Fixed points, stable ones, and by unstable directions. */
  readonly unique: number;
  readonly stable: number;
  readonly byIndex: readonly number[];
  readonly points: readonly PhasePoint[];
  /** Latents of some trials in the phase, on the same components [K, T, 3]; the last sample is repeated behind a trial's end. */
  readonly trajectories: FigureArray;
}

export interface PhaseWay {
  readonly from: string;
  readonly to: string;
  /** Fixed points at each step of the way, with the number of the point that each continues. */
  readonly steps: readonly { readonly share: number; readonly points: readonly (PhasePoint & { readonly track: number })[] }[];
  readonly tracks: number;
  readonly changes: readonly PointChange[];
}

export interface PhaseDynamics {
  readonly conditions: readonly string[];
  readonly phases: readonly string[];
  readonly held: 'first' | 'mean';
  readonly trials: Phase;
  readonly noise: string;
  /** Shares of variance of the three components, which are those of the chosen conditions' latents. */
  readonly ratios: readonly number[];
  readonly parts: readonly PartDynamics[];
  readonly ways: readonly PhaseWay[];
  /** Between all parts: `ratios[r][c]`, the variance of part c in the leading components of part r over that in its own. */
  readonly subspaces: { readonly names: readonly string[]; readonly components: readonly number[]; readonly ratios: readonly (readonly (number | null)[])[] };
}

/** Trajectories that figures show of each part, and the samples of each. */
const shownTrials = 8;
const shownSteps = 60;

/**
 * Measures the dynamics of a run by phases. Throws ConfigError for a task without phases, for names it does not have and for a backend without f64, what the
 * searches throw, and the signal's reason when aborted.
 */
export async function analysePhases(analysis: RunAnalysis, options: PhaseOptions = {}): Promise<PhaseDynamics> {
  const { held = 'first', steps = 10, starts = 256, phase = 'validation', noise, seed = 0, maxIterations, onProgress, signal } = options;
  const { map } = analysis;
  if (!map) throw new ConfigError('phases', ['expected a backend with f64 kernels (wasm, reference), got none']);
  const trials = await trialParts(analysis, phase);
  const chosen = chooseParts(trials, options);
  onProgress?.('latents', 0);
  const states = await analysis.getStates(phase, noise);
  const latents = await analysis.getLatents(phase, noise);
  const inputs = analysis.task.plant ? await analysis.getNetworkInputs(phase, { noiseless: true }) : await analysis.getTrueInputs(phase);
  const pca = await pcaOfTrials(trials.cut(latents, chosen));
  const searched = { ...(maxIterations === undefined ? {} : { maxIterations }) };
  const inputOf = (part: TrialPart) => trials.input(inputs, part, held === 'mean' ? 'mean' : 0);
  const ways = waysBetween(chosen);
  const jobs = chosen.length + ways.length;

  const parts: PartDynamics[] = [];
  for (const [i, part] of chosen.entries()) {
    const search = await findFixedPoints(map, {
      ...searched,
      trajectories: states,
      mask: trials.mask(part),
      inputs: inputOf(part),
      count: starts,
      seed,
      signal,
      onProgress: ({ share }) => onProgress?.(`fixed points, ${partText(part)}`, (i + share) / jobs),
    });
    const { unique, stable, byIndex } = search.counts;
    parts.push({
      condition: part.condition as string,
      phase: part.phase as string,
      trials: trials.pieces(part).length,
      input: roundAll(inputOf(part)),
      ...{ unique, stable, byIndex },
      points: pointsOf(search.unique, pca),
      trajectories: trajectoriesOf(trials.cut(latents, part), pca),
    });
  }
  const followed: PhaseWay[] = [];
  for (const [i, [from, to]] of ways.entries()) {
    const both = trials.mask(from);
    trials.mask(to).forEach((value, at) => {
      if (value) both[at] = 1;
    });
    const found = await followFixedPoints(map, {
      from: inputOf(from),
      to: inputOf(to),
      steps,
      trajectories: states,
      mask: both,
      starts,
      freshStarts: Math.ceil(starts / 4),
      seed,
      search: searched,
      signal,
      onProgress: ({ share }) => onProgress?.(`from ${partText(from)} to ${partText(to)}`, (chosen.length + i + share) / jobs),
    });
    followed.push(wayOf(partText(from), partText(to), found, pca));
  }
  const { components, ratios } = await sharedSubspaces(chosen.map((part) => trials.cut(latents, part)));
  return {
    conditions: [...new Set(parts.map(({ condition }) => condition))],
    phases: trials.phaseNames.filter((name) => parts.some((part) => part.phase === name)),
    ...{ held, trials: phase, parts },
    noise: resolveNoise(noise).text,
    ratios: Array.from(pca.ratios.subarray(0, 3), round),
    ways: followed,
    subspaces: { names: chosen.map(partText), components, ratios: ratios.map((row) => row.map((value) => (value === null ? null : round(value)))) },
  };
}

/** The parts that are asked for, in order. Throws ConfigError for names that the task does not have. */
function chooseParts(trials: TrialParts, { conditions, trialPhases }: PhaseOptions): TrialPart[] {
  const { conditionNames, phaseNames } = trials;
  if (phaseNames.length === 0) throw new ConfigError('phases', ['expected a task whose trials have phases, such as multitask, got one without']);
  const memory = ['MemoryPro', 'MemoryAnti'].filter((name) => conditionNames.includes(name));
  const wanted = conditions ?? (memory.length === 2 ? memory : conditionNames.slice(0, 2));
  const problems = [
    ...wanted
      .filter((name) => !conditionNames.includes(name))
      .map((name) => `conditions: expected some of ${conditionNames.join(', ')}, got ${JSON.stringify(name)}`),
    ...(trialPhases ?? [])
      .filter((name) => !phaseNames.includes(name))
      .map((name) => `trial phases: expected some of ${phaseNames.join(', ')}, got ${JSON.stringify(name)}`),
  ];
  if (problems.length > 0) throw new ConfigError('phases', problems);
  const parts = trials.parts().filter(({ phase }) => phase);
  const chosen = wanted.flatMap((condition) =>
    parts.filter((part) => part.condition === condition && (!trialPhases || trialPhases.includes(part.phase as string))),
  );
  if (chosen.length === 0) throw new ConfigError('phases', [`expected a phase that ${wanted.join(' or ')} has, got ${trialPhases?.join(', ')}`]);
  return chosen;
}

/** From every phase to the next of the same condition, and in every phase from a condition to the next that has it. */
function waysBetween(chosen: readonly TrialPart[]): [TrialPart, TrialPart][] {
  const ways: [TrialPart, TrialPart][] = [];
  for (const [i, part] of chosen.entries()) {
    const next = chosen[i + 1];
    if (next && next.condition === part.condition) ways.push([part, next]);
  }
  for (const [i, part] of chosen.entries()) {
    const other = chosen.slice(i + 1).find((candidate) => candidate.phase === part.phase && candidate.condition !== part.condition);
    if (other) ways.push([part, other]);
  }
  return ways;
}

/** Points on three principal components. */
export function pointsOf(points: FixedPoints, pca: PrincipalComponents): PhasePoint[] {
  return Array.from({ length: points.length }, (_, k) => {
    const { state, unstable, speed } = points.at(k);
    // of an LSTM the components are those of h, the first half of a state
    const scores = project(pca, state.subarray(0, pca.dimension));
    return {
      scores: [round(scores[0] as number), round(scores[1] as number), round(scores[2] as number)] as const,
      unstable: unstable ?? 0,
      speed: round(speed),
    };
  });
}

function wayOf(from: string, to: string, { steps, tracks, changes }: FollowedPoints, pca: PrincipalComponents): PhaseWay {
  return {
    ...{ from, to, tracks, changes },
    steps: steps.map(({ share, points, tracks: own }) => ({
      share: round(share),
      points: pointsOf(points, pca).map((point, k) => ({ ...point, track: own[k] as number })),
    })),
  };
}

/** The first trials of a part on three components, thinned to a number of samples that a figure can show. */
function trajectoriesOf({ trials, steps, width, values, lengths }: TrialArray, pca: PrincipalComponents): FigureArray {
  const count = Math.min(shownTrials, trials);
  const kept = Math.min(shownSteps, steps);
  const shown: number[] = [];
  for (let trial = 0; trial < count; trial++) {
    const length = lengths?.[trial] ?? steps;
    for (let i = 0; i < kept; i++) {
      const step = Math.min(length - 1, Math.round((i * (steps - 1)) / Math.max(1, kept - 1)));
      const at = (trial * steps + step) * width;
      for (const score of project(pca, values.subarray(at, at + width))) shown.push(round(score));
    }
  }
  return { shape: [count, kept, 3], values: shown };
}
