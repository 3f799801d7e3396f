// Cases of effector_rollout_forward: every skeleton, geometry, muscle and integrator through a few steps, loads and optional outputs in turn; the shipped effectors. effector_rollout_backward builds on them.
import { bodyArguments, rowCount } from '../support/bodies.js';
import type { CaseArgument, KernelCase } from '../support/cases.js';
import { type BodyCase, everyBody, jointStates, shippedBodies, toleranceOf } from '../support/effector-cases.js';
import { normals, uniforms } from '../support/values.js';

export interface RolloutBody extends BodyCase {
  readonly T: number;
}

export const rolloutBodies: readonly RolloutBody[] = [
  ...everyBody.filter((_, i) => i % 2 === 0).map((from, i) => ({ ...from, T: [1, 2, 5][i % 3] })),
  ...shippedBodies.map((from) => ({ ...from, T: 4 })),
  { ...shippedBodies[0], name: 'RigidTendonArm26, three tiles and a remainder, many steps', B: 29, T: 30 },
];

/** What drives a rollout: endpoint loads, joint loads, both or neither in turn. */
export function rolloutArguments(from: RolloutBody, index: number): Record<string, CaseArgument | null> {
  const { body, B, T, seed } = from;
  const M = body.muscles;
  return {
    ...bodyArguments(body),
    actions: { shape: [B, T, M], data: uniforms(B * T * M, seed, 'actions', -0.1, 1.1) },
    endpoint_load: index % 4 === 0 || index % 4 === 3 ? { shape: [B, T, 2], data: normals(2 * B * T, seed, 'endpoint load') } : null,
    joint_load: index % 4 === 1 || index % 4 === 3 ? { shape: [B, T, 2], data: normals(2 * B * T, seed, 'joint load', 0.3) } : null,
  };
}

export function forwardCase(from: RolloutBody, index: number): KernelCase {
  const { name, body, B, T, seed } = from;
  const M = body.muscles;
  const N = T + 1;
  return {
    kernel: 'effector_rollout_forward',
    name: `${name}, ${T} steps`,
    seed,
    args: {
      ...rolloutArguments(from, index),
      joint0: { shape: [B, 4], data: jointStates(from) },
      joint: { shape: [B, N, 4] },
      muscle: { shape: [B, N, rowCount(body), M] },
      cartesian: index % 3 === 2 ? null : { shape: [B, N, 4] },
      geometry: index % 5 === 4 ? null : { shape: [B, N, 4, M] },
    },
    tolerance: toleranceOf(body),
  };
}

export const cases: readonly KernelCase[] = rolloutBodies.map(forwardCase);
