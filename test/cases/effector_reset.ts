// Cases of effector_reset: every skeleton, geometry and muscle over batches around a tile of 8 trials; the shipped effectors.
import { bodyArguments, rowCount } from '../support/bodies.js';
import type { KernelCase } from '../support/cases.js';
import { everyBody, jointStates, shippedBodies, toleranceOf } from '../support/effector-cases.js';

export const resetBodies = [...everyBody.filter(({ name }) => name.endsWith(', euler')), ...shippedBodies];

export const cases: readonly KernelCase[] = resetBodies.map((from) => {
  const { name, body, B, seed } = from;
  const M = body.muscles;
  return {
    kernel: 'effector_reset',
    name,
    seed,
    args: {
      ...bodyArguments(body),
      joint: { shape: [B, 4], data: jointStates(from) },
      muscle: { shape: [B, rowCount(body), M] },
      geometry: { shape: [B, 4, M] },
      cartesian: { shape: [B, 4] },
    },
    tolerance: toleranceOf(body),
  };
});
