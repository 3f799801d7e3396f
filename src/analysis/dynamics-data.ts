// What analysis.json and the report say of the dynamics of one network: fixed points, tangling, decoding, geometry. Plain data, no arrays of whole trials.
import type { DsaScanSummary } from './dsa/summarise-scan.js';
import type { EpochDynamics } from './epoch-dynamics.js';
import type { PhaseDynamics } from './phase-dynamics.js';
import type { FigureArray } from './summary-data.js';

/** Dynamics of one run; a part that was not asked for, or that the run cannot have, is null, and `notes` says why. */
export interface DynamicsSummary {
  readonly fixedPoints: FixedPointSummary | null;
  readonly tangling: readonly LayerTangling[] | null;
  readonly decoding: readonly DecodingScore[] | null;
  /** Only where it was asked for. */
  readonly dsaScan: DsaScanSummary | null;
  /** Only where it was asked for. */
  readonly phases: PhaseDynamics | null;
  /** Only where it was asked for. */
  readonly epochs: EpochDynamics | null;
  readonly notes: readonly string[];
}

/** Counts that are never mixed: every number says of what. */
export interface FixedPointCounts {
  /** All starts: samples, and midpoints between stable points that seed the search for saddles. */
  readonly starts: number;
  /** Of these, the midpoints. */
  readonly seeded: number;
  /** Starts that ended with a speed below the tolerance. */
  readonly converged: number;
  /** Starts that stopped above it. */
  readonly slow: number;
  /** Distinct ends dropped as farther than the outlier distance. */
  readonly outliers: number;
  /** Distinct ends below the tolerance: fixed points. */
  readonly unique: number;
  /** Distinct ends above the tolerance: slow points. */
  readonly uniqueSlow: number;
  /** Fixed points whose largest eigenvalue modulus is below 1. */
  readonly stable: number;
  /** Fixed points with 0, 1, 2, … unstable directions. */
  readonly byIndex: readonly number[];
}

/** One fixed (or slow) point as figures show it. */
export interface PointSummary {
  /** On principal components 1–3 of the run's latents. */
  readonly scores: readonly [number, number, number];
  /** q = ½‖F(x) − x‖² (Sussillo & Barak 2013). */
  readonly speed: number;
  /** Eigenvalues with modulus above 1. */
  readonly unstable: number;
  /** Eigenvalues by falling modulus, [real, imaginary]; the first 20 at most. */
  readonly eigenvalues: readonly (readonly [number, number])[];
  /** −1/ln|λ| of the leading eigenvalues, in steps, alike; null where |λ| = 1 or 0. */
  readonly timeConstants: readonly (number | null)[];
  /** Output of the read-out there [O]. */
  readonly readout: readonly number[];
  /** Nearest corner of {0,1}ⁿ for binary tasks, `101`; null otherwise. */
  readonly corner: string | null;
  /** Distance to the nearest latent sample. */
  readonly distance: number;
  /** Slow, or found from noisy starts, and farther from the data than the 99th percentile of the spacing of samples: not drawn unless asked for. */
  readonly far: boolean;
  /** Starts that ended here. */
  readonly starts: number;
  /** Directions of up to three leading unstable modes in PC 1–3, scaled by |λ|·0.25 of the latents' spread. */
  readonly modes: readonly (readonly [number, number, number])[];
}

export interface FixedPointSummary {
  /** `levenberg-marquardt`, `ctdb` or `golub-sussillo`. */
  readonly method: string;
  /** What the network was given: `zeros`, `paired inputs of the samples`, or a list. */
  readonly input: string;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  readonly seconds: number;
  readonly counts: FixedPointCounts;
  /** Unique points, slow ones included, by rising speed. */
  readonly points: readonly PointSummary[];
  /** log₁₀ of the speed of every start, floored at −30: edges [n + 1] and counts [n]. */
  readonly histogram: { readonly edges: readonly number[]; readonly counts: readonly number[] };
  /** Mean speed against iteration. */
  readonly trace: { readonly iteration: readonly number[]; readonly meanSpeed: readonly number[] };
  /** Distinct stable and distinct unique points found by the first n starts. */
  readonly discovery: { readonly starts: readonly number[]; readonly stable: readonly number[]; readonly unique: readonly number[] };
}

/** Trajectory tangling of one layer (Russo et al. 2018). */
export interface LayerTangling {
  readonly layer: string;
  readonly epsilon: string;
  readonly derivative: string;
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
  readonly p95: number;
  readonly max: number;
  /** 101 quantiles from 0 to 100 %: the cumulative distribution. */
  readonly quantiles: readonly number[];
  /** Tangling at 400 samples at most, spread evenly, at the same times for every layer of a run: for plots of one layer against another. */
  readonly samples: readonly number[];
}

/** How well a straight-line map from the latents tells a variable of the task. */
export interface DecodingScore {
  readonly variable: string;
  /** Fitted on training trials, scored on validation trials. */
  readonly r2: number | null;
  /** Fitted and scored on training trials: in-sample, as CtDB does. */
  readonly inSample: number | null;
}

/** Rotatable scene of points and lines; used by reports of runs and of comparisons. */
export interface SceneData {
  readonly title: string;
  readonly axes: readonly [string, string, string];
  /** [K, T, 3]. */
  readonly trajectories: FigureArray | null;
  readonly points: readonly PointSummary[];
}
