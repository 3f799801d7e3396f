// Options of an effector with every default filled in: one description for all effectors, from which tables are written and drawings made.
import { type Geometry, type Pair, shippedEffectors, skeletonLimits } from './effectors.js';
import { muscleKinds } from './muscles.js';
import { type EffectorOptions, type MuscleNumber, type MuscleType, muscleNumberNames, type SkeletonOptions } from './options.js';

/**
 * Longest integration step of compliant tendons, s, unless a user or the original's defaults say otherwise. Measured on CompliantTendonArm26 under random
 * on-off drive for 1 s, against steps of 25 µs: joint angles are off by 2 mrad in the median trial and by 13 mrad in the worst tenth (0.5 ms: 4 and 24; 1 ms:
 * 32 and 184; 2 ms: the tendons shake).
 */
const compliantStep = 0.0004;
/** Time step of MotorNet's CompliantTendonArm26, s. */
const originalCompliantStep = 0.0002;
const usualStep = 0.01;

/** A body in plain numbers. */
export interface BodyDescription {
  readonly skeleton: SkeletonOptions;
  readonly muscle: MuscleType;
  readonly names: readonly string[];
  /** One number a muscle; only those that the muscle type has. */
  readonly numbers: Readonly<Partial<Record<MuscleNumber, readonly number[]>>>;
  readonly geometry: Geometry;
  /** Seconds that the initial state of compliant muscles is advanced by: a time step, for muscles added one by one a ministep (Q8). */
  readonly resetStep: number;
  readonly options: EffectorOptions;
}

export const pairOf = (value: number | readonly [number, number]): [number, number] => (typeof value === 'number' ? [value, value] : [value[0], value[1]]);

/** Fills in every default of valid options. `options` of the result describes the same body without any default. */
export function describeBody(input: EffectorOptions): BodyDescription {
  const custom = input.effector === 'Custom' ? input : null;
  const shipped = input.effector === 'Custom' ? null : shippedEffectors[input.effector];
  const skeleton = custom?.skeleton ?? input.skeleton ?? (shipped as NonNullable<typeof shipped>).skeleton;
  const muscle = 'muscle' in input ? input.muscle : (shipped?.muscle as MuscleType);
  const compliant = muscle === 'CompliantTendonHill';
  const original = input.compat === 'motornet';
  const originalCompliantArm = original && input.effector === 'CompliantTendonArm26';

  const timeStep = input.timeStep ?? (originalCompliantArm ? originalCompliantStep : usualStep);
  const ministeps = input.ministeps ?? (compliant && !original ? Math.max(1, Math.ceil(timeStep / compliantStep - 1e-9)) : 1);
  const wanted = input.integrator ?? ((compliant && !original) || originalCompliantArm ? 'rk4' : 'euler');
  const limits = shipped ?? skeletonLimits(skeleton.type);

  const names = custom ? custom.muscles.map(({ name }, index) => name ?? `muscle_${index + 1}`) : (shipped?.names ?? []);
  const numbers: Partial<Record<MuscleNumber, number[]>> = {};
  for (const name of muscleNumberNames) {
    const preset = muscleKinds[muscle].numbers[name];
    if (preset === undefined) continue;
    numbers[name] = names.map((_, index) => {
      const own = custom?.muscles[index]?.[name];
      const common = input.muscleParameters[name];
      const ofEffector = shipped && (name === 'maximumForce' || name === 'optimalLength' || name === 'tendonLength') ? shipped[name]?.[index] : undefined;
      return (own ?? (typeof common === 'number' ? common : common?.[index]) ?? ofEffector ?? preset) as number;
    });
  }

  const settled = {
    skeleton,
    timeStep,
    ministeps,
    integrator: original && wanted === 'rk4' ? ('rk4-motornet' as const) : wanted,
    damping: input.damping,
    positionLower: pairOf(input.positionLower ?? limits.positionLower),
    positionUpper: pairOf(input.positionUpper ?? limits.positionUpper),
    velocityLower: pairOf(input.velocityLower),
    velocityUpper: pairOf(input.velocityUpper),
    compat: input.compat,
  };
  const geometry = shipped ? shipped.geometry : customGeometry((custom as NonNullable<typeof custom>).muscles);
  const { effector } = input;
  const listed = Object.entries(numbers);
  const options = (
    custom
      ? {
          effector,
          ...settled,
          muscle,
          muscleParameters: {},
          muscles: custom.muscles.map(({ points, polynomial, momentArms }, index) => ({
            name: names[index],
            ...(points ? { points } : {}),
            ...(polynomial ? { polynomial } : {}),
            ...(momentArms ? { momentArms } : {}),
            ...Object.fromEntries(listed.map(([name, values]) => [name, values[index]])),
          })),
        }
      : {
          effector,
          ...settled,
          ...('muscle' in input ? { muscle } : {}),
          muscleParameters: Object.fromEntries(listed.map(([name, values]) => [name, shortest(values)])),
        }
  ) as EffectorOptions;
  const addedOneByOne = input.effector === 'Custom' || input.effector === 'ReluPointMass24';
  return { skeleton, muscle, names, numbers, geometry, resetStep: addedOneByOne ? timeStep / ministeps : timeStep, options };
}

/** One number where all are equal. */
function shortest(values: readonly number[]): number | number[] {
  return values.every((value) => value === values[0]) ? (values[0] as number) : [...values];
}

type CustomMuscles = Extract<EffectorOptions, { effector: 'Custom' }>['muscles'];

function customGeometry(muscles: CustomMuscles): Geometry {
  const first = muscles[0];
  if (first?.points) return { kind: 'paths', paths: muscles.map(({ points }) => points ?? []) };
  if (first?.polynomial) return { kind: 'polynomial', polynomials: muscles.map(({ polynomial }) => polynomial as NonNullable<typeof polynomial>) };
  return { kind: 'constant', momentArms: muscles.map(({ momentArms }) => momentArms as Pair) };
}
