// The webgpu backend under test: opened once a process, reported when it is missing; what its kernels may do otherwise than others with denormals.
import type { Backend, TensorData } from '../../src/backends/backend.js';
import { createWebgpuBackend } from '../../src/backends/webgpu/index.js';
import type { KernelCase } from './cases.js';
import { skip } from './skip.js';

/** Whether REQUIRE_BACKENDS names webgpu, so that a missing adapter is a failure. */
export const webgpuRequired = (process.env['REQUIRE_BACKENDS'] ?? '').split(',').includes('webgpu');

/** What `open` gives, on whatever adapter there is, or null after registering a skip called `what`. Throws when webgpu is required. */
export async function openOrSkip<T>(test: { skip(name: string): void }, what: string, open: () => Promise<T>): Promise<T | null> {
  try {
    return await open();
  } catch (error) {
    if (webgpuRequired) throw error;
    skip(test, what, error instanceof Error ? error.message : String(error));
    return null;
  }
}

/** The backend, or null after registering a skip. The caller disposes of it. */
export function webgpuUnderTest(test: { skip(name: string): void }, what: string): Promise<Backend | null> {
  return openOrSkip(test, what, () => createWebgpuBackend());
}

const isDenormal = (x: number) => x !== 0 && Math.abs(x) < 2 ** -126;

/** The case with denormal inputs as zeros of their sign, as hardware may read them (WGSL, "Floating point evaluation"); null when it has none. */
export function withoutDenormals(kernelCase: KernelCase): KernelCase | null {
  let found = false;
  const args = Object.entries(kernelCase.args).map(([name, argument]) => {
    if (!argument?.data || !Array.prototype.some.call(argument.data, isDenormal)) return [name, argument];
    found = true;
    return [name, { ...argument, data: Array.from(argument.data, (x) => (isDenormal(x) ? x * 0 : x)) }];
  });
  return found ? { ...kernelCase, args: Object.fromEntries(args) } : null;
}

/** For every element the one of two expected values that is nearer to the actual one. */
export function nearerOf(actual: TensorData, expected: TensorData, alternative: TensorData): Float64Array {
  return Float64Array.from(expected, (value, i) => {
    const [got, other] = [actual[i] as number, alternative[i] as number];
    const same = (x: number) => Object.is(x, got) || x === got;
    if (same(value) || same(other)) return got;
    return Math.abs(got - other) < Math.abs(got - value) || !Number.isFinite(value) ? other : value;
  });
}
