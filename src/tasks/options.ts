// What an experiment may say about its task and its data.
import * as z from 'zod';
import { type MultitaskOptions, multitaskOptions } from './multitask-options.js';
import { type ReachTaskOptions, reachTaskOptions } from './reach-options.js';

export const flipflopOptions = z.strictObject({
  name: z.literal('flipflop'),
  bits: z.number().int().positive().max(64).default(3),
  steps: z.number().int().min(6).max(100000).default(500).describe('Time steps of a trial.'),
  switchProbability: z.number().min(0).max(0.5).default(0.015).describe('Probability of an up pulse, and again of a down pulse, per channel and step.'),
  noise: z.number().nonnegative().default(0.15).describe('Standard deviation of the Gaussian input noise.'),
  transitionBlind: z.number().int().nonnegative().default(4).describe('Steps after a change of the target that the loss leaves out.'),
  stimulated: z.boolean().default(false).describe('Adds a step of size 0.5 to 1.5 to one channel in the middle half of the trial.'),
});

const customTaskOptions = z.strictObject({
  name: z.literal('custom'),
  module: z.string().describe('Path of a JavaScript module, relative to the experiment file, whose default export makes a Task from `parameters`.'),
  parameters: z.record(z.string(), z.unknown()).default({}),
}) satisfies z.ZodType<CustomTaskOptions>;

/** Names of the tasks in which the network moves a body. */
export const reachTaskNames: readonly string[] = reachTaskOptions.map(({ shape }) => (shape.name as z.ZodLiteral<string>).value);

/** A task of one's own: a module, and what it is given. */
export interface CustomTaskOptions {
  readonly name: 'custom';
  readonly module: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export type TaskOptions = FlipflopOptions | MultitaskOptions | ReachTaskOptions | CustomTaskOptions;

export const taskOptions: z.ZodType<TaskOptions> = z.discriminatedUnion('name', [
  flipflopOptions,
  multitaskOptions,
  ...reachTaskOptions,
  customTaskOptions,
]) as z.ZodType<unknown> as z.ZodType<TaskOptions>;

export const dataOptions = z.strictObject({
  trials: z.number().int().min(2).max(10_000_000).default(1000),
  validationFraction: z.number().gt(0).lt(1).default(0.2),
  fresh: z.boolean().default(false).describe('New training trials in every epoch, instead of the same ones; the validation trials stay.'),
  seed: z.number().int().nonnegative().optional().describe('Default: the seed of the experiment; all replicates see the same data.'),
});

/** Trials kept for validation: the smallest whole number not below trials · fraction (a product that is whole but for rounding counts as whole). */
export function validationCount(trials: number, fraction: number): number {
  return Math.ceil(trials * fraction - 1e-9 * trials);
}

export type FlipflopOptions = z.output<typeof flipflopOptions>;
export type DataOptions = z.output<typeof dataOptions>;
