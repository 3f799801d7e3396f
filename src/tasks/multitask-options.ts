// What an experiment may say about the multitask battery: schema, defaults and the names of its fifteen tasks.
import * as z from 'zod';

/** The fifteen tasks (Driscoll, Shenoy & Sussillo 2024, doi:10.1038/s41593-024-01668-6), in CtDB's order of training. */
export const multitaskNames = [
  'DelayPro',
  'MemoryPro',
  'ReactPro',
  'DelayAnti',
  'MemoryAnti',
  'ReactAnti',
  'IntMod1',
  'IntMod2',
  'ContextIntMod1',
  'ContextIntMod2',
  'ContextIntMultimodal',
  'Match2Sample',
  'NonMatch2Sample',
  'MatchCatPro',
  'MatchCatAnti',
] as const;
export type MultitaskName = (typeof multitaskNames)[number];

/** Options of the battery, defaults filled in. */
export interface MultitaskOptions {
  readonly name: 'multitask';
  readonly tasks: readonly MultitaskName[];
  readonly binSize: number;
  readonly steps?: number | undefined;
  readonly targets: number;
  readonly noise: number;
  readonly latentWeight: number;
  readonly modality: 'first' | 'random';
  readonly nonMatch: 'opposite' | 'different';
  readonly noResponse: 'release' | 'fixate';
  readonly compat: 'none' | 'ctdb';
}

export const multitaskOptions = z.strictObject({
  name: z.literal('multitask'),
  tasks: z
    .array(z.enum(multitaskNames))
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'expected tasks that differ')
    .default([...multitaskNames])
    .describe('Any of the fifteen tasks, in any order: trial k belongs to task k modulo their number.'),
  binSize: z.number().min(1).max(50).default(20).describe('Duration of a step, ms; all phases follow from it.'),
  steps: z
    .number()
    .int()
    .positive()
    .max(100_000)
    .optional()
    .describe('Steps of every trial, padded behind its end. Default: 6400 ms, 320 steps of 20 ms, in which every trial has room.'),
  targets: z.number().int().min(2).max(3600).default(32).describe('Directions that a stimulus may have.'),
  noise: z.number().nonnegative().default(0.3).describe('Standard deviation of the Gaussian noise on all inputs, inside the trial.'),
  latentWeight: z.number().nonnegative().default(0).describe('Weight of the squared latents, summed over time up to the end of the response (latent_l2_wt).'),
  modality: z
    .enum(['first', 'random'])
    .default('first')
    .describe('Where the stimuli of the Pro, Anti and match tasks appear: always in modality 1, or (Driscoll) in either.'),
  nonMatch: z
    .enum(['opposite', 'different'])
    .default('opposite')
    .describe('NonMatch2Sample asks for a response when the second stimulus is opposite, or (Driscoll) when it differs.'),
  noResponse: z.enum(['release', 'fixate']).default('release').describe('Fixation target in the response of trials without one: 0, or (Driscoll) 1.'),
  compat: z
    .enum(['none', 'ctdb'])
    .default('none')
    .describe('ctdb: no fixation target in NonMatch2Sample, MatchCatPro and MatchCatAnti, and ties of ContextIntMultimodal decided by rounding, as published.'),
}) satisfies z.ZodType<MultitaskOptions>;
