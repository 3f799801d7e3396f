// The f64 kernels behind fixed points stay inside their arrays: guards behind every one of them, scratch at its least, memory full of NaN before.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BufferHandle, DType, KernelArgument } from '../../src/backends/backend.js';
import { kernelSpec } from '../../src/backends/catalogue.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { cases as jacobianCases } from '../cases/cell_jacobian.js';
import { cases as stepCases } from '../cases/damped_step.js';
import type { KernelCase } from '../support/cases.js';
import { sizeOf } from '../support/values.js';

const test = suite('memory of the kernels behind fixed points');
const guardLength = 16;
const guardValue = 12345;

for (const threads of [1, 2]) {
  const backend = await createWasmBackend({ threads });
  test.after(() => backend.dispose());

  const run = async ({ kernel, variant, args, params = {}, name }: KernelCase): Promise<void> => {
    const owned: { name: string; buffer: BufferHandle; guard: BufferHandle }[] = [];
    const allocate = (what: string, shape: readonly number[], dtype: DType, data?: ArrayLike<number>): KernelArgument => {
      const buffer = backend.allocate(sizeOf(shape), dtype);
      backend.write(buffer, data ?? new Float64Array(sizeOf(shape)).fill(Number.NaN));
      const guard = backend.allocate(guardLength, 'i32');
      backend.write(guard, new Int32Array(guardLength).fill(guardValue));
      owned.push({ name: what, buffer, guard });
      return { buffer, shape, dtype };
    };
    const given: Record<string, KernelArgument> = {};
    for (const { name: argument, dtype } of kernelSpec(kernel).args) {
      const value = args[argument];
      if (value) given[argument] = allocate(argument, value.shape, dtype, value.data);
    }
    const call = { params, args: given, ...(variant ? { variant } : {}) };
    given['scratch'] = allocate('scratch', [backend.scratchLength(kernel, 'scratch', call)], 'f32');
    backend.run(kernel, call);
    for (const { name: argument, buffer, guard } of owned) {
      const kept = (await backend.read(guard)).every((value) => value === guardValue);
      backend.free(buffer);
      backend.free(guard);
      assert.ok(kept, `${kernel} ${variant ?? ''}, ${name}: wrote behind ${argument}`);
    }
  };

  for (const [kernel, cases] of [
    ['cell_jacobian', jacobianCases],
    ['damped_step', stepCases],
  ] as const) {
    test(`${kernel} writes nowhere but into its arrays, on ${threads} threads`, async () => {
      for (const kernelCase of cases) await run(kernelCase);
      assert.is(backend.bytesInUse(), 0);
    });
  }
}

test.run();
