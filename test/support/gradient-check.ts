// Gradients against central differences of fourth order, on the reference backend in f64.
import type { Backend } from '../../src/backends/backend.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { multiply, sum, type Tensor, tensor, tidy, valueAndGradients } from '../../src/tensor/index.js';
import { assertClose } from './assert-close.js';
import type { Plain } from './plain.js';
import { normals } from './values.js';

/** Default step: truncation h⁴ f⁽⁵⁾ / 30 and rounding 1e-16 f / h both stay near 1e-12 for functions of size 1. Functions with kinks take a smaller one. */
const defaultStep = 1e-3;

/** df/dx for every element by f' ≈ (8 (f(x+h) − f(x−h)) − (f(x+2h) − f(x−2h))) / 12h. `at` may be changed in place but is restored. */
export async function centralDifferences(f: () => Promise<number>, at: Float64Array, h = defaultStep): Promise<Float64Array> {
  const gradient = new Float64Array(at.length);
  for (let i = 0; i < at.length; i++) {
    const x = at[i];
    const value = async (shift: number) => {
      at[i] = x + shift * h;
      return await f();
    };
    gradient[i] = (8 * ((await value(1)) - (await value(-1))) - ((await value(2)) - (await value(-2)))) / (12 * h);
    at[i] = x;
  }
  return gradient;
}

/**
 * Checks the tape's gradient of Σ weights · fn(inputs), weights random, with respect to every input: below 1e-6 of the largest element of each gradient
 * (or 1e-9 where all are 0).
 */
export async function checkGradients(
  name: string,
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Plain[],
  backend: Backend = createReferenceBackend(),
): Promise<void> {
  const before = backend.bytesInUse();
  const values = inputs.map(({ data }) => Float64Array.from(data));
  const weighted = (...tensors: Tensor[]) => {
    const y = fn(...tensors);
    return sum(multiply(y, tensor(backend, normals(y.size, 7, 'weights'), y.shape)));
  };
  const tensors = () => inputs.map(({ shape }, i) => tensor(backend, values[i], shape));
  const made = tensors();
  const { value, gradients } = valueAndGradients(weighted, made);
  const analytic = await Promise.all(gradients.map((gradient) => gradient.data()));
  for (const result of [value, ...gradients, ...made]) result.dispose();
  for (let i = 0; i < inputs.length; i++) {
    const numeric = await centralDifferences(async () => {
      const result = tidy(() => weighted(...tensors()));
      const number = await result.item();
      result.dispose();
      return number;
    }, values[i]);
    assertClose(analytic[i], numeric, { case: `gradient of ${name} for input ${i}`, backend: 'reference f64', rtolOfMax: 1e-6, atol: 1e-9 });
  }
  if (backend.bytesInUse() !== before) throw new Error(`${name}: expected ${before} bytes in use afterwards, got ${backend.bytesInUse()}`);
}
