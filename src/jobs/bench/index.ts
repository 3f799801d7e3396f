// The benchmarks by name: how fast training steps, bodies and single kernels are, as a share of what the processor can do.
import type { JobContext } from '../context.js';
import { type KernelsOptions, kernels } from './kernels.js';
import type { BenchResult } from './measure.js';
import { type PhysicsOptions, physics } from './physics.js';
import { type TrainStepOptions, trainStep } from './train-step.js';

/** The options of each benchmark, plain data. */
export interface BenchOptions {
  readonly 'train-step': TrainStepOptions;
  readonly physics: PhysicsOptions;
  readonly kernels: KernelsOptions;
}
export type BenchName = keyof BenchOptions;

/** Runs a benchmark: prints its rows through the context and returns them. Throws ConfigError for options that fit nothing. */
export function bench<N extends BenchName>(name: N, options: BenchOptions[N], context: JobContext): Promise<BenchResult> {
  const run = { 'train-step': trainStep, physics, kernels }[name] as (options: BenchOptions[N], context: JobContext) => Promise<BenchResult>;
  return run(options, context);
}
