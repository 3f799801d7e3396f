// Cases of damped_step: sizes around blocks of four, weak and strong damping, a matrix without inverse, numbers that are not finite.
import type { KernelCase } from '../support/cases.js';
import { normals } from '../support/values.js';

interface StepCase {
  readonly name: string;
  readonly B?: number;
  readonly S: number;
  readonly damping?: number;
  /** Replaces the Jacobian of trial 0. */
  readonly jacobian?: (i: number, j: number) => number;
  readonly poison?: number;
}

const list: readonly StepCase[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 21].map((S) => ({ name: `${S} components`, S, B: 3 })),
  { name: 'one state', S: 12, B: 1 },
  { name: 'more states than threads have', S: 6, B: 37 },
  { name: '128 components', S: 128, B: 3 },
  { name: 'strong damping', S: 9, damping: 1e6 },
  { name: 'weak damping', S: 9, damping: 1e-14 },
  { name: 'nothing but damping: J = 0', S: 5, damping: 0.25, jacobian: (i, j) => (i === j ? 1 : 0) },
  { name: 'no inverse and no damping', S: 5, damping: 0, jacobian: (i, j) => (i === j ? 1 : 0) },
  { name: 'a damping that is not a number', S: 6, damping: Number.NaN },
  { name: 'one Jacobian that is not a number', S: 6, poison: Number.NaN },
  { name: 'one Jacobian that is infinite', S: 6, poison: Number.POSITIVE_INFINITY },
];

function make({ name, B = 4, S, damping = 1e-2, jacobian, poison }: StepCase, seed: number): KernelCase {
  // 0.4 / √S keeps J − I far from singular.
  const matrices = Float64Array.from(normals(B * S * S, seed, 'jacobian', 0.4 / Math.sqrt(S)), (x) => x / 1.1);
  if (jacobian) for (let i = 0; i < S; i++) for (let j = 0; j < S; j++) matrices[i * S + j] = jacobian(i, j);
  if (poison !== undefined) matrices[S + 1] = poison;
  return {
    kernel: 'damped_step',
    name,
    seed,
    args: {
      states: { shape: [B, S], data: Float64Array.from(normals(B * S, seed, 'states'), (x) => x / 3) },
      next: { shape: [B, S], data: Float64Array.from(normals(B * S, seed, 'next'), (x) => x / 3) },
      jacobian: { shape: [B, S, S], data: matrices },
      damping: { shape: [B], data: new Float64Array(B).fill(damping) },
      step: { shape: [B, S] },
      speed: { shape: [B] },
    },
    tolerance: { atol: 1e-14, rtol: 1e-11, rtolOfMax: 1e-11, reason: 'rounding of f64, times the condition of JᵀJ, below 1e4 here' },
  };
}

export const cases: readonly KernelCase[] = list.map(make);
