// The benchmarks by name: how fast training steps, bodies, single kernels, searches for fixed points and analyses are, as a share of what a device can do.
import type { JobContext } from '../context.js';
import { type AnalysisOptions, analysis } from './analysis.js';
import { type FixedPointsOptions, fixedPoints } from './fixed-points.js';
import { type KernelsOptions, kernels } from './kernels.js';
import type { BenchResult } from './measure.js';
import { type PhysicsOptions, physics } from './physics.js';
import { type SuiteOptions, suite } from './suite.js';
import { type TrainStepOptions, trainStep } from './train-step.js';

/** The options of each benchmark, plain data. */
export interface BenchOptions {
  readonly 'train-step': TrainStepOptions;
  readonly physics: PhysicsOptions;
  readonly kernels: KernelsOptions;
  readonly 'fixed-points': FixedPointsOptions;
  readonly analysis: AnalysisOptions;
  readonly suite: SuiteOptions;
}
export type BenchName = keyof BenchOptions;

/** Runs a benchmark: prints its rows through the context and returns them. Throws ConfigError for options that fit nothing. */
export function bench<N extends BenchName>(name: N, options: BenchOptions[N], context: JobContext): Promise<BenchResult> {
  const run = { 'train-step': trainStep, physics, kernels, 'fixed-points': fixedPoints, analysis, suite }[name] as (
    options: BenchOptions[N],
    context: JobContext,
  ) => Promise<BenchResult>;
  return run(options, context);
}
