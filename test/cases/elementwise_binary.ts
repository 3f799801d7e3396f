// Cases of elementwise_binary: every function, equal shapes and every kind of broadcasting.
import { kernelSpec } from '../../src/backends/catalogue.js';
import { extremes, lengthsAround } from '../support/case-sizes.js';
import type { KernelCase, Tolerance } from '../support/cases.js';
import { normals, sizeOf, uniforms } from '../support/values.js';

const exact: Tolerance = { atol: 0, rtol: 6e-8, reason: 'one IEEE operation, correctly rounded' };
const powers: Tolerance = { atol: 1e-45, rtol: 1.2e-7, reason: 'computed in f64, rounded once' };

/** What WGSL promises; its hardware may take denormals for 0. */
const single: Readonly<Record<string, Tolerance>> = {
  divide: { atol: 1.2e-38, rtol: 3e-7, reason: 'within 2.5 ulp; denormals may count as 0' },
  power: { atol: 1.2e-38, rtol: 5e-7, reason: 'stated in shaders/lib/power.wgsl and a rounding of the reference; denormals may count as 0' },
};
const singleExact: Tolerance = { atol: 1.2e-38, rtol: 6e-8, reason: 'one operation, correctly rounded; denormals may count as 0' };

/** Strides of an operand of `shape` (size 1 where broadcast) within four axes. */
function strides(shape: readonly number[]): number[] {
  let step = 1;
  const result = [0, 0, 0, 0];
  for (let axis = 3; axis >= 0; axis--) {
    result[axis] = shape[axis] === 1 ? 0 : step;
    step *= shape[axis] as number;
  }
  return result;
}

/** Parameters n0 … n3 and the strides of the operands. */
export function viewParams(size: readonly number[], operands: Readonly<Record<string, readonly number[]>>): Record<string, number> {
  const params: Record<string, number> = {};
  size.forEach((n, axis) => {
    params[`n${axis}`] = n;
  });
  for (const [name, shape] of Object.entries(operands)) {
    strides(shape).forEach((step, axis) => {
      params[`${name}_stride${axis}`] = step;
    });
  }
  return params;
}

function make(
  variant: string,
  name: string,
  size: readonly number[],
  aShape: readonly number[],
  bShape: readonly number[],
  data?: readonly [ArrayLike<number>, ArrayLike<number>],
): KernelCase {
  const [a, b] = data ?? [
    variant === 'power' ? uniforms(sizeOf(aShape), 1, 'cases', 0, 4) : normals(sizeOf(aShape), 1, 'cases'),
    normals(sizeOf(bShape), 2, 'cases'),
  ];
  return {
    kernel: 'elementwise_binary',
    variant,
    name,
    args: { a: { shape: [a.length], data: a }, b: { shape: [b.length], data: b }, y: { shape: [sizeOf(size)] } },
    params: viewParams(size, { a: aShape, b: bShape }),
    seed: 1,
    tolerance: variant === 'power' ? powers : exact,
    single: single[variant] ?? singleExact,
  };
}

const shapes: readonly (readonly [string, readonly number[], readonly number[], readonly number[]])[] = [
  ['a row to all rows', [1, 1, 6, 5], [1, 1, 6, 5], [1, 1, 1, 5]],
  ['a column to all columns', [1, 1, 6, 5], [1, 1, 6, 1], [1, 1, 6, 5]],
  ['outer', [1, 1, 7, 9], [1, 1, 7, 1], [1, 1, 1, 9]],
  ['a number to all', [2, 3, 4, 5], [1, 1, 1, 1], [2, 3, 4, 5]],
  ['middle axes', [3, 4, 5, 6], [3, 1, 5, 1], [1, 4, 5, 6]],
  ['an outermost axis', [2, 3, 4, 5], [2, 3, 4, 5], [1, 3, 4, 5]],
  ['inner axes of size 1', [5, 3, 1, 1], [5, 1, 1, 1], [1, 3, 1, 1]],
  ['more than one thread’s share', [1, 3, 130, 71], [1, 3, 130, 71], [1, 1, 1, 71]],
];

/** All pairs of extreme values. */
const pairs = extremes.flatMap((a) => extremes.map((b) => [a, b] as const));

export const cases: readonly KernelCase[] = kernelSpec('elementwise_binary').variants.flatMap((variant) => [
  ...lengthsAround(1024).map(({ length, name }) => make(variant, name, [1, 1, 1, length], [1, 1, 1, length], [1, 1, 1, length])),
  ...shapes.map(([name, size, a, b]) => make(variant, name, size, a, b)),
  make(
    variant,
    'extreme values',
    [1, 1, 1, pairs.length],
    [1, 1, 1, pairs.length],
    [1, 1, 1, pairs.length],
    [Float32Array.from(pairs, ([a]) => a), Float32Array.from(pairs, ([, b]) => b)],
  ),
]);
