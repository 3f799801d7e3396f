// What an experiment may say about the reaching tasks, in which the network moves a body: schemas and defaults (docs/tasks.md has their sources).
import * as z from 'zod';
import { type EffectorOptions, effectorOptions, type SensorOptions, sensorOptions } from '../arm/options.js';

type Pair = readonly [number, number];

/** The loss: how the position counts, and beside what. */
interface LossOptions {
  readonly position: 'squared' | 'absolute';
  readonly positionWeight: number;
  readonly actionWeight: number;
  readonly rampEpochs: number;
}

/** What the network moves, and what it senses of it. */
interface BodyOptions {
  readonly effector: EffectorOptions;
  readonly sensors: SensorOptions;
}

/** Options of a reaching task, defaults filled in. Interfaces, not inferred: declarations of the schemas would be longer than all others together. */
export type ReachTaskOptions = RandomTargetOptions | RandomTargetReachOptions | CentreOutReachOptions | DelayedReachOptions | CyclicReachOptions;

export interface RandomTargetOptions extends LossOptions, BodyOptions {
  readonly name: 'random-target';
  readonly variant: 'standard' | 'aligned' | 'move-bump';
  readonly steps: number;
  readonly catchProbability: number;
  readonly bumpProbability: number;
  readonly moveBumpProbability: number;
  readonly bumpLow: number;
  readonly bumpHigh: number;
  readonly contextNoise: number;
  readonly jointRange?: readonly [Pair, Pair] | undefined;
  readonly compat: 'none' | 'ctdb';
}

export interface RandomTargetReachOptions extends LossOptions, BodyOptions {
  readonly name: 'random-target-reach';
  readonly steps: number;
  readonly jointRange?: readonly [Pair, Pair] | undefined;
}

export interface CentreOutReachOptions extends LossOptions, BodyOptions {
  readonly name: 'centre-out-reach';
  readonly steps: number;
  readonly targets: number;
  readonly distance: number;
  readonly hideTarget: boolean;
  readonly goTime: number;
  readonly contextNoise: number;
}

export interface DelayedReachOptions extends LossOptions, BodyOptions {
  readonly name: 'delayed-reach';
  readonly steps: number;
  readonly targetTime: number;
  readonly earliestGo: number;
  readonly latestGo: number;
  readonly fixationWeight: number;
  readonly contextNoise: number;
  readonly jointRange?: readonly [Pair, Pair] | undefined;
}

export interface CyclicReachOptions extends LossOptions, BodyOptions {
  readonly name: 'cyclic-reach';
  readonly steps: number;
  readonly speeds: readonly number[];
  readonly semiAxes: Pair;
  readonly goTime: number;
  readonly contextNoise: number;
}

/** The senses of CtDB's RandomTarget: vision after 50 ms, proprioception after 20 ms, a little noise on everything. */
const ctdbSenses = { visionDelay: 0.05, proprioceptionDelay: 0.02, visionNoise: 0.005, proprioceptionNoise: 0.005, actionNoise: 0.005 };

/** `sensorOptions` with other defaults. */
function senses(defaults: Readonly<Partial<Record<keyof typeof sensorOptions.shape, number>>>) {
  const fields = Object.entries(sensorOptions.shape).map(([name, field]) => {
    const value = defaults[name as keyof typeof defaults];
    return [name, value === undefined ? field : (field.unwrap() as z.ZodType).default(value).describe(field.description ?? '')];
  });
  return (z.strictObject(Object.fromEntries(fields)) as unknown as typeof sensorOptions).prefault({});
}

const steps = z.number().int().min(1).max(100_000).describe('Time steps of a trial.');
const seconds = z.number().nonnegative();
const share = z.number().min(0).max(1);
const weight = z.number().nonnegative();
const pair = z.tuple([z.number(), z.number()]);

const body = effectorOptions
  .prefault({ effector: 'RigidTendonArm26', muscle: 'MujocoHill' })
  .describe('The body that the network moves. Default: the arm with six MuJoCo-Hill muscles.');

const jointRange = z
  .tuple([pair, pair])
  .optional()
  .describe(
    'Lowest and highest start and target position of each joint, rad or m. Default: an arm 30 to 105° and 30 to 125° (0.5236 to 1.8326, 0.5236 to 2.1817 rad), a point mass the middle 80 % of its limits.',
  );

const contextNoise = weight.default(0.04).describe('Standard deviation of the Gaussian noise on target and go cue, drawn once per trial.');

