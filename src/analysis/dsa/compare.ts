// DSA of data sets (Ostrow et al. 2023): one operator a data set (dmd.ts), one distance a pair (similarity-transform.ts), in every mode of the original.
import { ConfigError, MotorloopError, NumericsError, ShapeError } from '../../errors.js';
import type { Analysis, Phase, TrialArray } from '../analysis.js';
import type { ScoreMatrix } from '../comparison-data.js';
import { identity } from './dense.js';
import type { Dmd, DmdOptions } from './dmd.js';
import { compareOperators, type DsaMetric, type SimilarityOptions, type SimilarityResult } from './similarity-transform.js';
import { type DsaSteps, mapAtOnce, stepsHere } from './steps.js';

/** A data set: an analysis, of which the latents are taken, or trials [S, T, N] themselves. */
export type DsaSource = Analysis | TrialArray;

/** One value for all data sets, or one for each. */
export type PerSource<T> = T | readonly T[];

export interface DsaOptions extends SimilarityOptions {
  /** d. Default 20, as in the benchmark. */
  readonly delays?: PerSource<number>;
  /** τ. Default 1. */
  readonly interval?: PerSource<number>;
  /** r. Default 50, as in the benchmark; 'all' keeps every singular value that is not rounding. */
  readonly rank?: PerSource<number | 'all'>;
  /** Other rules for the rank, instead of `rank`. */
  readonly rankThreshold?: PerSource<number>;
  readonly explainedVariance?: PerSource<number>;
  /** λ. Default 1e-8. */
  readonly ridge?: number;
  /** s. Default 1. */
  readonly stepsAhead?: number;
  readonly regression?: DmdOptions['regression'];
  /** Trials of an analysis. Default 'validation'. */
  readonly phase?: Phase;
  /** Share of the trials that is used, the first ones, at least 2 of them. Default 0.01: 2 of 200, as in the benchmark. */
  readonly fraction?: number;
  /** Who fits and compares: `openDsaWorkers` (Node) gives processes, with the same numbers. Default: the thread of the caller. */
  readonly workers?: DsaSteps;
  /** Called after every fit and every pair. */
  readonly onProgress?: (progress: DsaProgress) => void;
  readonly signal?: AbortSignal;
}

export interface DsaProgress {
  readonly stage: 'fit' | 'compare';
  readonly done: number;
  readonly of: number;
}

/** Scores by mode: (k, k) for a list with itself, (k) for a list and one, (k, l) for two lists, a number for a pair. */
export interface DsaResult<Shape> {
  readonly scores: Shape;
  /** Standard deviation over restarts, in the same shape. */
  readonly spread: Shape;
  /** The metric that was asked for; notes say where ranks made it another. */
  readonly metric: DsaMetric;
  /** One fit a data set, first those of `x`, then those of `y`. */
  readonly fits: readonly Dmd[];
  readonly notes: readonly string[];
}

export interface DsaMatrix {
  readonly metric: DsaMetric;
  readonly settings: Readonly<Record<string, number | string>>;
  readonly scores: ScoreMatrix;
  readonly spread: ScoreMatrix;
  /** Distance between two disjoint sets of trials of each data set, of the size that the fits use; null where there is but one trial. */
  readonly splitHalf: readonly (number | null)[];
  readonly notes: readonly string[];
}

const isList = (value: DsaSource | readonly DsaSource[] | undefined): value is readonly DsaSource[] => Array.isArray(value);

/**
 * DSA of a list with itself, a list with one, two lists, or two data sets. Delays, interval and rank may be given per data set (those of `x`, then those of `y`).
 * Throws ConfigError for options out of range and an aborted signal, and what `fitDmd` throws, with the data set's name.
 */
export async function dsa(x: readonly DsaSource[], y?: undefined, options?: DsaOptions): Promise<DsaResult<number[][]>>;
export async function dsa(x: readonly DsaSource[], y: DsaSource, options?: DsaOptions): Promise<DsaResult<number[]>>;
export async function dsa(x: readonly DsaSource[], y: readonly DsaSource[], options?: DsaOptions): Promise<DsaResult<number[][]>>;
export async function dsa(x: DsaSource, y: DsaSource, options?: DsaOptions): Promise<DsaResult<number>>;
export async function dsa(
  x: DsaSource | readonly DsaSource[],
  y?: DsaSource | readonly DsaSource[],
  options: DsaOptions = {},
): Promise<DsaResult<number | number[] | number[][]>> {
  const rows = isList(x) ? x : [x];
  if (y === undefined && !isList(x)) throw new ConfigError('dsa', ['expected a second data set, or a list of them as the first, got one data set']);
  const columns = y === undefined ? [] : isList(y) ? y : [y];
  const fits = await fitAll([...rows, ...columns], options);
  const pairs = y === undefined ? await pairwise(fits, options) : await between(fits, rows.length, options);
  const shaped = (matrix: number[][]) =>
    y === undefined || isList(y)
      ? isList(x)
        ? matrix
        : (matrix[0] as number[])
      : isList(x)
        ? matrix.map((row) => row[0] as number)
        : (matrix[0]?.[0] as number);
  return { scores: shaped(pairs.scores), spread: shaped(pairs.spread), metric: options.metric ?? 'angular', fits, notes: [...notesOf(fits), ...pairs.notes] };
}

