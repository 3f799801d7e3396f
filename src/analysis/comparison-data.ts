// What `motorloop compare` says: comparison.json, and the whole input of its page.
import type { FixedPointCounts, PointSummary } from './dynamics-data.js';
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
  /** Of its own search for fixed points, in its own space; null where none was made. */
  readonly fixedPoints: FixedPointCounts | null;
}

/** One analysis in the space that all share: principal components 1 to 3 of the reference's latents, reached by an affine map. */
export interface AlignedAnalysis {
  /** The shown validation trials, mapped there [K, T, 3]. */
  readonly trajectories: FigureArray;
  /** The same trials on the first three of its own components [K, T, 3]. */
  readonly own: FigureArray;
  /** What the network puts out in them [K, T, O]; null where no read-out is known. */
  readonly outputs: FigureArray | null;
  /** Rates of the first neurons in them [K, T, N], imported data only. */
  readonly rates: FigureArray | null;
  /** Unique fixed points of its own search, mapped by the same affine map; scores and modes are in the shared space. */
  readonly points: readonly PointSummary[];
  /** Variance-weighted R² of the map over the three components, fitted and scored on all trials; 1 for the reference, whose map is its own PCA. */
  readonly r2: number | null;
  /** The same for each of the three. */
  readonly perComponent: readonly (number | null)[];
}

export interface ComparisonSummary {
  readonly format: 'motorloop-comparison';
  readonly version: 1;
  readonly analyses: readonly ComparedAnalysis[];
  /** Position of the reference among `analyses`. */
  readonly reference: number;
  readonly environment: ReportEnvironment;
  /** Noise on the latents, in words. */
  readonly noise: string;
  /** Samples [train, validation] behind the scores. */
  readonly samples: readonly [number, number];
  /** Variance-weighted R² of the affine map source → target, fitted on training trials, scored on validation trials. */
  readonly stateR2: ScoreMatrix;
  /** The same per principal component of the target (first ten). */
  readonly stateR2PerComponent: readonly (readonly (readonly (number | null)[])[])[];
  /** Against the reference, one number an analysis. */
  readonly againstReference: {
    /** Reference → analysis. */
    readonly stateR2: readonly (number | null)[];
    /** Analysis → reference. */
    readonly reconstructionR2: readonly (number | null)[];
    /** True inputs of the reference → inputs of the analysis. */
    readonly inputR2: readonly (number | null)[];
    /** Rates of the reference against those of the analysis, without a fit. */
    readonly rateR2: readonly (number | null)[];
    readonly cycleConsistency: readonly (number | null)[];
  };
  /** Mean squared canonical correlation, and Procrustes disparity (0: alike but for rotation, scale and shift). */
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
  /** One an analysis; empty where the analyses were made on different trials. */
  readonly aligned: readonly AlignedAnalysis[];
  /** What the reference saw and should have answered in the shown trials [K, T, I], [K, T, O]; every `stride`-th step. */
  readonly trials: {
    readonly stride: number;
    /** Steps of a trial, and seconds a step where the task has a unit of time. */
    readonly steps: number;
    readonly stepDuration: number | null;
    readonly inputs: FigureArray | null;
    readonly inputLabels: readonly string[];
    readonly targets: FigureArray | null;
    readonly targetLabels: readonly string[];
  };
  readonly notes: readonly string[];
}
