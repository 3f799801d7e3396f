// What an experiment may say about a body and its senses: schemas, defaults and their sources (docs/arm.md).
import * as z from 'zod';

const positive = z.number().positive();
const nonNegative = z.number().nonnegative();

/** One number for all muscles, or one a muscle. */
const perMuscle = (number: z.ZodNumber) => z.union([number, z.array(number).min(1).max(1024)]);
/** One number for both joints (axes), or one each. */
const perJoint = z.union([z.number(), z.tuple([z.number(), z.number()])]);
const pair = z.tuple([z.number(), z.number()]);

export const muscleTypes = ['Relu', 'MujocoHill', 'RigidTendonHill', 'RigidTendonHillThelen', 'CompliantTendonHill'] as const;

/** Numbers that describe one muscle; which of them a type of muscle has stands in `muscleParameterTable` (muscles.ts). */
const muscleNumbers = {
  minimumActivation: z.number().min(0).lt(1).describe('Smallest activation. Default: 0; 0.001 for RigidTendonHill and …Thelen, 0.01 for CompliantTendonHill.'),
  activationTime: positive.describe('Time constant of rising activation, s. Default: 0.015, for MujocoHill 0.01.'),
  deactivationTime: positive.describe('Time constant of falling activation, s. Default: 0.05, for MujocoHill 0.04.'),
  maximumForce: positive.describe('Maximum isometric force, N. Default: that of the effector; none for Custom.'),
  optimalLength: positive.describe('Optimal fibre length, m. Default: that of the effector; not for Relu.'),
  tendonLength: positive.describe('Tendon slack length, m. Default: that of the effector; not for Relu.'),
  slack: positive.describe(
    'normalized_slack_muscle_length: fibre length, in optimal lengths, at which passive force begins; scale of the passive force for MujocoHill. Default: 1.4, MujocoHill 1.3, Thelen 1; not for Relu.',
  ),
  minimumLength: nonNegative.describe('MujocoHill: normalised fibre length below which there is no active force (lmin). Default: 0.5.'),
  maximumLength: positive.describe('MujocoHill: normalised fibre length above which there is no active force (lmax). Default: 1.6.'),
  maximumVelocity: positive.describe('MujocoHill: velocity, m/s, at which shortening gives no force (vmax). Default: 1.5.'),
  maximumForceVelocity: positive.describe('MujocoHill: force of a lengthening muscle in isometric forces (fvmax), above 1. Default: 1.2.'),
  passiveForces: nonNegative.describe('MujocoHill: factor of the passive force. Default: 1.'),
};
export type MuscleNumber = keyof typeof muscleNumbers;
export const muscleNumberNames = Object.keys(muscleNumbers) as MuscleNumber[];

const entriesOf = <Value>(make: (number: z.ZodNumber, name: MuscleNumber) => Value) =>
  Object.fromEntries(muscleNumberNames.map((name) => [name, make(muscleNumbers[name], name)])) as Record<MuscleNumber, Value>;

const muscleParameters = z
  .strictObject(
    entriesOf((number) =>
      perMuscle(number)
        .optional()
        .describe(number.description ?? ''),
    ),
  )
  .describe('Numbers of the muscles: one for all, or a list with one each.');
const oneMuscle = entriesOf((number) => number.optional());

export const skeletonOptions = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('PointMass'), mass: positive.default(1).describe('kg.') }),
  z.strictObject({
    type: z.literal('TwoDofArm'),
    mass1: positive.default(1.864572).describe('Mass of the upper arm, kg.'),
    mass2: positive.default(1.534315).describe('Mass of forearm and hand, kg.'),
    centreOfMass1: positive.default(0.180496).describe('Distance of its centre of mass from the shoulder, m.'),
    centreOfMass2: positive.default(0.181479).describe('Distance of its centre of mass from the elbow, m.'),
    inertia1: positive.default(0.013193).describe('Moment of inertia about its centre of mass, kg·m².'),
    inertia2: positive.default(0.020062).describe('Moment of inertia about its centre of mass, kg·m².'),
    length1: positive.default(0.309).describe('Length of the upper arm, m.'),
    length2: positive.default(0.26).describe('Length of forearm and hand, m.'),
    viscosity: nonNegative.default(0).describe("The arm's own joint viscosity, N·m·s/rad."),
  }),
]);

