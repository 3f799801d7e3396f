// elementwise_unary: y = f(x), element by element.
// Math  sigmoid σ(x) = 1 / (1 + e^−x); softplus ln(1 + e^x) as max(x, 0) + ln(1 + e^−|x|), which neither overflows nor cancels; relu passes NaN.
import type { ReferenceCall } from './kernel.js';

const functions: Readonly<Record<string, (x: number) => number>> = {
  negate: (x) => -x,
  absolute: Math.abs,
  sign: Math.sign,
  square: (x) => x * x,
  square_root: Math.sqrt,
  reciprocal: (x) => 1 / x,
  exponential: Math.exp,
  logarithm: Math.log,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  relu: (x) => (x < 0 ? 0 : x),
  sine: Math.sin,
  cosine: Math.cos,
  floor: Math.floor,
};

export function elementwise_unary({ variant, args: { x, y }, dims: { N } }: ReferenceCall): void {
  const f = functions[variant];
  for (let i = 0; i < N; i++) y[i] = f(x[i]);
}
