// Cases of effector_step_backward: those of effector_step, with gradients of all outputs, or without one of them or some results.
import { rowCount } from '../support/bodies.js';
import type { CaseArgument, KernelCase } from '../support/cases.js';
import { muscleWeights, toleranceOf } from '../support/effector-cases.js';
import { normals } from '../support/values.js';
import { stepArguments, stepBodies } from './effector_step.js';

const outputs = ['d_next_joint', 'd_next_muscle', 'd_next_geometry', 'd_next_cartesian', 'd_acceleration'];

export const cases: readonly KernelCase[] = stepBodies.map((from, i) => {
  const { name, body, B, seed } = from;
  const M = body.muscles;
  const R = rowCount(body);
  const weights = (purpose: string, shape: number[]): CaseArgument => ({
    shape,
    data: normals(
      shape.reduce((product, n) => product * n, 1),
      seed,
      purpose,
    ),
  });
  const given: Record<string, CaseArgument | null> = {
    d_next_joint: weights('d_next_joint', [B, 4]),
    d_next_muscle: muscleWeights(body, [B, R, M], seed),
    d_next_geometry: weights('d_next_geometry', [B, 4, M]),
    d_next_cartesian: weights('d_next_cartesian', [B, 4]),
    d_acceleration: weights('d_acceleration', [B, 2]),
  };
  const missing = outputs[i % 7];
  if (missing) given[missing] = null;
  return {
    kernel: 'effector_step_backward',
    name: missing ? `${name}, without ${missing}` : name,
    seed,
    args: {
      ...stepArguments(from, i),
      ...given,
      d_action: { shape: [B, M] },
      d_joint: { shape: [B, 4] },
      d_muscle: { shape: [B, R, M] },
      d_geometry: { shape: [B, 4, M] },
      d_endpoint_load: i % 4 === 3 ? null : { shape: [B, 2] },
      d_joint_load: i % 4 === 2 ? null : { shape: [B, 2] },
    },
    tolerance: toleranceOf(body, true),
  };
});