/** DSA of a list with itself as a comparison shows it: symmetric, zero diagonal, with the distance of two halves of each data set as a yardstick. */
export async function dsaMatrix(sources: readonly DsaSource[], options: DsaOptions = {}): Promise<DsaMatrix> {
  const { scores, spread, metric, notes } = await dsa(sources, undefined, options);
  const { atOnce } = stepsOf(options);
  const splitHalf = await mapAtOnce(sources, Math.ceil(atOnce / 2), options.signal, async (source, index) => {
    const halves = await distanceOfHalves(source, options, dmdOptionsOf(options, index, sources.length));
    return halves?.score ?? null;
  });
  return { metric, settings: settingsOf(options), scores, spread, splitHalf, notes };
}

function settingsOf({ metric = 'angular', optimiser = 'orthogonal', ...options }: DsaOptions): Record<string, number | string> {
  const text = (value: PerSource<number | string>): number | string => (typeof value === 'object' ? value.join(', ') : value);
  const settings: Record<string, number | string> = { metric, delays: text(options.delays ?? 20), interval: text(options.interval ?? 1) };
  if (options.rankThreshold !== undefined) settings.rankThreshold = text(options.rankThreshold);
  else if (options.explainedVariance !== undefined) settings.explainedVariance = text(options.explainedVariance);
  else settings.rank = text(options.rank ?? 50);
  settings.ridge = options.ridge ?? 1e-8;
  settings.stepsAhead = options.stepsAhead ?? 1;
  settings.regression = options.regression ?? 'ridge';
  settings.phase = options.phase ?? 'validation';
  settings.fraction = options.fraction ?? 0.01;
  if (metric === 'wasserstein') return settings;
  settings.optimiser = optimiser;
  settings.seed = options.seed ?? 0;
  if (optimiser === 'orthogonal') settings.starts = options.starts ?? 8;
  else Object.assign(settings, { iterations: options.iterations ?? 1500, learningRate: options.learningRate ?? 0.005 });
  return settings;
}

/**
 * Distance between two disjoint sets of trials of one data set, each as large as a fit uses (half of the trials where there are too few): what a score between
 * two models must exceed to mean anything. Null where there is but one trial.
 */
export function splitHalfDistance(source: DsaSource, options: DsaOptions = {}): Promise<SimilarityResult | null> {
  return distanceOfHalves(source, options, dmdOptionsOf(options, 0, 1));
}

async function distanceOfHalves(source: DsaSource, options: DsaOptions, dmd: DmdOptions): Promise<SimilarityResult | null> {
  const halves = await halvesOf(source, options);
  if (halves === null) return null;
  const steps = stepsOf(options);
  const [first, second] = (await mapAtOnce(halves, steps.atOnce, options.signal, (half) => steps.fit(half, dmd))) as [Dmd, Dmd];
  return steps.compare(first.operator, second.operator, searchOf(options));
}

const stepsOf = ({ workers = stepsHere }: DsaOptions): DsaSteps => workers;

/** What the search takes of the options: plain data, which can be sent to a process. */
function searchOf({ workers: _workers, onProgress: _report, signal: _signal, ...options }: DsaOptions): SimilarityOptions {
  return options;
}

/** The first trials and the next as many, or null where there is but one trial. */
export async function halvesOf(source: DsaSource, options: DsaOptions): Promise<readonly [TrialArray, TrialArray] | null> {
  const { trials } = await trialsOf(source, options);
  if (trials.trials < 2) return null;
  const size = Math.min(usedTrials(trials.trials, options), Math.floor(trials.trials / 2));
  return [someTrials(trials, 0, size), someTrials(trials, size, size)];
}

/** Distance between the operator of a data set and the identity, which is a system that stands still. */
export function distanceToIdentity({ operator }: Dmd, options: SimilarityOptions = {}): number {
  return compareOperators(operator, identity(operator.rows), options).score;
}

async function trialsOf(source: DsaSource, { phase = 'validation' }: DsaOptions): Promise<{ name: string | null; trials: TrialArray }> {
  if ('getLatents' in source) return { name: source.name, trials: await source.getLatents(phase) };
  return { name: null, trials: source };
}

function usedTrials(trials: number, { fraction = 0.01 }: DsaOptions): number {
  if (!(fraction > 0 && fraction <= 1)) throw new ConfigError('dsa', [`expected fraction above 0 and up to 1, got ${fraction}`]);
  return Math.min(trials, Math.max(2, Math.round(fraction * trials)));
}

/** Trials `start` … `start + count` − 1, as views. */
function someTrials({ steps, width, values, lengths }: TrialArray, start: number, count: number): TrialArray {
  return {
    trials: count,
    steps,
    width,
    values: values.subarray(start * steps * width, (start + count) * steps * width),
    lengths: lengths === null ? null : lengths.subarray(start, start + count),
  };
}

