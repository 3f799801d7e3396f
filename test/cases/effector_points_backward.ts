// Cases of effector_points_backward: the bodies of effector_points with gradients of all outputs, and of each alone.
import { bodyArguments } from '../support/bodies.js';
import type { CaseArgument, KernelCase } from '../support/cases.js';
import { jointStates, toleranceOf } from '../support/effector-cases.js';
import { normals } from '../support/values.js';
import { pointBodies } from './effector_points.js';

const outputs = ['d_point', 'd_velocity', 'd_derivative'];

export const cases: readonly KernelCase[] = pointBodies.flatMap((from, i) => {
  const { name, body, B, seed } = from;
  const N = body.points;
  const given: Record<string, CaseArgument> = {
    d_point: { shape: [B, 2, N], data: normals(2 * B * N, seed, 'd_point') },
    d_velocity: { shape: [B, 2, N], data: normals(2 * B * N, seed, 'd_velocity') },
    d_derivative: { shape: [B, 2, 2, N], data: normals(4 * B * N, seed, 'd_derivative') },
  };
  const make = (title: string, some: Record<string, CaseArgument | null>): KernelCase => ({
    kernel: 'effector_points_backward',
    name: title,
    seed,
    args: { ...bodyArguments(body), joint: { shape: [B, 4], data: jointStates(from) }, ...some, d_joint: { shape: [B, 4] } },
    tolerance: toleranceOf(body, true),
  });
  const only = outputs[i % 3];
  return [make(name, given), make(`${name}, ${only} alone`, { [only]: given[only] })];
});
