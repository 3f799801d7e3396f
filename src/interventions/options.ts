// What an experiment may say about interventions: what is done to a network or its body, in which trials, and when. Schemas and their types.
import * as z from 'zod';

/** A time within a trial: a step (counted from 0), or text such as `0.2 s`, `go`, `go + 10`, `target - 0.05 s` (docs/interventions.md). */
export type Moment = number | string;

/** Which trials, all conditions together; none stated: all. Trials count by their position in the data set, from 0. */
export interface TrialChoice {
  readonly list?: readonly number[] | undefined;
  /** Every n-th trial, the first one at `offset` (default 0). */
  readonly every?: number | undefined;
  readonly offset?: number | undefined;
  /** Share of the trials, drawn by `seed` (default 0): equal seeds choose equal trials. */
  readonly fraction?: number | undefined;
  readonly seed?: number | undefined;
  /** Conditions as the task numbers them. */
  readonly conditions?: readonly number[] | undefined;
  /** The other trials instead. */
  readonly invert?: boolean | undefined;
}

/** When and where an intervention acts. */
export interface InterventionSchedule {
  readonly trials?: TrialChoice | undefined;
  /** First step. Default: the first of the trial (`target-jump`: the go cue). */
  readonly from?: Moment | undefined;
  /** First step that it leaves alone. Default: none. */
  readonly until?: Moment | undefined;
  /** Steps or seconds, instead of `until`. */
  readonly duration?: Moment | undefined;
  /** Training or validation trials only. Default: both. */
  readonly phase?: 'train' | 'validation' | 'both' | undefined;
}

/** Which units of the state: one of the three. */
export interface UnitChoice {
  readonly list?: readonly number[] | undefined;
  /** First and last one. */
  readonly range?: readonly [number, number] | undefined;
  /** Share of the units, drawn by `seed` (default 0). */
  readonly fraction?: number | undefined;
  readonly seed?: number | undefined;
}

export type Pair = readonly [number, number];
export type NoiseTarget = 'input' | 'state' | 'vision' | 'proprioception' | 'action' | 'observation';

/** What is done, by `kind`. Units are SI. */
export type Intervention = InterventionSchedule &
  (
    | { readonly kind: 'curl-field'; readonly strength: number; readonly direction: 'clockwise' | 'counter-clockwise' }
    | { readonly kind: 'fixed-field'; readonly force: Pair }
    | { readonly kind: 'channel'; readonly stiffness: number; readonly damping: number }
    | {
        readonly kind: 'linear-field';
        readonly force: Pair;
        readonly center: Pair;
        readonly position: readonly [Pair, Pair];
        readonly velocity: readonly [Pair, Pair];
      }
    | { readonly kind: 'load'; readonly endpoint?: Pair | undefined; readonly joint?: Pair | undefined }
    | { readonly kind: 'target-jump'; readonly by?: Pair | undefined; readonly to?: Pair | undefined; readonly show: boolean }
    | { readonly kind: 'input-pulse'; readonly channel: number | string; readonly height: number }
    | { readonly kind: 'unit-clamp'; readonly units: UnitChoice; readonly value: number }
    | { readonly kind: 'unit-lesion'; readonly units: UnitChoice }
    | {
        readonly kind: 'stimulation';
        readonly units?: UnitChoice | undefined;
        readonly amplitude: number;
        readonly pattern?: readonly number[] | undefined;
        readonly ramp?: Moment | undefined;
      }
    | { readonly kind: 'noise'; readonly target: NoiseTarget; readonly deviation: number; readonly seed: number }
    | { readonly kind: 'delay'; readonly vision?: number | undefined; readonly proprioception?: number | undefined }
    | { readonly kind: 'strength'; readonly muscles: Readonly<Record<string, number>> }
  );

export type InterventionKind = Intervention['kind'];
export type InterventionOf<K extends InterventionKind> = Extract<Intervention, { readonly kind: K }>;

const whole = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const pair = z.tuple([z.number(), z.number()]);
const matrix = z.tuple([pair, pair]);
const moment = z
  .union([whole, z.string()])
  .describe('A step, or text: 0.2 s, go, go + 10, target - 0.05 s; events are go, target, and where a trial has phases their names.');
const length = z.union([whole, z.string()]);

