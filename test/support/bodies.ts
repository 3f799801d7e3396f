// Bodies for tests: every skeleton, geometry and muscle, small enough for finite differences. Made by createBody, as a user's are.
import type { Body } from '../../src/arm/body.js';
import { createBody } from '../../src/arm/create-body.js';
import { type EffectorInput, type MuscleType, muscleTypes } from '../../src/arm/options.js';
import { muscleCode, muscleRowCount } from '../../src/backends/body-layout.js';
import type { CaseArgument } from './cases.js';

export { muscleTypes };
export const integrators = ['euler', 'rk4', 'rk4-motornet'] as const;

/** What a test may set of any body. */
export type Common = Pick<
  EffectorInput,
  'timeStep' | 'ministeps' | 'integrator' | 'damping' | 'positionLower' | 'positionUpper' | 'velocityLower' | 'velocityUpper' | 'compat'
>;

/** Fibres and tendons that suit the lengths of the two path bodies below. */
const armFibres = { maximumForce: [60, 45, 30], optimalLength: [0.13, 0.11, 0.16], tendonLength: [0.05, 0.04, 0.12] };
const massFibres = { maximumForce: [20, 15, 25], optimalLength: [0.5, 0.6, 0.45], tendonLength: [0.9, 0.8, 0.75] };

const skeletons = {
  'path arm': {
    skeleton: { type: 'TwoDofArm', viscosity: 0.05 },
    muscles: [
      {
        points: [
          { body: 'world', at: [-0.15, 0.03] },
          { body: 'upperArm', at: [0.093, 0.017] },
        ],
      },
      {
        points: [
          { body: 'upperArm', at: [0.16, 0.015] },
          { body: 'forearm', at: [0.05, 0.018] },
        ],
      },
      {
        points: [
          { body: 'world', at: [-0.05, 0.02] },
          { body: 'upperArm', at: [0.03, 0.03] },
          { body: 'upperArm', at: [0.29, 0.024] },
          { body: 'forearm', at: [0.043, 0.012] },
        ],
      },
    ],
    fibres: armFibres,
  },
  'polynomial arm': {
    skeleton: { type: 'TwoDofArm' },
    muscles: [
      { polynomial: { constant: 0.18, linear: [-0.03, 0.01], quadratic: [0.004, 0.002], offset: [1.5, 0] } },
      { polynomial: { constant: 0.15, linear: [0.02, -0.015], quadratic: [0, -0.004], offset: [1.5, 0] } },
      { polynomial: { constant: 0.28, linear: [0.03, 0.02], quadratic: [-0.003, 0], offset: [0, 1] } },
    ],
    fibres: armFibres,
  },
  'constant arm': {
    skeleton: { type: 'TwoDofArm', viscosity: 0.02 },
    muscles: [{ momentArms: [-0.04, 0.02] }, { momentArms: [0.03, -0.03] }, { momentArms: [0.02, 0.02] }],
    fibres: armFibres,
  },
  'path mass': {
    skeleton: { type: 'PointMass', mass: 1.7 },
    muscles: [
      {
        points: [
          { body: 'world', at: [1, 1] },
          { body: 'mass', at: [0.05, 0] },
        ],
      },
      {
        points: [
          { body: 'world', at: [-1.1, 0.9] },
          { body: 'mass', at: [0, -0.04] },
        ],
      },
      {
        points: [
          { body: 'world', at: [0.3, -1.5] },
          { body: 'world', at: [0.1, -1.2] },
          { body: 'mass', at: [0, 0] },
        ],
      },
    ],
    fibres: massFibres,
  },
  'constant mass': {
    skeleton: { type: 'PointMass', mass: 0.6 },
    muscles: [{ momentArms: [-1, 0.2] }, { momentArms: [0.5, -0.8] }, { momentArms: [0.6, 0.7] }],
    fibres: { maximumForce: [3, 2, 4], optimalLength: [0.2, 0.2, 0.2], tendonLength: [0.1, 0.1, 0.1] },
  },
} as const;

export type BodyName = keyof typeof skeletons;
export const bodyNames = Object.keys(skeletons) as BodyName[];

/** A body of three muscles. */
export function testBody(name: BodyName, muscle: MuscleType, common: Common = {}): Body {
  const { skeleton, muscles, fibres } = skeletons[name];
  const { maximumForce, ...lengths } = fibres;
  const muscleParameters = muscle === 'Relu' ? { maximumForce } : { maximumForce, ...lengths };
  return createBody(structuredClone({ effector: 'Custom', skeleton, muscle, muscles, muscleParameters, ...common }) as unknown as EffectorInput);
}

/** Rows R of the muscle state of a body. */
export function rowCount(body: Body): number {
  return muscleRowCount(body.layout[1]);
}

export function isCompliant(body: Body): boolean {
  return body.layout[1] === muscleCode.compliantHill;
}

/** The two tables of a body as arguments of a case. */
export function bodyArguments(body: Body): { body_layout: CaseArgument; body: CaseArgument } {
  return { body_layout: { shape: [body.layout.length], data: body.layout }, body: { shape: [body.table.length], data: body.table } };
}
