// Bodies and their states for the cases of the effector kernels: every skeleton, geometry, muscle and integrator on few trials, and the shipped arm.
import type { Body } from '../../src/arm/body.js';
import { createBody } from '../../src/arm/create-body.js';
import type { EffectorInput } from '../../src/arm/options.js';
import { bodyNumber, muscleNumber, muscleStride } from '../../src/backends/body-layout.js';
import { bodyNames, type Common, integrators, isCompliant, muscleTypes, rowCount, testBody } from './bodies.js';
import type { CaseArgument, Tolerance } from './cases.js';
import { normals, uniforms } from './values.js';

export interface BodyCase {
  readonly name: string;
  readonly body: Body;
  /** Trials: around a tile of 8. */
  readonly B: number;
  readonly seed: number;
}

const batches = [3, 8, 1, 9, 7, 19];

/** Compliant tendons are stiff. */
const stepOf = (muscle: string): Common => (muscle === 'CompliantTendonHill' ? { timeStep: 0.0006, ministeps: 2 } : { timeStep: 0.01 });

/** Every skeleton with every geometry, muscle and integrator; paths with both velocities in turn. */
export const everyBody: readonly BodyCase[] = bodyNames.flatMap((skeleton, s) =>
  muscleTypes.flatMap((muscle, m) =>
    integrators.map((integrator, i) => {
      const index = s + m + i;
      const compat = index % 2 === 0 ? 'none' : 'motornet';
      const options: Common = { ...stepOf(muscle), integrator, damping: 0.1 * (index % 3), compat };
      return { name: `${skeleton}, ${muscle}, ${integrator}`, body: testBody(skeleton, muscle, options), B: batches[index % batches.length], seed: index };
    }),
  ),
);

/** Effectors as they are shipped, whose forces are a thousand newtons. */
const shipped: readonly EffectorInput[] = [
  { effector: 'RigidTendonArm26', muscle: 'MujocoHill' },
  { effector: 'RigidTendonArm26', muscle: 'RigidTendonHill', integrator: 'rk4', ministeps: 3 },
  { effector: 'CompliantTendonArm26' },
  { effector: 'ReluPointMass24' },
  { effector: 'Reacher', muscle: 'Relu', ministeps: 2, integrator: 'rk4-motornet' },
];

export const shippedBodies: readonly BodyCase[] = shipped.map((input, seed) => ({
  name: `${input.effector}${input.ministeps ? `, ${input.ministeps} ministeps` : ''}`,
  body: createBody(input),
  B: batches[seed + 1],
  seed: 70 + seed,
}));

/** Joint states [B, 4] inside the limits, with rates of about one a second. */
export function jointStates({ body, B, seed }: BodyCase): Float32Array {
  const place = uniforms(2 * B, seed, 'joint', 0.15, 0.85);
  const rate = normals(2 * B, seed, 'rate', 0.8);
  return Float32Array.from({ length: 4 * B }, (_, k) => {
    const [b, j] = [k >> 2, k & 3];
    if (j > 1) return rate[2 * b + j - 2];
    return body.positionLower[j] + (body.positionUpper[j] - body.positionLower[j]) * place[2 * b + j];
  });
}

/** A number of muscle m in the body's table. */
function parameter({ table }: Body, m: number, name: keyof typeof muscleNumber): number {
  return table[bodyNumber.muscles + m * muscleStride + muscleNumber[name]];
}

/** Geometry [B, 4, M] and muscle states [B, R, M] of any kind, not at rest and not of one joint state: fibres of 0.6 to 1.3 optimal lengths. */
export function looseStates({ body, B, seed }: BodyCase): { geometry: CaseArgument; muscle: CaseArgument } {
  const { muscles: M } = body;
  const R = rowCount(body);
  const fibre = uniforms(B * M, seed, 'fibre', 0.6, 1.3);
  const activation = uniforms(B * M, seed, 'activation', 0.02, 0.98);
  const force = uniforms(B * M, seed, 'force');
  const more = normals(B * 4 * M, seed, 'geometry');
  const geometry = new Float32Array(B * 4 * M);
  const muscle = new Float32Array(B * R * M);
  for (let b = 0; b < B; b++) {
    for (let m = 0; m < M; m++) {
      const k = b * M + m;
      const optimal = parameter(body, m, 'optimalLength');
      const tendon = parameter(body, m, 'tendonLength') * (isCompliant(body) ? 1.02 : 1);
      const put = (row: number, value: number) => (muscle[(b * R + row) * M + m] = value);
      for (let row = 0; row < 4; row++) {
        const value = more[(b * 4 + row) * M + m];
        geometry[(b * 4 + row) * M + m] = row === 0 ? tendon + fibre[k] * optimal : row === 1 ? 0.2 * value : 0.04 * value;
      }
      for (let row = 1; row < R - 1; row++) put(row, 0.3);
      put(0, activation[k]);
      put(R - 1, force[k] * parameter(body, m, 'maximumForce'));
      if (!isCompliant(body)) continue;
      put(1, fibre[k] * optimal);
      put(5, 0.8 * force[k]);
    }
  }
  return { geometry: { shape: [B, 4, M], data: geometry }, muscle: { shape: [B, R, M], data: muscle } };
}

/** Gradients of an array of muscle states [.., R, M]: those of forces a fiftieth, forces being larger numbers. */
export function muscleWeights(body: Body, shape: readonly number[], seed: number): CaseArgument {
  const [R, M] = [rowCount(body), body.muscles];
  const data = normals(
    shape.reduce((product, n) => product * n, 1),
    seed,
    'muscle weights',
  );
  return { shape, data: data.map((w, k) => (Math.floor(k / M) % R === R - 1 ? w / 50 : w)) };
}

const bodyTolerance: Tolerance = {
  atol: 1e-5,
  rtol: 1e-5,
  rtolOfMax: 3e-6,
  reason: 'some tens of f32 roundings a step and sines within 1.5e-7, in another order than the f64 reference; rows of other units share an array',
};

/** Stiff fibres: velocities at rest hang on the difference of two nearly equal lengths. The golden files bound them more tightly, row by row. */
const compliantTolerance: Tolerance = {
  atol: 1e-4,
  rtol: 1e-3,
  rtolOfMax: 2e-5,
  reason:
    'a tendon strained by 1 % turns a rounding of the fibre length into 1e-5 of its force, and a small difference of forces is divided by the slope of a steep curve',
};
const compliantGradientTolerance: Tolerance = {
  ...compliantTolerance,
  rtol: 2e-3,
  rtolOfMax: 5e-4,
  reason: 'as the velocities; the root of the force-velocity relation has a steep slope, and f32 gradients through it are known to be off by up to 2e-3',
};

/** Bounds of a case; with `gradient`, of the reverse. */
export function toleranceOf(body: Body, gradient = false): Tolerance {
  if (!isCompliant(body)) return bodyTolerance;
  return gradient ? compliantGradientTolerance : compliantTolerance;
}
