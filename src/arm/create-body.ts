// createBody: options of an effector → the tables that kernels read (src/backends/body-layout.ts).
import {
  bodyNumber,
  bodyTableLength,
  bodyWord,
  geometryCode,
  geometryNumber,
  geometryStart,
  geometryStride,
  integratorCode,
  muscleNumber,
  muscleStride,
  skeletonCode,
} from '../backends/body-layout.js';
import { ConfigError } from '../errors.js';
import type { Body } from './body.js';
import { type BodyDescription, describeBody, pairOf } from './describe-body.js';
import type { Geometry, PathPoint } from './effectors.js';
import { muscleKinds } from './muscles.js';
import { type EffectorInput, effectorOptions, type MuscleNumber, type SkeletonOptions } from './options.js';
import { effectorProblems } from './problems.js';

const integrators = { euler: integratorCode.euler, rk4: integratorCode.rk4, 'rk4-motornet': integratorCode.rk4Motornet } as const;

/** Where each number of a muscle stands in its part of the table, and what fills it for muscles that do not have it. */
const muscleEntries: readonly (readonly [MuscleNumber, number, number])[] = [
  ['minimumActivation', muscleNumber.minimumActivation, 0],
  ['activationTime', muscleNumber.activationTime, 0],
  ['deactivationTime', muscleNumber.deactivationTime, 0],
  ['maximumForce', muscleNumber.maximumForce, 0],
  ['optimalLength', muscleNumber.optimalLength, 1], // Relu: proprioception divides by it
  ['tendonLength', muscleNumber.tendonLength, 0],
  ['slack', muscleNumber.slack, 0],
  ['minimumLength', muscleNumber.minimumLength, 0],
  ['maximumLength', muscleNumber.maximumLength, 0],
  ['maximumForceVelocity', muscleNumber.maximumForceVelocity, 0],
  ['passiveForces', muscleNumber.passiveForces, 0],
];

/** Fibre lengths a second that Hill and Thelen muscles can shorten by. */
const hillVelocity = 10;

/**
 * A body from what a person wrote; every default filled in. `body.options` makes the same body again. Throws ConfigError that names every problem at
 * once: numbers that are not positive, limits the wrong way round, a muscle with fewer than two path points or on a body that the skeleton lacks, ….
 */
export function createBody(input: EffectorInput): Body {
  const problems = effectorProblems(input);
  if (problems.length > 0) throw new ConfigError('createBody', problems);
  const description = describeBody(effectorOptions.parse(input));
  const { options, skeleton, names, muscle, geometry } = description;
  const paths = geometry.kind === 'paths' ? geometry.paths : [];
  return {
    options,
    name: options.effector,
    skeleton: skeleton.type === 'PointMass' ? 'pointMass' : 'arm',
    timeStep: options.timeStep as number,
    muscles: names.length,
    muscleNames: names,
    muscleRows: muscleKinds[muscle].rows,
    points: paths.reduce((sum, path) => sum + path.length, 0),
    positionLower: pairOf(options.positionLower as [number, number]),
    positionUpper: pairOf(options.positionUpper as [number, number]),
    velocityLower: pairOf(options.velocityLower),
    velocityUpper: pairOf(options.velocityUpper),
    toJSON: () => options,
    layout: layoutOf(description),
    table: tableOf(description),
  };
}

/** `body_layout` [K]. */
function layoutOf({ skeleton, muscle, geometry, names, options }: BodyDescription): Int32Array {
  const paths = geometry.kind === 'paths' ? geometry.paths : [];
  const starts = [0];
  for (const path of paths) starts.push((starts.at(-1) as number) + path.length);
  const bodies = paths.flatMap((path) => path.map(({ body }) => bodyIndex(body)));
  const words = new Int32Array(bodyWord.paths + (paths.length > 0 ? starts.length + bodies.length : 0));
  words[bodyWord.skeleton] = skeleton.type === 'PointMass' ? skeletonCode.pointMass : skeletonCode.arm;
  words[bodyWord.muscle] = muscleKinds[muscle].code;
  words[bodyWord.geometry] = geometryCode[geometry.kind];
  words[bodyWord.integrator] = integrators[options.integrator ?? 'euler'];
  words[bodyWord.ministeps] = options.ministeps as number;
  words[bodyWord.muscles] = names.length;
  words[bodyWord.points] = bodies.length;
  words[bodyWord.motornetPathVelocity] = options.compat === 'motornet' ? 1 : 0;
  if (paths.length > 0) words.set([...starts, ...bodies], bodyWord.paths);
  return words;
}

