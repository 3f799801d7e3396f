// Cases of effector_points: points in the world, on the upper arm, the forearm and a mass, with both velocities of MotorNet's quirk, over batches around a tile.
import { bodyArguments } from '../support/bodies.js';
import type { KernelCase } from '../support/cases.js';
import { everyBody, jointStates, toleranceOf } from '../support/effector-cases.js';

export const pointBodies = everyBody.filter(({ body, name }) => body.points > 0 && name.includes('Relu'));

export const cases: readonly KernelCase[] = pointBodies.map((from) => {
  const { name, body, B, seed } = from;
  const N = body.points;
  return {
    kernel: 'effector_points',
    name,
    seed,
    args: {
      ...bodyArguments(body),
      joint: { shape: [B, 4], data: jointStates(from) },
      point: { shape: [B, 2, N] },
      velocity: { shape: [B, 2, N] },
      derivative: { shape: [B, 2, 2, N] },
    },
    tolerance: toleranceOf(body),
  };
});
