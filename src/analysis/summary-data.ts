// What the analysis of an experiment says: plain data, the whole input of the report, and the content of `analysis.json`.
import type { BackendDescription } from '../backends/backend.js';
import type { DynamicsSummary } from './dynamics-data.js';

/** Numbers with a shape, row-major, rounded to five significant digits. */
export interface FigureArray {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Loss and metrics after every epoch that was kept; `epoch` counts from 1. */
export interface LearningCurves {
  readonly epoch: readonly number[];
  readonly trainLoss: readonly number[];
  readonly validationLoss: readonly number[];
  readonly metrics: Readonly<Record<string, readonly (number | null)[]>>;
}

/** One of the states that a binary task asks a network to remember, e.g. bits 1, 0, 1. */
export interface MemoryState {
  /** One digit a bit, the first bit first. */
  readonly label: string;
  /** Samples of the validation trials in this state, where the loss counts. */
  readonly samples: number;
  /** Mean output over these samples [O]. */
  readonly output: readonly number[];
  /** Root mean square distance of the output from the corner. */
  readonly spread: number;
  /** Share of samples with every bit on the right side of 0.5. */
  readonly accuracy: number;
  /** Mean latent of the shown trials on PC 1–3 in this state; null where none of them visits it or no figure is drawn. */
  readonly latent: readonly number[] | null;
}

/** A body as figures draw it. Lengths in m. */
export interface BodySummary {
  readonly name: string;
  readonly skeleton: 'pointMass' | 'arm';
  /** Of upper arm and forearm; zeros for a point mass. */
  readonly lengths: readonly [number, number];
  readonly muscleNames: readonly string[];
  /**
   * The points that each muscle is drawn through. `part` says what a point moves with: 0 the world, 1 the upper arm (or the mass), 2 the forearm;
   * `at` is its place there (first axis along the bone). A drawing convention where the muscles have no paths.
   */
  readonly paths: readonly (readonly { readonly part: number; readonly at: readonly [number, number] }[])[];
}

/** What happens in one trial of reaching, and when; steps count from 0, positions in m. */
export interface ReachTrial {
  readonly start: readonly [number, number];
  readonly goal: readonly [number, number];
  /** First step at which the target is seen; null: never. */
  readonly targetOn: number | null;
  /** First step at which the hand should go; null in a catch trial, whose hand should stay. */
  readonly goCue: number | null;
  /** A push on the hand, N, while onset ≤ step < onset + steps. */
  readonly bump: { readonly onset: number; readonly steps: number; readonly force: readonly [number, number] } | null;
}

/** When a push begins: before the go cue (or in a catch trial), soon after it, or later. */
export type BumpPhase = 'delay' | 'movement' | 'later';

/**
 * What a push changes: each trial with its push minus the same trial, with the same noise, without it. Means over the trials of one phase, aligned
 * to the onset of the push; W samples from the onset on.
 */
export interface BumpResponse {
  readonly phase: BumpPhase;
  readonly trials: number;
  /** Steps that a push lasts, mean. */
  readonly steps: number;
  /** Size of the push, N, mean. */
  readonly force: number;
  /** Shift of the hand along the push and across it (to its left), m [W]; standard deviations over trials [W]. */
  readonly parallel: readonly number[];
  readonly perpendicular: readonly number[];
  readonly parallelSpread: readonly number[];
  readonly perpendicularSpread: readonly number[];
  /** Largest distance from the path without push, m: median over trials. */
  readonly peak: number;
  /** Seconds from the end of the push until that distance is within a tenth of its peak for good: median; null where most trials end before that. */
  readonly returnTime: number | null;
  /** Change of activation in trials whose push stretches the muscle, and in those whose push shortens it [M][W]; null where there is none. */
  readonly stretched: readonly (readonly number[] | null)[];
  readonly shortened: readonly (readonly number[] | null)[];
}

/** How a network moves a body. Of the shown trials [K, T, …] (state after each step); the drawn arrays are null for seeds that are not drawn. */
export interface ReachRun {
  readonly joint: FigureArray | null;
  /** [K, T, M], and force in N. */
  readonly activation: FigureArray | null;
  readonly force: FigureArray | null;
  /** Speed of the hand, m/s, and its distance from where it should be, m [K, T, 2]. */
  readonly motion: FigureArray | null;
  /** Distance between hand and goal over the last ten steps of validation trials with a go cue, without push, and long enough, m. */
  readonly endPointErrors: readonly number[];
  readonly bumps: readonly BumpResponse[];
  /** Hand paths at epochs whose checkpoints were kept [K, T, 2], ascending; the last is the analysed checkpoint. */
  readonly epochs: readonly { readonly epoch: number; readonly error: number | null; readonly hand: FigureArray }[];
  readonly goAligned: GoAlignedLatents | null;
}

/** Latents around the go cue, on principal components of these stretches alone. */
export interface GoAlignedLatents {
  /** Steps before and after the go cue. */
  readonly window: number;
  /** [G, 2·window + 1, 3]. */
  readonly values: FigureArray;
  /** Eighth of the circle that each trial reaches towards: 0 to 7, counter-clockwise from the first one above the x axis [G]. */
  readonly directions: readonly number[];
  /** Shares of variance of the three components, and how many trials they were fitted on. */
  readonly ratios: readonly number[];
  readonly trials: number;
}

/** One trial of a task of the multitask battery, its L steps. */
export interface MultitaskExample {
  readonly task: string;
  /** Position in the data set. */
  readonly index: number;
  readonly phases: readonly { readonly name: string; readonly start: number; readonly end: number }[];
  /** [L, 20], with noise. */
  readonly inputs: FigureArray;
  /** [L, 3]. */
  readonly targets: FigureArray;
}

/** Share of the trials with some evidence in which the network made one of two choices. */
export interface PsychometricPoint {
  readonly at: number;
  readonly share: number;
  readonly trials: number;
}

/** How a network does in one task of the battery, on the validation trials. */
export interface MultitaskTaskScore {
  readonly task: string;
  readonly trials: number;
  /** Share of successful trials, by the corrected rule and by the published one; null without trials. */
  readonly success: number | null;
  readonly published: number | null;
  /** Responses at the end of some trials: cosine and sine. */
  readonly responses: readonly {
    readonly output: readonly [number, number];
    readonly target: readonly [number, number];
    readonly asked: boolean;
    readonly right: boolean;
  }[];
  /**
   * Decision tasks: share of choices of the first stimulus against its amplitude minus the second's. Match tasks: share of responses against
   * the angle between the stimuli, degrees. Empty for the others.
   */
  readonly psychometric: readonly PsychometricPoint[];
}

export interface MultitaskRun {
  readonly scores: readonly MultitaskTaskScore[];
  /** Outputs in the example of every task [L, 3]; none for seeds that are not drawn. */
  readonly examples: readonly FigureArray[];
}

/** What an experiment's interventions do to its validation trials. */
export interface PerturbedSummary {
  /** In words, one an intervention. */
  readonly names: readonly string[];
  /** Some validation trials by position in the data set, and first step and the one behind the last of each intervention in each of them. */
  readonly trials: readonly number[];
  readonly windows: readonly (readonly (readonly [number, number] | null)[])[];
  /** Validation trials that something concerns, and those that nothing does. */
  readonly counts: readonly [number, number];
  /** Some of both, whose hand paths are drawn; null without a body. */
  readonly reach: { readonly perturbed: readonly ReachTrial[]; readonly unperturbed: readonly ReachTrial[] } | null;
}

/** A network on both parts of the validation trials: scores, null where there are no such trials, and hand paths [K, T, 2] of networks that are drawn. */
export interface PerturbedRun {
  readonly perturbed: Readonly<Record<string, number>> | null;
  readonly unperturbed: Readonly<Record<string, number>> | null;
  readonly hands: { readonly perturbed: FigureArray; readonly unperturbed: FigureArray } | null;
}

/** One trained network: one model, one seed. */
export interface RunSummary {
  readonly model: string;
  readonly seed: number;
  /** Folder of the run below the experiment's, `MODEL/seed-N`. */
  readonly path: string;
  /** What the model is, in words: `GRU with 128 units`. */
  readonly description: string;
  readonly hiddenSize: number;
  readonly parameterCount: number;
  /** `completed`, `stopped early`, `aborted`, … as the manifest has it. */
  readonly status: string;
  /** Which checkpoint was analysed. */
  readonly checkpoint: { readonly kind: string; readonly epoch: number };
  readonly optimiserSteps: number;
  /** Wall time of training. */
  readonly seconds: number;
  /** What training ran on: recorded then, so it may differ from what the analysis ran on. */
  readonly backend: BackendDescription;
  /** Batches, optimiser and clipping in words. */
  readonly recipe: string;
  readonly curves: LearningCurves;
  /** After the epoch of the analysed checkpoint, as training recorded it; null before the first epoch. */
  readonly final: { readonly trainLoss: number | null; readonly validationLoss: number | null; readonly metrics: Readonly<Record<string, number>> };
  readonly best: { readonly epoch: number; readonly validationLoss: number } | null;
  /** The analysed checkpoint on the validation trials. */
  readonly evaluation: {
    readonly loss: number | null;
    readonly metrics: Readonly<Record<string, number>>;
    /** Share of scored samples on the right side of 0.5, per output; null unless targets are 0 and 1. */
    readonly accuracyPerOutput: readonly number[] | null;
  };
  /** Variance of the latents along principal components, all trials and steps. */
  readonly scree: {
    readonly samples: number;
    /** First ten at most. */
    readonly ratios: readonly number[];
    readonly cumulative: readonly number[];
    readonly participationRatio: number;
  };
  /** Latents of the shown trials on PC 1–3 [K, T, 3]; zeros where the state has fewer units. Null for seeds that are not drawn. */
  readonly latents: FigureArray | null;
  /** Outputs of the shown trials [K, T, O]. */
  readonly outputs: FigureArray | null;
  /** Memory states of a binary task with at most 6 bits, else null. */
  readonly memory: readonly MemoryState[] | null;
  /** Null for tasks without a body. */
  readonly reach: ReachRun | null;
  /** Of the multitask battery; absent for other tasks. */
  readonly multitask?: MultitaskRun;
  /** Absent for experiments without interventions. */
  readonly perturbed?: PerturbedRun;
  /** What `analyse` adds; null from plain `run`. */
  readonly dynamics: DynamicsSummary | null;
}

/** State R² from every run to every other: `r2[source][target]`. */
export interface SimilaritySummary {
  /** Positions in `runs`. */
  readonly runs: readonly number[];
  readonly r2: readonly (readonly (number | null)[])[];
  /** The same per principal component of the target (first ten). */
  readonly perComponent: readonly (readonly (readonly (number | null)[])[])[];
  readonly trainingSamples: number;
  readonly validationSamples: number;
}

/** Where and how an experiment ran; the cli fills it in. */
export interface ReportEnvironment {
  /** Version of motorloop. */
  readonly version: string;
  readonly commit: string | null;
  /** e.g. `Node 20.19.4`. */
  readonly runtime: string;
  /** e.g. `linux x64, 2 cores, Intel Xeon`. */
  readonly machine: string;
  /** What to type to get this experiment again, or null. */
  readonly command: string | null;
  /** Day of the run as `YYYY-MM-DD`, or null. */
  readonly date: string | null;
}

export interface ExperimentSummary {
  readonly format: 'motorloop-analysis';
  readonly version: 1;
  readonly name: string;
  /** Hash of the resolved experiment. */
  readonly hash: string;
  readonly seed: number;
  readonly task: {
    readonly name: string;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly steps: number;
    /** Seconds per step, or null where the task has no unit of time. */
    readonly stepDuration: number | null;
    readonly inputLabels: readonly string[];
    readonly outputLabels: readonly string[];
    readonly lossKind: string;
    /** Every target is 0 or 1. */
    readonly binary: boolean;
  };
  /** Which noise the networks were measured with, in words: `noise as in training`, `without noise`. */
  readonly noise: string;
  readonly data: { readonly trials: number; readonly trainingTrials: number; readonly validationTrials: number; readonly seed: number };
  readonly environment: ReportEnvironment;
  /** What the analysis ran on. */
  readonly backend: BackendDescription;
  /** Loss on the validation trials of the best constant answer, one number per output; null for cross entropy. */
  readonly constantLoss: number | null;
  readonly runs: readonly RunSummary[];
  /** The validation trials that figures show; K of them, every `stride`-th step. */
  readonly trials: {
    /** Positions in the data set. */
    readonly indices: readonly number[];
    readonly stride: number;
    /** With the noise that was asked for [K, T, I]. */
    readonly inputs: FigureArray;
    readonly targets: FigureArray;
  };
  /** The body and what happens in the shown trials; null for tasks without a body. */
  readonly reach: { readonly body: BodySummary; readonly trials: readonly ReachTrial[] } | null;
  /** Absent for experiments without interventions. */
  readonly interventions?: PerturbedSummary;
  /** One validation trial of every task of the multitask battery; absent for other tasks. */
  readonly examples?: readonly MultitaskExample[];
  /** Null when only one run was analysed. */
  readonly similarity: SimilaritySummary | null;
  /** What was left out or sampled, in sentences. */
  readonly notes: readonly string[];
}
