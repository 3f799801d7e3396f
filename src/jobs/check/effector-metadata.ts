// A golden file's metadata about bodies, in the vocabulary of the original, as options of ours; always as the original behaves (compat: motornet).
import type { EffectorInput, MuscleType, SkeletonOptions } from '../../arm/options.js';
import { muscleKinds } from '../../arm/muscles.js';
import { shippedEffectors } from '../../arm/effectors.js';
import { RunFormatError } from '../../errors.js';
import { describe } from '../../runs/safetensors.js';
import { Section } from './golden-file.js';

type CustomInput = Extract<EffectorInput, { effector: 'Custom' }>;
type MuscleInput = CustomInput['muscles'][number];
type Body = 'world' | 'mass' | 'upperArm' | 'forearm';
type Numbers = NonNullable<EffectorInput['muscleParameters']>;
type MuscleNumber = keyof Numbers;

const classes: Readonly<Record<string, MuscleType>> = {
  Relu: 'Relu',
  MujocoHill: 'MujocoHill',
  RigidTendonHill: 'RigidTendonHill',
  RigidTendonHillThelen: 'RigidTendonHillThelen',
  CompliantTendonHill: 'CompliantTendonHill',
};

/** `RigidTendonHillMuscleThelen` → `RigidTendonHillThelen`, …. */
export function muscleTypeOf(name: unknown, where: string): MuscleType {
  const short = typeof name === 'string' ? name.replace('Muscle', '') : '';
  if (Object.hasOwn(classes, short)) return classes[short] as MuscleType;
  throw new RunFormatError(`${where}: expected a muscle class among ${Object.keys(classes).join(', ')} (Muscle), got ${describe(name)}`);
}

/** Constructor arguments and build parameters of muscles by our names. */
const muscleNames: Readonly<Record<string, MuscleNumber>> = {
  min_activation: 'minimumActivation',
  tau_activation: 'activationTime',
  tau_deactivation: 'deactivationTime',
  passive_forces: 'passiveForces',
  max_isometric_force: 'maximumForce',
  optimal_muscle_length: 'optimalLength',
  tendon_length: 'tendonLength',
  normalized_slack_muscle_length: 'slack',
  lmin: 'minimumLength',
  lmax: 'maximumLength',
  vmax: 'maximumVelocity',
  fvmax: 'maximumForceVelocity',
};

/** Those numbers of `sections` that a muscle type has; a later section wins. A list with one entry stands for all muscles. */
export function muscleNumbersOf(type: MuscleType, ...sections: readonly Section[]): Numbers {
  const numbers: Numbers = {};
  for (const section of sections) {
    for (const key of section.keys) {
      const name = Object.hasOwn(muscleNames, key) ? (muscleNames[key] as MuscleNumber) : undefined;
      if (name === undefined || muscleKinds[type].numbers[name] === undefined || section.entry(key) === null) continue;
      const values = flat(section.entry(key));
      if (values.some((value) => typeof value !== 'number'))
        throw new RunFormatError(`${section.where}.${key}: expected numbers, got ${describe(section.entry(key))}`);
      numbers[name] = (values.length === 1 ? values[0] : values) as number | number[];
    }
  }
  return numbers;
}

const flat = (value: unknown): unknown[] => (Array.isArray(value) ? value.flatMap(flat) : [value]);

const armNames: Readonly<Record<string, Exclude<keyof Extract<SkeletonOptions, { type: 'TwoDofArm' }>, 'type'>>> = {
  m1: 'mass1',
  m2: 'mass2',
  l1: 'length1',
  l2: 'length2',
  l1g: 'centreOfMass1',
  l2g: 'centreOfMass2',
  i1: 'inertia1',
  i2: 'inertia2',
  viscosity: 'viscosity',
  c_viscosity: 'viscosity',
};

/** `[class, arguments]` or the arguments of `fallback`; absent arguments keep the defaults of the class. */
export function skeletonOf(value: unknown, where: string, fallback: 'TwoDofArm' | 'PointMass' = 'TwoDofArm'): CustomInput['skeleton'] {
  const named = Array.isArray(value);
  const type = named ? value[0] : typeof value === 'string' ? value : fallback;
  const section = new Section((named ? value[1] : typeof value === 'string' ? {} : value) ?? {}, where);
  if (section.number('space_dim', 2) !== 2) throw new RunFormatError(`${where}: expected a plane, space_dim 2, got ${section.number('space_dim', 2)}`);
  if (type === 'PointMass') return { type: 'PointMass', mass: section.number('mass', 1) };
  if (type !== 'TwoDofArm') throw new RunFormatError(`${where}: expected TwoDofArm or PointMass, got ${describe(type)}`);
  const given = section.keys.filter((key) => Object.hasOwn(armNames, key) || Object.hasOwn(armNames, key.toLowerCase()));
  return {
    type: 'TwoDofArm',
    ...Object.fromEntries(given.map((key) => [armNames[key] ?? armNames[key.toLowerCase()], section.number(key, 0)])),
  };
}

