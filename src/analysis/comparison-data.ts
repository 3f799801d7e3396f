// What `motorloop compare` says: comparison.json, and the whole input of its page.
import type { PointSummary } from './dynamics-data.js';
import type { FigureArray, ReportEnvironment } from './summary-data.js';

/** A square matrix over the compared analyses, row = source, column = target; null where a score cannot be had. */
export type ScoreMatrix = readonly (readonly (number | null)[])[];

export interface ComparedAnalysis {
  readonly name: string;
  readonly kind: 'run' | 'external';
  readonly group: string;
  readonly reference: boolean;
  readonly hiddenSize: number;
  /** Trials [train, validation] and steps. */
  readonly shape: readonly [number, number, number];
  /** Validation loss of a run, else null. */
  readonly loss: number | null;
  /** First ten shares of variance. */
  readonly scree: readonly number[];
  readonly participationRatio: number;
}

export interface ComparisonSummary {
  readonly format: 'motorloop-comparison';
  readonly version: 1;
  readonly analyses: readonly ComparedAnalysis[];
  /** Position of the reference among `analyses`. */
  readonly reference: number;
  readonly environment: ReportEnvironment;
  /** Variance-weighted R² of the affine map source → target, fitted on training trials, scored on validation trials. */
  readonly stateR2: ScoreMatrix;
  /** The same per principal component of the target (first ten). */
  readonly stateR2PerComponent: readonly (readonly (readonly (number | null)[])[])[];
  /** Against the reference, one number an analysis. */
  readonly againstReference: {
    /** Reference → analysis, and analysis → reference. */
    readonly stateR2: readonly (number | null)[];
    readonly reconstructionR2: readonly (number | null)[];
    readonly inputR2: readonly (number | null)[];
    readonly rateR2: readonly (number | null)[];
    readonly cycleConsistency: readonly (number | null)[];
  };
  readonly cca: ScoreMatrix;
  readonly procrustes: ScoreMatrix;
  readonly dsa: {
    readonly metric: 'angular' | 'euclidean' | 'wasserstein';
    readonly settings: Readonly<Record<string, number | string>>;
    readonly scores: ScoreMatrix;
    /** Spread over restarts, same shape. */
    readonly spread: ScoreMatrix;
    /** Distance between the halves of each analysis' trials. */
    readonly splitHalf: readonly (number | null)[];
  } | null;
  /** R² per output of a linear decoder of the task's targets, one row an analysis. */
  readonly decoding: { readonly variables: readonly string[]; readonly r2: readonly (readonly (number | null)[])[] } | null;
  /** Trajectories of the first validation trials in the reference's PCs, each analysis mapped there by an affine map [K, T, 3]. */
  readonly aligned: readonly { readonly trajectories: FigureArray; readonly points: readonly PointSummary[]; readonly r2: number | null }[];
  readonly notes: readonly string[];
}
