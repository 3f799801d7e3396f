// The kernels of the gpujs backend against the reference, what it refuses, that it gives everything back, and a training that follows that of WASM.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend } from '../../src/backends/backend.js';
import { kernelNames, kernelSpec } from '../../src/backends/catalogue.js';
import { selfCheck } from '../../src/backends/create.js';
import { createGpujsBackend, type GpujsBackend } from '../../src/backends/gpujs/index.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { createBody } from '../../src/arm/create-body.js';
import { Effector } from '../../src/arm/effector.js';
import { KernelError } from '../../src/errors.js';
import { createBenchTask } from '../../src/jobs/bench/bench-tasks.js';
import { createModel } from '../../src/models/model.js';
import { generateData } from '../../src/tasks/data.js';
import { networkSize } from '../../src/tasks/task.js';
import { trainingOptions } from '../../src/training/options.js';
import { createTrainingSession } from '../../src/training/session.js';
import { zeros } from '../../src/tensor/tensor.js';
import { tidy } from '../../src/tensor/scope.js';
import { type KernelCase, compareOutputs, runCase } from '../support/cases.js';
import { coveringCases, gpujsUnderTest, roomForWebgl } from '../support/gpujs.js';
import { sizeOf } from '../support/values.js';

const test = suite('gpujs');
const backend = await gpujsUnderTest(test, 'kernels on gpujs');

if (backend) {
  const oracle = createReferenceBackend({ precision: 'f32' });
  const onGpu = backend.description.variant === 'webgl2';
  test.after(async () => {
    await backend.dispose();
    await oracle.dispose();
  });

  for (const kernel of kernelNames) {
    const reason = kernelSpec(kernel).absent?.['gpujs'];
    test(reason ? `${kernel} is refused with the catalogue's reason` : `${kernel} agrees with the reference`, async () => {
      const { cases } = (await import(`../cases/${kernel}.ts`)) as { cases: readonly KernelCase[] };
      if (reason) {
        refuses(backend, cases[0] as KernelCase, reason);
        return;
      }
      const failures: string[] = [];
      for (const kernelCase of coveringCases(cases, !onGpu)) {
        try {
          compareOutputs(backend, await runCase(backend, kernelCase), await runCase(oracle, kernelCase), onGpu ? roomForWebgl(kernelCase) : kernelCase);
        } catch (error) {
          failures.push((error as Error).message);
        }
      }
      assert.is(failures.length, 0, failures.join('\n'));
      assert.is(backend.bytesInUse(), 0);
      assert.is(backend.valuesInUse(), 0, 'every value is released');
    });
  }

  test('arrays of more lengths than a browser has WebAssembly memories for are all filled, the first of them again at the end', async () => {
    const wasm = await createGpujsBackend({ variant: 'webasm' });
    try {
      for (const length of [...Array.from({ length: 150 }, (_, i) => i + 1), 1]) {
        const buffer = wasm.allocate(length, 'f32');
        wasm.run('fill', { args: { y: { buffer, shape: [length], dtype: 'f32' } }, params: { value: 2 } });
        assert.ok((await wasm.read(buffer)).every((value) => value === 2));
        wasm.free(buffer);
      }
    } finally {
      await wasm.dispose();
    }
  });

  test('passes the self-check', async () => {
    const { ok, detail } = await selfCheck(backend);
    assert.ok(ok, detail);
  });

  test('refuses bodies that it lacks by what they have', () => {
    for (const [options, what] of [
      [{ effector: 'CompliantTendonArm26' }, /compliant tendons/],
      [{ effector: 'ReluPointMass24' }, /paths of points/],
      [{ effector: 'RigidTendonArm26', muscle: 'Relu', integrator: 'rk4' }, /classical rk4/],
    ] as const) {
      const effector = new Effector(backend, createBody(options));
      const error = tidy(() => {
        try {
          effector.reset(zeros(backend, [1, 4]));
          return null;
        } catch (thrown) {
          return thrown;
        }
      });
      effector.dispose();
      assert.instance(error, KernelError);
      assert.match((error as Error).message, what);
    }
    assert.is(backend.bytesInUse(), 0);
  });

  test('losses of a training stay within 1e-3 of those on wasm, and each step gives its textures back', async () => {
    const wasm = await createWasmBackend({ threads: 1 });
    const [expected] = await losses(wasm);
    const [actual, held] = await losses(backend);
    await wasm.dispose();
    for (const [k, loss] of actual.entries())
      assert.ok(Math.abs(loss - (expected[k] as number)) < 1e-3 * (expected[k] as number), `step ${k}: ${loss}, expected ${expected[k]}`);
    assert.equal(new Set(held.slice(1)).size, 1, `values in use after each step: ${held}`);
    assert.is(backend.valuesInUse(), 0);
  });
}

/** A call of a kernel that the catalogue denies this backend, with memory that is nobody's: it is refused before it is looked at. */
function refuses(on: Backend, { kernel, variant, params, args }: KernelCase, reason: string): void {
  const given = kernelSpec(kernel).args.flatMap(({ name, dtype, shape }) => {
    const length = shape[0] === 'scratch' ? [1] : args[name]?.shape;
    return length ? [[name, { shape: length, dtype, buffer: { dtype, length: sizeOf(length) } }] as const] : [];
  });
  const call = { ...(variant ? { variant } : {}), ...(params ? { params } : {}), args: Object.fromEntries(given) };
  assert.throws(
    () => on.run(kernel, call),
    (error: Error) => error instanceof KernelError && error.message === `${kernel}: expected a kernel of the gpujs backend, got one it lacks: ${reason}`,
  );
}

/** Losses of six steps of a GRU on the flip-flop, and what the backend holds after each. */
async function losses(on: Backend): Promise<[number[], number[]]> {
  const task = createBenchTask('flipflop', 12);
  const model = createModel({ cell: 'gru', hiddenSize: 6 }, ...networkSize(task));
  const data = generateData(task, { trials: 48, validationFraction: 1 / 8, seed: 0 });
  const session = createTrainingSession({ backend: on, model, task, data, training: trainingOptions.parse({ batchSize: 7 }), seed: 0 });
  const found: number[] = [];
  const held: number[] = [];
  for (let k = 0; k < 6; k++) {
    found.push((await session.step(data.trainingIndices.subarray(k * 7, k * 7 + 7), 1, 0.02)).loss);
    await on.finish();
    held.push('valuesInUse' in on ? (on as GpujsBackend).valuesInUse() : 0);
  }
  session.dispose();
  return [found, held];
}

test.run();
