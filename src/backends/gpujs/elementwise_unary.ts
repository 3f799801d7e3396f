// elementwise_unary: y = f(x), element by element.
import type { GpujsCall } from './kernel.js';

const functions: Readonly<Record<string, string>> = {
  negate: '-a',
  absolute: 'Math.abs(a)',
  sign: 'Math.sign(a)',
  square: 'a * a',
  square_root: 'Math.sqrt(a)',
  reciprocal: '1.0 / a',
  exponential: 'Math.exp(a)',
  logarithm: 'Math.log(a)',
  tanh: 'hyperbolicTangent(a)',
  sigmoid: '1.0 / (1.0 + Math.exp(-a))',
  softplus: 'softplus(a)',
  relu: 'a < 0.0 ? 0.0 : a',
  sine: 'sine(a)',
  cosine: 'cosine(a)',
  floor: 'Math.floor(a)',
};

export function elementwise_unary({ variant, args: { x, y }, dims: { N }, launcher }: GpujsCall): void {
  y.setDevice(launcher.run(`const a = x[i]; return ${functions[variant]};`, N, { x: x.value }));
}
