// Cases of effector_reset_backward: the bodies of effector_reset with gradients of all outputs, and of each alone.
import { bodyArguments, rowCount } from '../support/bodies.js';
import type { CaseArgument, KernelCase } from '../support/cases.js';
import { jointStates, muscleWeights, toleranceOf } from '../support/effector-cases.js';
import { normals } from '../support/values.js';
import { resetBodies } from './effector_reset.js';

const outputs = ['d_muscle', 'd_geometry', 'd_cartesian'];

export const cases: readonly KernelCase[] = resetBodies.map((from, i) => {
  const { name, body, B, seed } = from;
  const M = body.muscles;
  const given: Record<string, CaseArgument | null> = {
    d_muscle: muscleWeights(body, [B, rowCount(body), M], seed),
    d_geometry: { shape: [B, 4, M], data: normals(B * 4 * M, seed, 'd_geometry') },
    d_cartesian: { shape: [B, 4], data: normals(B * 4, seed, 'd_cartesian') },
  };
  const only = outputs[i % 4];
  for (const output of outputs) if (only && output !== only) given[output] = null;
  return {
    kernel: 'effector_reset_backward',
    name: only ? `${name}, ${only} alone` : name,
    seed,
    args: { ...bodyArguments(body), joint: { shape: [B, 4], data: jointStates(from) }, ...given, d_joint: { shape: [B, 4] } },
    tolerance: toleranceOf(body, true),
  };
});