/** 0 world, 1 upper arm or point mass, 2 forearm. */
function bodyIndex(body: PathPoint['body']): number {
  return body === 'world' ? 0 : body === 'forearm' ? 2 : 1;
}

/** `body` [Q], in f64: backends that compute in f32 round it once. */
function tableOf({ skeleton, muscle, numbers, geometry, names, resetStep, options }: BodyDescription): Float64Array {
  const points = geometry.kind === 'paths' ? geometry.paths.flat() : [];
  const table = new Float64Array(bodyTableLength(names.length, points.length));
  table[bodyNumber.timeStep] = options.timeStep as number;
  table[bodyNumber.damping] = options.damping;
  table[bodyNumber.resetStep] = resetStep;
  table.set(pairOf(options.positionLower as [number, number]), bodyNumber.positionLower);
  table.set(pairOf(options.positionUpper as [number, number]), bodyNumber.positionUpper);
  table.set(pairOf(options.velocityLower), bodyNumber.velocityLower);
  table.set(pairOf(options.velocityUpper), bodyNumber.velocityUpper);
  writeSkeleton(table, skeleton);
  for (let index = 0; index < names.length; index++) {
    const start = bodyNumber.muscles + index * muscleStride;
    for (const [name, at, absent] of muscleEntries) table[start + at] = numbers[name]?.[index] ?? absent;
    const velocity = muscle === 'Relu' ? 1 : (numbers.maximumVelocity?.[index] ?? hillVelocity * (numbers.optimalLength?.[index] as number));
    table[start + muscleNumber.maximumVelocity] = velocity;
  }
  writeGeometry(table.subarray(geometryStart(names.length)), geometry);
  return table;
}

function writeSkeleton(table: Float64Array, skeleton: SkeletonOptions): void {
  if (skeleton.type === 'PointMass') {
    table[bodyNumber.mass] = skeleton.mass;
    return;
  }
  const { mass1, mass2, centreOfMass1, centreOfMass2, inertia1, inertia2, length1, length2, viscosity } = skeleton;
  table[bodyNumber.mass] = 1; // the arm's acceleration needs no division
  table[bodyNumber.a11] = mass1 * centreOfMass1 ** 2 + inertia1 + mass2 * (centreOfMass2 ** 2 + length1 ** 2) + inertia2;
  table[bodyNumber.a12] = mass2 * centreOfMass2 ** 2 + inertia2;
  table[bodyNumber.b11] = 2 * mass2 * length1 * centreOfMass2;
  table[bodyNumber.b12] = mass2 * length1 * centreOfMass2;
  table[bodyNumber.length1] = length1;
  table[bodyNumber.length2] = length2;
  table[bodyNumber.viscosity] = viscosity;
}

function writeGeometry(table: Float64Array, geometry: Geometry): void {
  switch (geometry.kind) {
    case 'constant':
      geometry.momentArms.forEach((arms, muscle) => {
        table.set(arms, muscle * geometryStride + geometryNumber.momentArm);
      });
      return;
    case 'polynomial':
      geometry.polynomials.forEach(({ constant, linear, quadratic, offset }, muscle) => {
        const start = muscle * geometryStride;
        table.set(linear, start + geometryNumber.a1);
        table.set(quadratic, start + geometryNumber.a2);
        table[start + geometryNumber.a0] = constant;
        table.set(offset, start + geometryNumber.offset);
      });
      return;
    case 'paths':
      geometry.paths.flat().forEach(({ at }, point) => {
        table.set(at, 2 * point);
      });
  }
}