/** The loss: how the position counts, and beside what. */
const loss = (position: 'squared' | 'absolute', actionWeight: number, rampEpochs: number) => ({
  position: z
    .enum(['squared', 'absolute'])
    .default(position)
    .describe('Position term: mean squared error over trials, steps and axes, or mean over trials and steps of |dx| + |dy|.'),
  positionWeight: weight.default(1).describe('Weight of the position term.'),
  actionWeight: weight.default(actionWeight).describe('Weight of the mean squared action.'),
  rampEpochs: z
    .number()
    .int()
    .nonnegative()
    .max(1_000_000)
    .default(rampEpochs)
    .describe('Epochs over which the position term grows from the first steps to the whole trial; 0: all steps from the start.'),
});

const centre = {
  goTime: seconds.default(0.2).describe('Time of the go cue, s; a whole number of time steps.'),
  contextNoise,
};

const randomTargetOptions = z.strictObject({
  name: z.literal('random-target'),
  variant: z
    .enum(['standard', 'aligned', 'move-bump'])
    .default('standard')
    .describe('standard: random times; aligned: target at step 30, go cue at 70, no catch trials; move-bump: the same reach in every trial, pushed sideways.'),
  steps: steps.default(300),
  catchProbability: share.default(0.2).describe('Share of trials without a go cue (standard only).'),
  bumpProbability: share.default(0.5).describe('Share of trials with a push (not move-bump: all).'),
  moveBumpProbability: share.default(0.5).describe('Share of the pushes that come within 40 steps after the go cue; the others come at any time.'),
  bumpLow: z.number().default(5).describe('Least force of a push, N (not move-bump).'),
  bumpHigh: z.number().default(10).describe('Largest force of a push, N (not move-bump).'),
  contextNoise,
  jointRange,
  ...loss('squared', 1, 200),
  compat: z.enum(['none', 'ctdb']).default('none').describe('ctdb: the loss of epoch 0 is NaN, as in the original; else its position term is 0.'),
  effector: body,
  sensors: senses(ctdbSenses),
}) satisfies z.ZodType<RandomTargetOptions>;

const randomTargetReachOptions = z.strictObject({
  name: z.literal('random-target-reach'),
  steps: steps.default(100),
  jointRange: jointRange.describe('Lowest and highest start and goal position of each joint, rad or m. Default: the limits of the body.'),
  ...loss('absolute', 0, 0),
  effector: body,
  sensors: senses({}),
}) satisfies z.ZodType<RandomTargetReachOptions>;

const centreOutReachOptions = z.strictObject({
  name: z.literal('centre-out-reach'),
  steps: steps.default(100),
  targets: z.number().int().positive().max(360).default(8).describe('Targets on a circle; trial k reaches for target k modulo their number.'),
  distance: z.number().positive().default(0.1).describe('Radius of the circle, m.'),
  hideTarget: z.boolean().default(false).describe('The target disappears at the go cue, as in random-target.'),
  ...centre,
  ...loss('squared', 1, 0),
  effector: body,
  sensors: senses(ctdbSenses),
}) satisfies z.ZodType<CentreOutReachOptions>;

const delayedReachOptions = z.strictObject({
  name: z.literal('delayed-reach'),
  steps: steps.default(150),
  targetTime: seconds.default(0.1).describe('Time at which the target appears, s; a whole number of time steps.'),
  earliestGo: seconds.default(0.3).describe('Earliest go cue, s; a whole number of time steps.'),
  latestGo: seconds.default(0.8).describe('Latest go cue, s; a whole number of time steps.'),
  fixationWeight: weight.default(2).describe('Weight of the position error before the go cue; after it the weight is 1.'),
  contextNoise,
  jointRange,
  ...loss('squared', 1, 0),
  effector: body,
  sensors: senses(ctdbSenses),
}) satisfies z.ZodType<DelayedReachOptions>;

const cyclicReachOptions = z.strictObject({
  name: z.literal('cyclic-reach'),
  steps: steps.default(300),
  speeds: z
    .array(z.number().positive())
    .min(1)
    .max(100)
    .default([0.4, 0.6, 0.8, 1, 1.2])
    .describe('Cycles per second; trial k has speed k modulo their number.'),
  semiAxes: pair.default([0.08, 0.05]).describe('Half widths of the ellipse along x and y, m.'),
  ...centre,
  ...loss('squared', 1, 0),
  effector: body,
  sensors: senses(ctdbSenses),
}) satisfies z.ZodType<CyclicReachOptions>;

/** Schemas by task: what they give is `ReachTaskOptions`. */
export const reachTaskOptions: readonly z.ZodObject[] = [
  randomTargetOptions,
  randomTargetReachOptions,
  centreOutReachOptions,
  delayedReachOptions,
  cyclicReachOptions,
];