/** Name of a body by its index in the original; any other than the world is the mass of a point mass. */
export function bodyOf(index: number, skeleton: CustomInput['skeleton'], where: string): Body {
  const bodies: readonly Body[] = skeleton.type === 'PointMass' ? ['world', 'mass', 'mass'] : ['world', 'upperArm', 'forearm'];
  const body = bodies[index];
  if (body === undefined) throw new RunFormatError(`${where}: expected a body 0, 1 or 2, got ${index}`);
  return body;
}

/** A muscle of `custom_muscles`: name, bodies and coordinates of its points. */
export function pathMuscleOf(value: unknown, skeleton: CustomInput['skeleton'], where: string): { section: Section; muscle: MuscleInput } {
  const section = new Section(value, where);
  const bodies = section.entry('body');
  const coordinates = section.entry('xy');
  if (!Array.isArray(bodies) || !Array.isArray(coordinates) || bodies.length !== coordinates.length)
    throw new RunFormatError(`${where}: expected as many bodies as coordinates, got ${describe(bodies)} and ${describe(coordinates)}`);
  const points = bodies.map((body, index) => ({ body: bodyOf(Number(body), skeleton, where), at: coordinates[index] as [number, number] }));
  return { section, muscle: { points, ...(section.entry('name') === undefined ? {} : { name: section.string('name', '') }) } };
}

function methodOf(section: Section, fallback: string): 'euler' | 'rk4-motornet' {
  const method = section.string('method', fallback).toLowerCase();
  if (method === 'euler') return 'euler';
  if (['rk4', 'rungekutta4', 'runge-kutta4', 'runge-kutta-4', 'rk4-motornet'].includes(method)) return 'rk4-motornet';
  throw new RunFormatError(`${section.where}.method: expected euler or rk4, got ${describe(method)}`);
}

const boundNames = { pos_lower_bound: 'positionLower', pos_upper_bound: 'positionUpper', vel_lower_bound: 'velocityLower', vel_upper_bound: 'velocityUpper' };

/** The effector of one run: `scenario` is the metadata `case` (or a part of `config` like it), `run` one of `runs`, `custom` the metadata `custom_muscles`. */
export function effectorOf(scenario: Section, run: Section, custom: unknown): EffectorInput {
  const kwargs = scenario.section('effector_kwargs');
  const effector = scenario.string('effector', 'RigidTendonArm26');
  const compliant = effector === 'CompliantTendonArm26';
  const step = run.number('timestep', scenario.number('timestep', kwargs.number('timestep', compliant ? 0.0002 : 0.01)));
  const methods = [run, scenario].find((section) => section.entry('method') !== undefined) ?? run;
  const bounds = Object.entries(boundNames).flatMap(([key, name]) => {
    const value = [run, scenario, kwargs].map((section) => section.entry(key)).find((entry) => entry !== undefined && entry !== null);
    return value === undefined ? [] : [[name, value as number]];
  });
  const common = {
    timeStep: step,
    ministeps: run.number('n_ministeps', scenario.number('n_ministeps', kwargs.number('n_ministeps', 1))),
    integrator: methodOf(methods, kwargs.string('integration_method', compliant ? 'rk4' : 'euler')),
    damping: run.number('damping', scenario.number('damping', kwargs.number('damping', 0))),
    compat: 'motornet' as const,
    ...Object.fromEntries(bounds),
  };
  const isShipped = Object.hasOwn(shippedEffectors, effector);
  const preset = isShipped ? shippedEffectors[effector as keyof typeof shippedEffectors] : null;
  const muscle = preset?.muscle ?? muscleTypeOf(scenario.entry('muscle') ?? 'MujocoHillMuscle', scenario.where);
  const numbers = muscleNumbersOf(muscle, kwargs, scenario.section('muscle_cls'), scenario.section('muscle_build'), run.section('muscle_build'));
  const given = scenario.entry('skeleton');
  if (preset === null) {
    const skeleton = skeletonOf(given ?? {}, `${scenario.where}.skeleton`);
    if (!Array.isArray(custom)) throw new RunFormatError(`${scenario.where}: expected custom_muscles for effector ${effector}, got ${describe(custom)}`);
    const muscles = custom.map((value, index) => {
      const { section, muscle: path } = pathMuscleOf(value, skeleton, `custom_muscles.${index}`);
      return { ...path, ...(muscleNumbersOf(muscle, section.section('build')) as Partial<Record<MuscleNumber, number>>) };
    });
    // The table of the run is resolved already: one entry a muscle.
    for (const [name, value] of Object.entries(numbers)) {
      muscles.forEach((one, index) => {
        Object.assign(one, { [name]: Array.isArray(value) ? value[index] : value });
      });
    }
    return { effector: 'Custom', skeleton, muscle, muscles, ...common };
  }
  const mass = kwargs.entry('mass') ?? scenario.entry('mass');
  const skeleton =
    given !== undefined && given !== null
      ? skeletonOf(given, `${scenario.where}.skeleton`, preset.skeleton.type)
      : typeof mass === 'number'
        ? ({ type: 'PointMass', mass } as const)
        : undefined;
  return {
    effector,
    ...(preset.muscle === null ? { muscle } : {}),
    ...(skeleton ? { skeleton } : {}),
    muscleParameters: numbers,
    ...common,
  } as EffectorInput;
}
