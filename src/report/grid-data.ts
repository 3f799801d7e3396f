// What the page of a grid is made from: every network with its place in the grid, and what its point's analysis says. Plain data.
import type { ExperimentSummary, LearningCurves, ReportEnvironment, RunSummary } from '../analysis/summary-data.js';

/** How a network did in one condition that was asked for; losses and scores that are not finite are null. */
export interface GridTest {
  readonly name: string;
  /** Options of the task that differ from training. */
  readonly task: Readonly<Record<string, unknown>>;
  /** What is done in place of what the experiment does; absent: the same. */
  readonly interventions?: readonly unknown[];
  readonly trials: number;
  readonly loss: number | null;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly constantLoss: number | null;
  readonly ideal: { readonly loss: number; readonly metrics: Readonly<Record<string, number>> } | null;
}

/** Points that differ in their seed only. */
export interface GridGroup {
  /** `noise 0.3, hiddenSize 16`; empty where only seeds vary. */
  readonly label: string;
  /** Values of the axes that are no seeds. */
  readonly values: readonly unknown[];
  /** Folders of the points, the first of which is drawn. */
  readonly folders: readonly string[];
  /** Analysis of the first point; null where there is none, or too many points to read them. */
  readonly summary: ExperimentSummary | null;
}

export interface GridNetwork {
  /** Places in `groups` and `models`. */
  readonly group: number;
  readonly model: number;
  readonly name: string;
  readonly seed: number;
  readonly folder: string;
  readonly path: string;
  /** `completed`, `stopped early`, `failed`, …. */
  readonly status: string;
  readonly error: string | null;
  readonly parameterCount: number;
  readonly epochs: number;
  /** Wall time of training. */
  readonly seconds: number;
  readonly trainLoss: number | null;
  readonly validationLoss: number | null;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly curves: Pick<LearningCurves, 'epoch' | 'trainLoss' | 'validationLoss'>;
  readonly tests: readonly GridTest[];
  /** Null where its point's analysis was not read. */
  readonly run: RunSummary | null;
}

export interface GridSummary {
  readonly name: string;
  readonly environment: ReportEnvironment;
  /** Those that are no seeds. */
  readonly axes: readonly { readonly path: string; readonly label: string; readonly values: readonly unknown[] }[];
  /** By place in the experiment; one whose size varies goes by its cell. */
  readonly models: readonly string[];
  readonly groups: readonly GridGroup[];
  /** By rising validation loss. */
  readonly networks: readonly GridNetwork[];
  /** Work that failed, in words. */
  readonly failures: readonly string[];
}