/** The value for data set `index` among `count`. Throws ConfigError for a list of another length. */
function pick<T extends number | string>(value: PerSource<T> | undefined, name: string, index: number, count: number): T | undefined {
  if (typeof value !== 'object') return value;
  if (value.length !== count) throw new ConfigError('dsa', [`expected ${name} for each of ${count} data sets, got ${value.length} of them`]);
  return value[index];
}

function dmdOptionsOf(options: DsaOptions, index: number, count: number): DmdOptions {
  const rankThreshold = pick(options.rankThreshold, 'rankThreshold', index, count);
  const explainedVariance = pick(options.explainedVariance, 'explainedVariance', index, count);
  const byRule = rankThreshold !== undefined || explainedVariance !== undefined;
  const rank = pick(options.rank, 'rank', index, count) ?? (byRule ? 'all' : 50);
  const { ridge, stepsAhead, regression } = options;
  return {
    delays: pick(options.delays, 'delays', index, count) ?? 20,
    interval: pick(options.interval, 'interval', index, count) ?? 1,
    ...(rank === 'all' ? {} : { rank }),
    ...(rankThreshold === undefined ? {} : { rankThreshold }),
    ...(explainedVariance === undefined ? {} : { explainedVariance }),
    ...(ridge === undefined ? {} : { ridge }),
    ...(stepsAhead === undefined ? {} : { stepsAhead }),
    ...(regression === undefined ? {} : { regression }),
  };
}

/** One fit a data set; the same whatever the order. */
async function fitAll(sources: readonly DsaSource[], options: DsaOptions): Promise<Dmd[]> {
  if (sources.length === 0) throw new ConfigError('dsa', ['expected at least one data set, got none']);
  const steps = stepsOf(options);
  let done = 0;
  return mapAtOnce(sources, steps.atOnce, options.signal, async (source, index) => {
    const { name, trials } = await trialsOf(source, options);
    try {
      return await steps.fit(someTrials(trials, 0, usedTrials(trials.trials, options)), dmdOptionsOf(options, index, sources.length));
    } catch (error) {
      throw error instanceof MotorloopError ? named(error, name ?? `data set ${index}`) : error;
    } finally {
      options.onProgress?.({ stage: 'fit', done: ++done, of: sources.length });
    }
  });
}

/** The same error, saying which data set it is about. */
function named(error: MotorloopError, name: string): MotorloopError {
  if (error instanceof ConfigError) return new ConfigError(name, error.problems);
  return error instanceof ShapeError ? new ShapeError(`${name}: ${error.message}`) : new NumericsError(`${name}: ${error.message}`);
}

interface Pairs {
  readonly scores: number[][];
  readonly spread: number[][];
  readonly notes: readonly string[];
}

async function pairwise(fits: readonly Dmd[], options: DsaOptions): Promise<Pairs> {
  const square = () => fits.map(() => new Array<number>(fits.length).fill(0));
  const result = { scores: square(), spread: square() };
  const pairs = fits.flatMap((_, i) => fits.slice(i + 1).map((_, k): [number, number] => [i, i + 1 + k]));
  const found = await compareAll(fits, pairs, options);
  found.forEach(({ score, spread }, at) => {
    const [i, j] = pairs[at] as [number, number];
    for (const [a, b] of [
      [i, j],
      [j, i],
    ] as const) {
      (result.scores[a] as number[])[b] = score;
      (result.spread[a] as number[])[b] = spread;
    }
  });
  return { ...result, notes: notesOfPairs(found, pairs) };
}

async function between(fits: readonly Dmd[], rows: number, options: DsaOptions): Promise<Pairs> {
  const columns = fits.length - rows;
  const pairs = Array.from({ length: rows * columns }, (_, at): [number, number] => [Math.floor(at / columns), rows + (at % columns)]);
  const found = await compareAll(fits, pairs, options);
  const table = (value: (result: SimilarityResult) => number) => Array.from({ length: rows }, (_, i) => found.slice(i * columns, (i + 1) * columns).map(value));
  return { scores: table(({ score }) => score), spread: table(({ spread }) => spread), notes: notesOfPairs(found, pairs) };
}

function compareAll(fits: readonly Dmd[], pairs: readonly (readonly [number, number])[], options: DsaOptions): Promise<SimilarityResult[]> {
  const steps = stepsOf(options);
  const search = searchOf(options);
  let done = 0;
  return mapAtOnce(pairs, steps.atOnce, options.signal, async ([i, j]) => {
    const result = await steps.compare((fits[i] as Dmd).operator, (fits[j] as Dmd).operator, search);
    options.onProgress?.({ stage: 'compare', done: ++done, of: pairs.length });
    return result;
  });
}

function notesOfPairs(found: readonly SimilarityResult[], pairs: readonly (readonly [number, number])[]): string[] {
  return found.flatMap(({ notes }, at) => notes.map((note) => `data sets ${pairs[at]?.[0]} and ${pairs[at]?.[1]}: ${note}`));
}

function notesOf(fits: readonly Dmd[]): string[] {
  return fits.flatMap((fit, index) => fit.notes.map((note) => `data set ${index}: ${note}`));
}
