// The effectors that MotorNet ships, as data: skeleton, muscles with their numbers and geometry, limits (Codol et al. 2024, doi:10.7554/eLife.88591).
// The six-muscle arm: Nijhof & Kouwenhoven 2000, doi:10.1007/978-1-4612-2104-3_25, and Kistemaker, Wong & Gribble 2010, doi:10.1152/jn.00546.2009.
import type { EffectorOptions, MuscleType, SkeletonOptions } from './options.js';

export type Pair = readonly [number, number];

/** One muscle's length as a second-order polynomial of the joint angles: `constant + Σ_j (linear_j + quadratic_j x_j) x_j`, x = q − offset. */
export interface Polynomial {
  readonly constant: number;
  readonly linear: Pair;
  readonly quadratic: Pair;
  readonly offset: Pair;
}

export interface PathPoint {
  readonly body: 'world' | 'upperArm' | 'forearm' | 'mass';
  readonly at: Pair;
}

/** Geometry of all muscles; one kind for a whole body. */
export type Geometry =
  | { readonly kind: 'constant'; readonly momentArms: readonly Pair[] }
  | { readonly kind: 'polynomial'; readonly polynomials: readonly Polynomial[] }
  | { readonly kind: 'paths'; readonly paths: readonly (readonly PathPoint[])[] };

/** What a shipped effector fixes; everything else comes from options and the muscle type. */
export interface ShippedEffector {
  readonly skeleton: SkeletonOptions;
  /** Types of skeleton that may stand in instead. */
  readonly skeletonTypes: readonly SkeletonOptions['type'][];
  /** The only muscle type, or null where the options choose. */
  readonly muscle: MuscleType | null;
  readonly names: readonly string[];
  readonly geometry: Geometry;
  readonly maximumForce: readonly number[];
  /** Null: the user must say for muscles that have it. */
  readonly optimalLength: readonly number[] | null;
  readonly tendonLength: readonly number[] | null;
  readonly positionLower: Pair;
  readonly positionUpper: Pair;
}

export const degrees = (angle: number): number => (angle * Math.PI) / 180;

const pointMass: SkeletonOptions = { type: 'PointMass', mass: 1 };
const arm26: SkeletonOptions = {
  type: 'TwoDofArm',
  mass1: 1.82,
  mass2: 1.43,
  centreOfMass1: 0.135,
  centreOfMass2: 0.165,
  inertia1: 0.051,
  inertia2: 0.057,
  length1: 0.309,
  length2: 0.333,
  viscosity: 0,
};

/** Position limits of a bare skeleton. */
export function skeletonLimits(type: SkeletonOptions['type']): { positionLower: Pair; positionUpper: Pair } {
  return type === 'PointMass' ? { positionLower: [-1, -1], positionUpper: [1, 1] } : { positionLower: [0, 0], positionUpper: [degrees(140), degrees(160)] };
}

const armLimits = { positionLower: [0, 0], positionUpper: [degrees(135), degrees(155)] } as const;

// Shoulder, elbow: linear (m/rad), quadratic (m/rad²), around shoulder π/2, elbow 0.
const momentArms26: readonly { linear: Pair; quadratic: Pair }[] = [
  { linear: [-0.03, 0], quadratic: [0, 0] },
  { linear: [0.03, 0], quadratic: [0, 0] },
  { linear: [0, -0.014], quadratic: [0, -0.004] },
  { linear: [0, 0.025], quadratic: [0, -0.0022] },
  { linear: [-0.03, -0.016], quadratic: [0, -0.0057] },
  { linear: [0.03, 0.03], quadratic: [0, -0.0032] },
];
const muscles26 = (constants: readonly number[], tendonLength: readonly number[]) => ({
  skeleton: arm26,
  skeletonTypes: ['TwoDofArm'] as const,
  names: ['pectoralis', 'deltoid', 'brachioradialis', 'tricepslat', 'biceps', 'tricepslong'],
  geometry: {
    kind: 'polynomial' as const,
    polynomials: momentArms26.map((arms, muscle) => ({ constant: constants[muscle] as number, ...arms, offset: [Math.PI / 2, 0] as const })),
  },
  maximumForce: [838, 1207, 1422, 1549, 414, 603],
  optimalLength: [0.134, 0.14, 0.092, 0.093, 0.137, 0.127],
  tendonLength,
  ...armLimits,
});

const fourForces = [1000, 1000, 1000, 1000];
const anySkeleton = ['PointMass', 'TwoDofArm'] as const;

export const shippedEffectors: Readonly<Record<Exclude<EffectorOptions['effector'], 'Custom'>, ShippedEffector>> = {
  ReluPointMass24: {
    skeleton: pointMass,
    skeletonTypes: ['PointMass'],
    muscle: 'Relu',
    names: ['UpperRight', 'UpperLeft', 'LowerRight', 'LowerLeft'],
    geometry: {
      kind: 'paths',
      paths: (
        [
          [2, 2],
          [-2, 2],
          [2, -2],
          [-2, -2],
        ] as const
      ).map((at) => [
        { body: 'world', at },
        { body: 'mass', at: [0, 0] },
      ]),
    },
    maximumForce: [500, 500, 500, 500],
    optimalLength: null,
    tendonLength: null,
    positionLower: [-1, -1],
    positionUpper: [1, 1],
  },
  FreePointMass24: {
    skeleton: pointMass,
    skeletonTypes: anySkeleton,
    muscle: null,
    names: ['r', 'u', 'l', 'd'],
    geometry: {
      kind: 'constant',
      momentArms: [
        [-1, 0],
        [0, -1],
        [1, 0],
        [0, 1],
      ],
    },
    maximumForce: fourForces,
    optimalLength: null,
    tendonLength: null,
    positionLower: [-0.6, -0.6],
    positionUpper: [0.6, 0.6],
  },
  Reacher: {
    skeleton: arm26,
    skeletonTypes: anySkeleton,
    muscle: null,
    names: ['sf', 'se', 'ef', 'ee'],
    geometry: {
      kind: 'constant',
      momentArms: [
        [-1, 0],
        [1, 0],
        [0, -1],
        [0, 1],
      ],
    },
    maximumForce: fourForces,
    optimalLength: null,
    tendonLength: null,
    ...armLimits,
  },
  RigidTendonArm26: { muscle: null, ...muscles26([0.151, 0.2322, 0.2859, 0.2355, 0.3329, 0.2989], [0.039, 0.066, 0.172, 0.187, 0.204, 0.217]) },
  CompliantTendonArm26: {
    muscle: 'CompliantTendonHill',
    ...muscles26([0.182, 0.2362, 0.2859, 0.2355, 0.3329, 0.2989], [0.07, 0.07, 0.172, 0.187, 0.204, 0.217]),
  },
};
