// Replays one golden file on one backend: picks what its kind needs and turns every failure of the file into a verdict.
import type { Backend } from '../../backends/backend.js';
import { MotorloopError, RunFormatError } from '../../errors.js';
import { Comparison, type Quantity } from './compare.js';
import { checkAnalysis } from './analysis.js';
import { checkDsa } from './dsa.js';
import { checkEffector } from './effectors.js';
import { type GoldenKind, GoldenFile, kindOf } from './golden-file.js';
import { checkClosedLoop } from './closed-loop.js';
import { checkFixedPoints, checkGolubFixedPoints } from './fixed-points.js';
import { checkLosses } from './losses.js';
import { checkModel } from './models.js';
import { checkMuscle } from './muscles.js';
import { checkOptimizers } from './optimizers.js';
import { checkRandomTarget } from './random-target.js';
import { checkSkeletons } from './skeletons.js';
import { checkMultitask } from './task-multitask.js';
import { checkFlipflop } from './task-nbff.js';

/** The verdict on one file. */
export interface FileResult {
  /** Base name. */
  readonly file: string;
  readonly backend: string;
  readonly quantities: readonly Quantity[];
  readonly ok: boolean;
  /** What a reader has to know, e.g. that something was computed elsewhere than on the backend. */
  readonly notes: readonly string[];
  /** Why nothing could be compared, or null. */
  readonly problem: string | null;
  /** True when the file itself is broken: cut off, hostile, or without what its kind needs. */
  readonly malformed: boolean;
}

const checks: Readonly<Record<GoldenKind, (backend: Backend, comparison: Comparison) => Promise<void> | void>> = {
  closed_loop: checkClosedLoop,
  muscle_: checkMuscle,
  skeletons: checkSkeletons,
  effector_: checkEffector,
  model_: checkModel,
  losses: checkLosses,
  analysis: (_backend, comparison) => checkAnalysis(comparison),
  dsa: (_backend, comparison) => checkDsa(comparison),
  optimizers: checkOptimizers,
  fixed_points: checkFixedPoints,
  fixed_points_golub: checkGolubFixedPoints,
  random_target_dataset: (_backend, comparison) => checkRandomTarget(comparison),
  task_nbff: (_backend, comparison) => checkFlipflop(comparison),
  task_multitask_: (_backend, comparison) => checkMultitask(comparison),
};

/** Replays one file, which `read` fetches. Never throws for what the file holds; a lost backend is not the file's fault and does throw. */
export async function checkFile(backend: Backend, file: string, read: () => Promise<Uint8Array> | Uint8Array): Promise<FileResult> {
  const failed = (problem: string, malformed: boolean): FileResult => ({
    file,
    backend: backend.description.name,
    quantities: [],
    ok: false,
    notes: [],
    problem,
    malformed,
  });
  const kind = kindOf(file);
  if (kind === null) return failed(`${file}: expected a name that begins with a kind of golden file, got none of them; see test/golden/README.md`, false);
  try {
    const golden = new GoldenFile(file, await read());
    const comparison = new Comparison(golden, backend);
    await checks[kind](backend, comparison);
    const quantities = comparison.finish();
    return {
      file,
      backend: backend.description.name,
      quantities,
      ok: quantities.every((quantity) => quantity.ok),
      notes: comparison.notes,
      problem: null,
      malformed: false,
    };
  } catch (error) {
    if (backend.lostReason() !== null) throw error;
    const known = error instanceof MotorloopError;
    return failed(known ? error.message : `${file}: expected a replay, got an unexpected ${String(error)}`, error instanceof RunFormatError);
  }
}
