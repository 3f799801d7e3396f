// Cases of effector_step: every skeleton, geometry, muscle and integrator from states of any kind, with and without loads and rates; limits; the shipped effectors.
import { bodyArguments, isCompliant, rowCount, testBody } from '../support/bodies.js';
import type { CaseArgument, KernelCase } from '../support/cases.js';
import { type BodyCase, everyBody, jointStates, looseStates, shippedBodies, toleranceOf } from '../support/effector-cases.js';
import { normals, uniforms } from '../support/values.js';

/** Fast joints next to their limits, which some of them pass within the step. */
const limited: readonly BodyCase[] = (['euler', 'rk4', 'rk4-motornet'] as const).map((integrator, i) => ({
  name: `joints at their limits, ${integrator}`,
  body: testBody('polynomial arm', 'MujocoHill', { integrator, positionLower: [0.8, 0.9], positionUpper: [0.82, 0.92] }),
  B: 17,
  seed: 80 + i,
}));

export const stepBodies: readonly BodyCase[] = [...everyBody, ...limited, ...shippedBodies];

/** Where a step starts, and what drives it: every third case lacks loads, the others one or both. */
export function stepArguments(from: BodyCase, index: number): Record<string, CaseArgument | null> {
  const { body, B, seed } = from;
  return {
    ...bodyArguments(body),
    action: { shape: [B, body.muscles], data: uniforms(B * body.muscles, seed, 'action', -0.2, 1.2) },
    joint: { shape: [B, 4], data: jointStates(from) },
    ...looseStates(from),
    endpoint_load: index % 3 === 0 ? null : { shape: [B, 2], data: normals(2 * B, seed, 'endpoint load', 2) },
    joint_load: index % 3 === 1 ? null : { shape: [B, 2], data: normals(2 * B, seed, 'joint load') },
  };
}

export const cases: readonly KernelCase[] = stepBodies.map((from, i) => {
  const { name, body, B, seed } = from;
  const M = body.muscles;
  const R = rowCount(body);
  return {
    kernel: 'effector_step',
    name,
    seed,
    args: {
      ...stepArguments(from, i),
      next_joint: { shape: [B, 4] },
      next_muscle: { shape: [B, R, M] },
      next_geometry: { shape: [B, 4, M] },
      next_cartesian: { shape: [B, 4] },
      acceleration: i % 4 === 3 ? null : { shape: [B, 2] },
      muscle_rate: i % 5 === 4 ? null : { shape: [B, isCompliant(body) ? 2 : 1, M] },
    },
    tolerance: toleranceOf(body),
  };
});