const trials = z
  .strictObject({
    list: z.array(whole).min(1).optional(),
    every: z.number().int().positive().optional(),
    offset: whole.optional(),
    fraction: share.optional(),
    seed: whole.optional(),
    conditions: z.array(z.number().int()).min(1).optional(),
    invert: z.boolean().optional(),
  })
  .describe('In which trials, by position in the data set; several conditions hold together. Default: all.');

const schedule = {
  trials: trials.optional(),
  from: moment.optional(),
  until: moment.optional(),
  duration: length.optional().describe('Steps, or text such as 0.2 s: instead of until.'),
  phase: z.enum(['train', 'validation', 'both']).optional().describe('Training or validation trials only. Default: both.'),
};

const units = z
  .strictObject({ list: z.array(whole).min(1).optional(), range: z.tuple([whole, whole]).optional(), fraction: share.optional(), seed: whole.optional() })
  .describe('Units of the state: a list, a range from the first to the last, or a fraction drawn by seed.');

const origin: [number, number] = [0, 0];
const nothing: [[number, number], [number, number]] = [
  [0, 0],
  [0, 0],
];

const intervention = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('curl-field'),
    strength: z.number().describe('N·s/m: force on the end point for each m/s of its speed.'),
    direction: z
      .enum(['clockwise', 'counter-clockwise'])
      .default('clockwise')
      .describe('The force points where the velocity would after a quarter turn this way.'),
    ...schedule,
  }),
  z.strictObject({ kind: z.literal('fixed-field'), force: pair.describe('N.'), ...schedule }),
  z.strictObject({
    kind: z.literal('channel'),
    stiffness: z.number().positive().default(2000).describe('N/m: spring that pulls the end point back to the line from start to target.'),
    damping: z.number().nonnegative().default(40).describe('N·s/m, across that line.'),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('linear-field'),
    force: pair.default(origin).describe('N.'),
    center: pair.default(origin).describe('m.'),
    position: matrix.default(nothing).describe('N/m: rows of the matrix that multiplies the position of the end point less center.'),
    velocity: matrix.default(nothing).describe('N·s/m: rows of the matrix that multiplies its velocity.'),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('load'),
    endpoint: pair.optional().describe('Force on the end point, N.'),
    joint: pair.optional().describe('Torque on the joints, N·m.'),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('target-jump'),
    by: pair.optional().describe('Displacement, m.'),
    to: pair.optional().describe('Place, m.'),
    show: z.boolean().default(false).describe('Show the target from the jump on, also where the task hides it.'),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('input-pulse'),
    channel: z.union([whole, z.string()]).describe('Name or number of an input of the task.'),
    height: z.number(),
    ...schedule,
  }),
  z.strictObject({ kind: z.literal('unit-clamp'), units, value: z.number(), ...schedule }),
  z.strictObject({ kind: z.literal('unit-lesion'), units, ...schedule }),
  z.strictObject({
    kind: z.literal('stimulation'),
    units: units.optional(),
    amplitude: z.number().default(1).describe('Added to the state of each unit at every step.'),
    pattern: z.array(z.number()).min(1).optional().describe('Weights of the units, one each, in ascending order. Default: ones.'),
    ramp: length.optional().describe('Steps, or text such as 0.1 s, over which the amplitude rises.'),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('noise'),
    target: z.enum(['input', 'state', 'vision', 'proprioception', 'action', 'observation']),
    deviation: z.number().nonnegative().describe('Standard deviation of what is added, at every step.'),
    seed: whole.default(0),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('delay'),
    vision: z.number().nonnegative().optional().describe('s.'),
    proprioception: z.number().nonnegative().optional().describe('s.'),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('strength'),
    muscles: z.record(z.string(), z.number().nonnegative()).describe('Factor of the force, by muscle; all: of every muscle.'),
    ...schedule,
  }),
]);

/** The list that an experiment has under `interventions`. */
export const interventionList = z.array(intervention).max(100) as unknown as z.ZodType<readonly Intervention[]>;

/** Kinds that act on a body: tasks without one refuse them. */
export const bodyKinds: ReadonlySet<InterventionKind> = new Set([
  'curl-field',
  'fixed-field',
  'channel',
  'linear-field',
  'load',
  'target-jump',
  'delay',
  'strength',
]);
