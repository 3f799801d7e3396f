// Cases of effector_rollout_backward: those of effector_rollout_forward, each after its forward pass, with all gradients or without some.
import { rowCount } from '../support/bodies.js';
import type { CaseArgument, KernelCase } from '../support/cases.js';
import { muscleWeights, toleranceOf } from '../support/effector-cases.js';
import { normals } from '../support/values.js';
import { forwardCase, rolloutArguments, rolloutBodies } from './effector_rollout_forward.js';

const outputs = ['d_joint', 'd_muscle', 'd_cartesian', 'd_geometry'];

export const cases: readonly KernelCase[] = rolloutBodies.map((from, i) => {
  const { name, body, B, T, seed } = from;
  const M = body.muscles;
  const N = T + 1;
  const given: Record<string, CaseArgument | null> = {
    d_joint: { shape: [B, N, 4], data: normals(4 * B * N, seed, 'd_joint') },
    d_muscle: muscleWeights(body, [B, N, rowCount(body), M], seed),
    d_cartesian: { shape: [B, N, 4], data: normals(4 * B * N, seed, 'd_cartesian') },
    d_geometry: { shape: [B, N, 4, M], data: normals(4 * B * N * M, seed, 'd_geometry') },
  };
  const missing = outputs[i % 6];
  if (missing) given[missing] = null;
  return {
    kernel: 'effector_rollout_backward',
    name: `${name}, ${T} steps${missing ? `, without ${missing}` : ''}`,
    seed,
    before: forwardCase(from, i),
    args: {
      ...rolloutArguments(from, i),
      ...given,
      d_actions: { shape: [B, T, M] },
      d_joint0: { shape: [B, 4] },
      d_endpoint_load: i % 3 === 0 ? null : { shape: [B, T, 2] },
      d_joint_load: i % 3 === 1 ? null : { shape: [B, T, 2] },
    },
    tolerance: toleranceOf(body, true),
  };
});