/** What every effector takes. */
const common = {
  timeStep: positive.optional().describe('Seconds of a time step. Default: 0.01; CompliantTendonArm26 with compat: motornet 0.0002.'),
  ministeps: z
    .number()
    .int()
    .positive()
    .max(100_000)
    .optional()
    .describe(
      'Integration steps that a time step is cut into. Default: 1; with compliant tendons as many as keep one at or below 0.0004 s, unless compat: motornet.',
    ),
  integrator: z
    .enum(['euler', 'rk4', 'rk4-motornet'])
    .optional()
    .describe(
      'rk4 is the classical scheme, rk4-motornet the one of MotorNet (and what rk4 means with compat: motornet). Default: euler; with compliant tendons rk4.',
    ),
  damping: nonNegative.default(0).describe('Viscous damping of every joint, N·m·s/rad (N·s/m), besides the viscosity of the skeleton.'),
  positionLower: perJoint.optional().describe('Lower position limits, rad or m. Default: that of the effector.'),
  positionUpper: perJoint.optional().describe('Upper position limits, rad or m. Default: that of the effector.'),
  velocityLower: perJoint.default(-1000).describe('Lower velocity limits, rad/s or m/s.'),
  velocityUpper: perJoint.default(1000).describe('Upper velocity limits, rad/s or m/s.'),
  compat: z
    .enum(['none', 'motornet'])
    .default('none')
    .describe('motornet: quirks of the original that are corrected otherwise (docs/arm.md): its rk4, its velocity of path muscles on the forearm (Q5).'),
};

const shipped = <Name extends string>(name: Name) => ({
  effector: z.literal(name),
  skeleton: skeletonOptions.optional(),
  muscleParameters: muscleParameters.prefault({}),
  ...common,
});
const muscleType = z.enum(muscleTypes);

const pathPoint = z.strictObject({
  body: z.enum(['world', 'upperArm', 'forearm', 'mass']).describe('What the point is fixed to.'),
  at: pair.describe('Coordinates, m: along the bone from its proximal joint, then 90° to its left; world and mass: x, y.'),
});

const polynomialGeometry = z
  .strictObject({
    constant: z.number().describe('Length at the offset angles, m.'),
    linear: pair.describe('Coefficient of each joint, m/rad.'),
    quadratic: pair.default([0, 0]).describe('Coefficient of the square of each joint, m/rad².'),
    offset: pair.default([0, 0]).describe('Angles at which the length is the constant, rad.'),
  })
  .describe('Musculotendon length constant + Σ_j (linear_j + quadratic_j x_j) x_j with x_j = q_j − offset_j.');

const customMuscle = z.strictObject({
  name: z.string().min(1).max(100).optional().describe('Default: muscle_1, muscle_2, ….'),
  points: z.array(pathPoint).max(1000).optional().describe('Path of the muscle over at least two points.'),
  polynomial: polynomialGeometry.optional(),
  momentArms: pair.optional().describe('Constant moment arms, m; length and velocity are then 0.'),
  ...oneMuscle,
});

export const effectorOptions = z.discriminatedUnion('effector', [
  z.strictObject({ ...shipped('ReluPointMass24') }),
  z.strictObject({ ...shipped('FreePointMass24'), muscle: muscleType.default('Relu') }),
  z.strictObject({ ...shipped('Reacher'), muscle: muscleType.default('Relu') }),
  z.strictObject({ ...shipped('RigidTendonArm26'), muscle: muscleType.default('MujocoHill') }),
  z.strictObject({ ...shipped('CompliantTendonArm26') }),
  z.strictObject({
    ...shipped('Custom'),
    skeleton: skeletonOptions,
    muscle: muscleType,
    muscles: z
      .array(customMuscle)
      .min(1)
      .max(1024)
      .describe(
        'Every muscle has exactly one of points, polynomial, momentArms, and all have the same; its own numbers come before those of muscleParameters.',
      ),
  }),
]);

const deviation = z.union([nonNegative, z.array(nonNegative).min(1).max(4096)]);

export const sensorOptions = z.strictObject({
  visionDelay: nonNegative.optional().describe('Seconds; a whole number of time steps. One step (the default, as 0) is no delay: the newest sample.'),
  proprioceptionDelay: nonNegative.optional().describe('Seconds; a whole number of time steps. One step (the default, as 0) is no delay.'),
  visionNoise: deviation.default(0).describe('Standard deviation of the noise on the end point, m; one number or one a coordinate.'),
  proprioceptionNoise: deviation
    .default(0)
    .describe('Standard deviation of the noise on the muscle lengths and velocities (normalised); one number, or M for the lengths and M for the velocities.'),
  actionNoise: deviation.default(0).describe('Standard deviation of the noise on the actions; one number or one a muscle.'),
  observationNoise: deviation.default(0).describe('Standard deviation of the noise on the whole observation; one number or one an entry.'),
  actionFrames: z.number().int().nonnegative().max(1000).default(0).describe('Earlier actions in the observation, oldest first.'),
  sensoryNoise: z
    .enum(['independent', 'shared'])
    .default('independent')
    .describe('independent: every feature has its own noise; shared: one draw a trial, step and sense, as MotorNet 0.2.0.'),
});

export type SkeletonOptions = z.output<typeof skeletonOptions>;
export type MuscleType = z.output<typeof muscleType>;

/** A body as a program or an experiment states it. */
export type EffectorInput = z.input<typeof effectorOptions>;
/** The same with the defaults that need no other option; `Body.options` has all of them. */
export type EffectorOptions = z.output<typeof effectorOptions>;
export type SensorInput = z.input<typeof sensorOptions>;
export type SensorOptions = z.output<typeof sensorOptions>;
