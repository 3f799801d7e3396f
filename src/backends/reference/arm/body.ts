// A body as the twins see it: the two tables of src/backends/body-layout.ts read into names, every number in f64.
import {
  bodyNumber,
  bodyWord,
  geometryCode,
  geometryNumber,
  geometryRowCount,
  geometryStart,
  geometryStride,
  integratorCode,
  jointStateSize,
  muscleCode,
  muscleNumber,
  muscleRowCount,
  muscleStride,
  skeletonCode,
} from '../../body-layout.js';
import type { Values } from '../kernel.js';
import { compliantHill } from './compliant-hill.js';
import { mujocoHill } from './mujoco-hill.js';
import type { Muscle, MuscleParameters } from './muscle.js';
import { relu } from './relu.js';
import { rigidHill } from './rigid-hill.js';
import { thelen } from './thelen.js';

type Pair = readonly [number, number];

/** Constant and polynomial geometry of one muscle. */
export interface MuscleGeometry {
  readonly momentArm: Pair;
  readonly a0: number;
  readonly a1: Pair;
  readonly a2: Pair;
  readonly offset: Pair;
}

/** A point of a muscle's path: `on` 0 world, 1 upper arm (or the mass), 2 forearm; coordinates along and across that bone, m. */
export interface PathPoint {
  readonly on: number;
  readonly x: number;
  readonly y: number;
}

export interface BodyModel {
  readonly isArm: boolean;
  readonly muscle: Muscle;
  readonly geometry: 'constant' | 'polynomial' | 'paths';
  readonly integrator: 'euler' | 'rk4' | 'rk4-motornet';
  readonly ministeps: number;
  /** Seconds of a ministep. */
  readonly ministep: number;
  /** Seconds that the initial state of compliant muscles is advanced by. */
  readonly resetStep: number;
  readonly damping: number;
  readonly positionLower: Pair;
  readonly positionUpper: Pair;
  readonly velocityLower: Pair;
  readonly velocityUpper: Pair;
  readonly mass: number;
  readonly a11: number;
  readonly a12: number;
  readonly b11: number;
  readonly b12: number;
  readonly length1: number;
  readonly length2: number;
  readonly viscosity: number;
  /** Number of muscles M and rows R of a muscle's state. */
  readonly M: number;
  readonly R: number;
  readonly parameters: readonly MuscleParameters[];
  readonly geometries: readonly MuscleGeometry[];
  readonly points: readonly PathPoint[];
  /** First point of every muscle [M + 1]. */
  readonly firstPoint: readonly number[];
  /** Q5: the velocity of forearm points counts the shoulder's rate twice. */
  readonly motornetPathVelocity: boolean;
}

/** A body at one time: joint [4], muscle [R, M], geometry [4, M]. Also the shape of its cotangent. */
export interface BodyState {
  readonly joint: Float64Array;
  readonly muscle: Float64Array;
  readonly geometry: Float64Array;
}

/** What acts on a body through one time step: commands (clamped) [M], end-point load [2] and joint load [2]. Also the shape of its cotangent. */
export interface Drive {
  readonly command: Float64Array;
  readonly endpointLoad: Float64Array;
  readonly jointLoad: Float64Array;
}

const muscles: Readonly<Record<number, Muscle>> = {
  [muscleCode.relu]: relu,
  [muscleCode.mujocoHill]: mujocoHill,
  [muscleCode.rigidHill]: rigidHill,
  [muscleCode.thelen]: thelen,
  [muscleCode.compliantHill]: compliantHill,
};
const geometries: Readonly<Record<number, BodyModel['geometry']>> = {
  [geometryCode.constant]: 'constant',
  [geometryCode.polynomial]: 'polynomial',
  [geometryCode.paths]: 'paths',
};
const integrators: Readonly<Record<number, BodyModel['integrator']>> = {
  [integratorCode.euler]: 'euler',
  [integratorCode.rk4]: 'rk4',
  [integratorCode.rk4Motornet]: 'rk4-motornet',
};

/** Reads both tables; `checkBody` (body-check.ts) has found them sound. */
export function readBody(layout: Values, table: Values): BodyModel {
  const number = (index: number) => table[index];
  const pair = (index: number): Pair => [table[index], table[index + 1]];
  const M = layout[bodyWord.muscles];
  const code = layout[bodyWord.muscle];
  const ministeps = layout[bodyWord.ministeps];
  const usesPaths = geometries[layout[bodyWord.geometry]] === 'paths';
  const start = geometryStart(M);
  const each = Array.from({ length: M }, (_, m) => m);
  const firstPoint = usesPaths ? Array.from(layout.subarray(bodyWord.paths, bodyWord.paths + M + 1)) : [];
  const bodies = bodyWord.paths + M + 1;
  return {
    isArm: layout[bodyWord.skeleton] === skeletonCode.arm,
    muscle: muscles[code],
    geometry: geometries[layout[bodyWord.geometry]],
    integrator: integrators[layout[bodyWord.integrator]],
    ministeps,
    ministep: number(bodyNumber.timeStep) / ministeps,
    resetStep: number(bodyNumber.resetStep),
    damping: number(bodyNumber.damping),
    positionLower: pair(bodyNumber.positionLower),
    positionUpper: pair(bodyNumber.positionUpper),
    velocityLower: pair(bodyNumber.velocityLower),
    velocityUpper: pair(bodyNumber.velocityUpper),
    mass: number(bodyNumber.mass),
    a11: number(bodyNumber.a11),
    a12: number(bodyNumber.a12),
    b11: number(bodyNumber.b11),
    b12: number(bodyNumber.b12),
    length1: number(bodyNumber.length1),
    length2: number(bodyNumber.length2),
    viscosity: number(bodyNumber.viscosity),
    M,
    R: muscleRowCount(code),
    parameters: each.map((m) => readMuscle(table, bodyNumber.muscles + m * muscleStride)),
    geometries: usesPaths ? [] : each.map((m) => readGeometry(table, start + m * geometryStride)),
    points: usesPaths
      ? Array.from({ length: layout[bodyWord.points] }, (_, n) => ({ on: layout[bodies + n], x: table[start + 2 * n], y: table[start + 2 * n + 1] }))
      : [],
    firstPoint,
    motornetPathVelocity: layout[bodyWord.motornetPathVelocity] !== 0,
  };
}

function readMuscle(table: Values, at: number): MuscleParameters {
  const names = Object.keys(muscleNumber) as (keyof typeof muscleNumber)[];
  return Object.fromEntries(names.map((name) => [name, table[at + muscleNumber[name]]])) as unknown as MuscleParameters;
}

function readGeometry(table: Values, at: number): MuscleGeometry {
  const pair = (index: number): Pair => [table[at + index], table[at + index + 1]];
  return {
    momentArm: pair(geometryNumber.momentArm),
    a0: table[at + geometryNumber.a0],
    a1: pair(geometryNumber.a1),
    a2: pair(geometryNumber.a2),
    offset: pair(geometryNumber.offset),
  };
}

/** A state of zeros: what cotangents start from. */
export function zeroState({ M, R }: BodyModel): BodyState {
  return { joint: new Float64Array(jointStateSize), muscle: new Float64Array(R * M), geometry: new Float64Array(geometryRowCount * M) };
}

/** A drive of zeros: what cotangents start from. */
export function zeroDrive({ M }: BodyModel): Drive {
  return { command: new Float64Array(M), endpointLoad: new Float64Array(2), jointLoad: new Float64Array(2) };
}
