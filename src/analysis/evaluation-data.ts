// What the evaluation of trained networks in a changed environment says: plain data, the whole input of its page, and the content of `evaluation.json`.
import type { BackendDescription } from '../backends/backend.js';
import type { Intervention } from '../interventions/options.js';
import type { FigureArray, ReachTrial, ReportEnvironment, BodySummary } from './summary-data.js';

/** A number over all trials, and where the middle half of single trials lies. */
export interface Spread {
  readonly median: number;
  /** First and third quartile. */
  readonly quartiles: readonly [number, number];
  /** Trials that have this number. */
  readonly trials: number;
}

/** One score of a network in both environments. */
export interface ScoreComparison {
  readonly name: string;
  /** Over all trials, as the task defines it; null where no trial qualifies. */
  readonly own: number | null;
  readonly changed: number | null;
  /** The same of single trials; null where the score of one trial says nothing. */
  readonly ownTrials: Spread | null;
  readonly changedTrials: Spread | null;
  /** Changed less own, trial by trial. */
  readonly difference: Spread | null;
}

/** How far outputs in the changed environment are from those in the own one, in the trials that an intervention concerns. */
export interface DeviationSummary {
  readonly trials: number;
  /** Distance of outputs (or of the hand, m), mean over trials and standard deviation [W], from the first step of the intervention on. */
  readonly mean: readonly number[];
  readonly spread: readonly number[];
  /** Across the way from start to target, positive to its left, m [W]; null without a body. */
  readonly across: readonly number[] | null;
  readonly acrossSpread: readonly number[] | null;
  /** Largest distance. */
  readonly peak: Spread;
  /** Trials whose intervention ends before they do, and how many of these come back to a tenth of their peak for good. */
  readonly ending: number;
  readonly returned: number;
  /** Steps from the end of the intervention until then, of those that do. */
  readonly returnSteps: Spread | null;
}

/** One network in both environments. */
export interface NetworkEvaluation {
  readonly model: string;
  readonly seed: number;
  readonly path: string;
  readonly checkpoint: { readonly kind: string; readonly epoch: number };
  readonly scores: readonly ScoreComparison[];
  /** Null where no trial is concerned. */
  readonly deviation: DeviationSummary | null;
  /** Trials that nothing concerns, and whether all their outputs are the same bit for bit. */
  readonly untouched: { readonly trials: number; readonly identical: boolean };
  /** Of the shown trials [K, T, O]; null for seeds that are not drawn. */
  readonly shown: { readonly own: FigureArray; readonly changed: FigureArray } | null;
}

export interface EvaluationSummary {
  readonly format: 'motorloop-evaluation';
  readonly version: 1;
  readonly name: string;
  readonly experiment: string;
  /** What differs, in words. */
  readonly changes: readonly string[];
  /** Options of the task that differ, by path. */
  readonly set: Readonly<Record<string, unknown>>;
  /** What is done in the changed environment, and in the own one. */
  readonly interventions: readonly Intervention[];
  readonly ownInterventions: readonly Intervention[];
  readonly task: {
    readonly name: string;
    /** Of both environments: steps that both have. */
    readonly steps: number;
    readonly stepDuration: number | null;
    readonly outputLabels: readonly string[];
  };
  /** Which trials, how many, and how many of them are concerned. */
  readonly trials: { readonly phase: string; readonly count: number; readonly perturbed: number; readonly seed: number };
  readonly noise: string;
  readonly environment: ReportEnvironment;
  readonly backend: BackendDescription;
  readonly networks: readonly NetworkEvaluation[];
  /** The trials that figures show: positions in the data set, targets in both environments [K, T, O], first and last step of the intervention. */
  readonly shown: {
    readonly indices: readonly number[];
    readonly stride: number;
    readonly ownTargets: FigureArray;
    readonly changedTargets: FigureArray;
    readonly windows: readonly (readonly [number, number] | null)[];
  };
  /** The body and what happens in the shown trials; null for tasks without one. */
  readonly reach: { readonly body: BodySummary; readonly own: readonly ReachTrial[]; readonly changed: readonly ReachTrial[] } | null;
  readonly notes: readonly string[];
}
