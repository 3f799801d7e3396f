// Cases of elementwise_unary: every function over its range and at the edges of f32.
import { kernelSpec } from '../../src/backends/catalogue.js';
import { extremes, lengthsAround } from '../support/case-sizes.js';
import type { KernelCase, Tolerance } from '../support/cases.js';
import { normals, uniforms } from '../support/values.js';

const exact: Tolerance = { atol: 0, rtol: 0, reason: 'one IEEE operation' };
const tolerances: Readonly<Record<string, Tolerance>> = {
  exponential: { atol: 2e-38, rtol: 2e-7, reason: 'stated in inline/activation.ts; one ulp of rounding among denormals' },
  logarithm: { atol: 1e-7, rtol: 2e-7, reason: 'stated in inline/activation.ts' },
  tanh: { atol: 3.4e-7, rtol: 0, reason: 'stated in inline/activation.ts' },
  sigmoid: { atol: 2e-38, rtol: 4e-7, reason: 'exp4 and two roundings' },
  softplus: { atol: 2e-7, rtol: 1.2e-7, reason: 'stated in inline/activation.ts; the result and the reference are each rounded' },
  sine: { atol: 1.5e-7, rtol: 0, reason: 'stated in inline/activation.ts for |x| ≤ 1e6' },
  cosine: { atol: 1.5e-7, rtol: 0, reason: 'stated in inline/activation.ts for |x| ≤ 1e6' },
  square_root: { atol: 0, rtol: 6e-8, reason: 'correctly rounded' },
  reciprocal: { atol: 1e-45, rtol: 6e-8, reason: 'correctly rounded' },
  square: { atol: 1e-45, rtol: 6e-8, reason: 'correctly rounded' },
};

/** What WGSL promises: divisions within 2.5 ulp, roots within 3; a denormal may count as 0. */
const single: Readonly<Record<string, Tolerance>> = {
  exponential: { atol: 1.2e-38, rtol: 3e-7, reason: 'stated in shaders/lib/math.wgsl; denormals may count as 0' },
  logarithm: { atol: 1e-7, rtol: 2e-7, reason: 'stated in shaders/lib/math.wgsl' },
  tanh: { atol: 5e-7, rtol: 0, reason: 'stated in shaders/lib/math.wgsl' },
  sigmoid: { atol: 2e-38, rtol: 1e-6, reason: 'stated in shaders/elementwise_unary.wgsl' },
  square_root: { atol: 0, rtol: 3.6e-7, reason: 'within 3 ulp' },
  reciprocal: { atol: 1.2e-38, rtol: 3e-7, reason: 'within 2.5 ulp; denormals may count as 0' },
  square: { atol: 1.2e-38, rtol: 6e-8, reason: 'correctly rounded; denormals may count as 0' },
};

/** Functions of f64 range reduction are meaningless beyond 1e9. */
const periodic = ['sine', 'cosine'];
const positive = ['logarithm', 'square_root'];

export const cases: readonly KernelCase[] = kernelSpec('elementwise_unary').variants.flatMap((variant): KernelCase[] => {
  const tolerance = tolerances[variant] ?? exact;
  const make = (name: string, data: ArrayLike<number>, seed?: number): KernelCase => ({
    kernel: 'elementwise_unary',
    variant,
    name,
    args: { x: { shape: [data.length], data }, y: { shape: [data.length] } },
    tolerance,
    single: single[variant] ?? tolerance,
    ...(seed === undefined ? {} : { seed }),
  });
  const draw = (length: number, seed: number) => (positive.includes(variant) ? uniforms(length, seed, 'cases', 1e-6, 30) : normals(length, seed, 'cases', 6));
  return [
    ...lengthsAround(1024).map(({ length, name }, i) => make(name, draw(length, i), i)),
    make('more than one thread’s share', draw(40_003, 20), 20),
    make('extreme values', Float32Array.from(periodic.includes(variant) ? extremes.filter((x) => !(Math.abs(x) > 1e8 && Number.isFinite(x))) : extremes)),
    make('a wide range', uniforms(3001, 21, 'cases', -120, 120), 21),
  ];
});
