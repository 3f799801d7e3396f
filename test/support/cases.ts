// A kernel case: one call with its data and tolerance, shared by kernel tests, gradient checks and benchmarks (test/cases/NAME.ts).
import type { Backend, BufferHandle, DType, KernelArgument, KernelCall, TensorData } from '../../src/backends/backend.js';
import { kernelSpec } from '../../src/backends/catalogue.js';
import { assertClose } from './assert-close.js';
import { sizeOf } from './values.js';

/** One argument of a case. Without data, a `write` argument is filled with NaN first (it must be overwritten) and an `update` one with zeros. */
export interface CaseArgument {
  readonly shape: readonly number[];
  readonly data?: ArrayLike<number>;
}

/** How far a backend may be from the reference, |difference| ≤ atol + rtol · |expected| + rtolOfMax · max |expected|, and why. */
export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
  readonly rtolOfMax?: number;
  readonly reason: string;
}

/** One call of one kernel. Opaque (scratch) arguments are left out: `runCase` allocates them at the size the backend asks for. */
export interface KernelCase {
  readonly kernel: string;
  /** What is special about it, e.g. `one below a vector of four`. */
  readonly name: string;
  readonly variant?: string;
  readonly args: Readonly<Record<string, CaseArgument | null>>;
  readonly params?: Readonly<Record<string, number>>;
  readonly seed?: number;
  readonly tolerance: Tolerance;
  /** Tolerances of single outputs where they differ. */
  readonly tolerances?: Readonly<Record<string, Tolerance>>;
  /** Where a backend has no arithmetic beyond f32 (webgpu): the tolerance of all outputs, if it is wider there. */
  readonly single?: Tolerance;
  /** A case to run first on the same backend; its outputs and opaque arguments are handed on under the same names (forward before backward). */
  readonly before?: KernelCase;
  /** Names of optional opaque arguments to leave out, e.g. `cache` of a forward pass without gradient. */
  readonly without?: readonly string[];
}

interface Prepared {
  readonly call: KernelCall;
  readonly owned: BufferHandle[];
}

function argument(backend: Backend, owned: BufferHandle[], shape: readonly number[], dtype: DType, data?: ArrayLike<number>): KernelArgument {
  const buffer = backend.allocate(sizeOf(shape), dtype);
  owned.push(buffer);
  if (data) backend.write(buffer, data);
  return { buffer, shape, dtype };
}

/** Allocates all arguments of a case on a backend and runs `before`. The caller frees `owned`. Also what a benchmark calls before its timed runs. */
export function prepareCase(backend: Backend, kernelCase: KernelCase): Prepared {
  const spec = kernelSpec(kernelCase.kernel);
  const owned: BufferHandle[] = [];
  const args: Record<string, KernelArgument | null> = {};
  if (kernelCase.before) {
    const before = prepareCase(backend, kernelCase.before);
    backend.run(kernelCase.before.kernel, before.call);
    owned.push(...before.owned);
    for (const { name, access } of kernelSpec(kernelCase.before.kernel).args) {
      const wanted = spec.args.find((a) => a.name === name && a.access === 'read');
      if (wanted && access !== 'read') args[name] = before.call.args[name] ?? null;
    }
  }
  for (const { name, dtype, access, shape } of spec.args) {
    const given = kernelCase.args[name];
    if (!given || args[name] || shape[0] === 'scratch') continue;
    const poison = access === 'write' && dtype !== 'i32' ? new Float64Array(sizeOf(given.shape)).fill(Number.NaN) : undefined;
    args[name] = argument(backend, owned, given.shape, dtype, given.data ?? poison);
  }
  const params = kernelCase.params ?? {};
  const base = kernelCase.variant === undefined ? { params } : { variant: kernelCase.variant, params };
  for (const { name, shape } of spec.args) {
    if (shape[0] !== 'scratch' || args[name] || kernelCase.without?.includes(name)) continue;
    args[name] = argument(backend, owned, [backend.scratchLength(kernelCase.kernel, name, { ...base, args })], 'f32');
  }
  return { call: { ...base, args }, owned };
}

/** Runs a case and returns every output that is not opaque. Frees what it allocated. */
export async function runCase(backend: Backend, kernelCase: KernelCase): Promise<Record<string, TensorData>> {
  const { call, owned } = prepareCase(backend, kernelCase);
  try {
    backend.run(kernelCase.kernel, call);
    const outputs: Record<string, TensorData> = {};
    for (const { name, access, shape } of kernelSpec(kernelCase.kernel).args) {
      const given = call.args[name];
      if (access !== 'read' && shape[0] !== 'scratch' && given) outputs[name] = await backend.read(given.buffer, 0, sizeOf(given.shape));
    }
    return outputs;
  } finally {
    for (const buffer of owned) backend.free(buffer);
  }
}

/** Compares what a case gave on `backend` with what was expected, within the case's tolerance. */
export function compareOutputs(
  backend: Backend,
  actual: Readonly<Record<string, TensorData>>,
  expected: Readonly<Record<string, TensorData>>,
  kernelCase: KernelCase,
): void {
  const { name, variant, threads } = backend.description;
  for (const output of Object.keys(expected)) {
    const single = name === 'webgpu' ? kernelCase.single : undefined;
    const { atol, rtol, rtolOfMax } = single ?? kernelCase.tolerances?.[output] ?? kernelCase.tolerance;
    const title = `${kernelCase.kernel}${kernelCase.variant ? ` ${kernelCase.variant}` : ''}, ${kernelCase.name}, ${output}`;
    assertClose(actual[output] as TensorData, expected[output] as TensorData, {
      case: title,
      backend: `${name} ${variant} ×${threads}`,
      ...(kernelCase.seed === undefined ? {} : { seed: kernelCase.seed }),
      atol,
      rtol,
      rtolOfMax: rtolOfMax ?? 0,
    });
  }
}
