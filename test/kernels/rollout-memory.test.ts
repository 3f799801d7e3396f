// The rollout kernels, decoupled, in closed loop and of a body alone, stay within the memory that the table of the backend asks for, and read nothing from it that they have not written.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend, BufferHandle, DType, KernelArgument } from '../../src/backends/backend.js';
import { kernelSpec } from '../../src/backends/catalogue.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { cases as loopCases } from '../cases/closed_loop_backward.js';
import { cases as effectorCases } from '../cases/effector_rollout_backward.js';
import { cases as rolloutCases } from '../cases/rollout_backward.js';
import type { KernelCase } from '../support/cases.js';

const test = suite('rollout memory');
const guardLength = 64;
const guardValue = -12345.5;

/** Buffers with a guard behind each: the allocator hands out neighbours one after another. */
class Guarded {
  readonly backend: Backend;
  readonly #buffers: BufferHandle[] = [];
  readonly #guards: { readonly name: string; readonly buffer: BufferHandle }[] = [];

  constructor(backend: Backend) {
    this.backend = backend;
  }

  allocate(name: string, shape: readonly number[], dtype: DType, data: ArrayLike<number> | number): KernelArgument {
    const length = shape.reduce((product, n) => product * n, 1);
    const buffer = this.backend.allocate(length, dtype);
    this.backend.write(buffer, typeof data === 'number' ? new Float32Array(length).fill(data) : data);
    const guard = this.backend.allocate(guardLength, 'f32');
    this.backend.write(guard, new Float32Array(guardLength).fill(guardValue));
    this.#buffers.push(buffer, guard);
    this.#guards.push({ name, buffer: guard });
    return { buffer, shape, dtype };
  }

  async check(where: string): Promise<void> {
    for (const { name, buffer } of this.#guards) {
      const values = await this.backend.read(buffer);
      assert.ok(
        values.every((value) => value === guardValue),
        `${where}: expected the memory behind ${name} to stay as it was`,
      );
    }
  }

  free(): void {
    for (const buffer of this.#buffers) this.backend.free(buffer);
  }
}

/** Runs forward and backward with every opaque buffer full of `poison`; returns outputs and gradients. */
async function runGuarded(backend: Backend, backward: KernelCase, poison: number): Promise<number[]> {
  const forward = backward.before as KernelCase;
  const guarded = new Guarded(backend);
  const args: Record<string, KernelArgument | null> = {};
  try {
    for (const kernelCase of [forward, backward]) {
      const { kernel, variant = 'default', params = {} } = kernelCase;
      const spec = kernelSpec(kernel);
      for (const { name, dtype } of spec.args) {
        const given = kernelCase.args[name];
        if (given && !args[name]) args[name] = guarded.allocate(name, given.shape, dtype, given.data ?? poison);
      }
      const own: Record<string, KernelArgument | null> = {};
      for (const { name, shape } of spec.args) {
        if (shape[0] !== 'scratch') own[name] = args[name] ?? null;
        else if (name === 'cache' && args[name]) own[name] = args[name];
      }
      for (const { name, shape } of spec.args) {
        if (shape[0] !== 'scratch' || own[name]) continue;
        own[name] = guarded.allocate(name, [backend.scratchLength(kernel, name, { variant, params, args: own })], 'f32', poison);
        if (name === 'cache') args[name] = own[name];
      }
      backend.run(kernel, { variant, params, args: own });
      await guarded.check(`${kernel} ${variant}, ${kernelCase.name}`);
    }
    const results: number[] = [];
    for (const name of [
      'outputs',
      'fingertip',
      'joint',
      'muscle',
      'gradient',
      'd_initial_state',
      'd_inputs',
      'd_actions',
      'd_joint0',
      'd_endpoint_load',
      'd_joint_load',
    ]) {
      const argument = args[name];
      if (argument) for (const value of await backend.read(argument.buffer)) results.push(value);
    }
    return results;
  } finally {
    guarded.free();
  }
}

for (const threads of [1, 3]) {
  test(`forward and backward write within their buffers and read nothing unwritten, threads: ${threads}`, async () => {
    const backend = await createWasmBackend({ variant: 'simd', threads });
    try {
      for (const backward of [...rolloutCases, ...loopCases, ...effectorCases]) {
        const clean = await runGuarded(backend, backward, 0);
        const poisoned = await runGuarded(backend, backward, Number.NaN);
        assert.ok(
          poisoned.every((value, i) => Object.is(value, clean[i])),
          `${backward.kernel} ${backward.variant ?? ''}, ${backward.name}: expected the same results whatever the scratch memory held`,
        );
      }
      assert.is(backend.bytesInUse(), 0);
    } finally {
      await backend.dispose();
    }
  });
}

test('scratch memory for a batch is enough for every smaller one', async () => {
  const backend = await createWasmBackend({ variant: 'simd', threads: 1 });
  try {
    const buffer = backend.allocate(1, 'f32');
    const argument = (shape: number[]): KernelArgument => ({ buffer, shape, dtype: 'f32' });
    const sizes = (B: number, T: number) => {
      const shared = { inputs: argument([B, T, 3]), parameters: argument([400]), initial_state: argument([B, 5]), outputs: argument([B, T, 3]) };
      const call = { variant: 'gru', params: { hidden_size: 5 }, args: shared };
      const back = { ...call, args: { ...shared, d_outputs: argument([B, T, 3]), gradient: argument([400]), d_initial_state: argument([B, 5]) } };
      return [
        backend.scratchLength('rollout_forward', 'cache', call),
        backend.scratchLength('rollout_forward', 'scratch', call),
        backend.scratchLength('rollout_backward', 'scratch', back),
      ];
    };
    let before = sizes(1, 7);
    for (let B = 2; B < 900; B++) {
      const now = sizes(B, 7);
      for (const [i, size] of now.entries())
        assert.ok(size >= (before[i] as number), `expected sizes that grow with the batch, got ${before[i]} for ${B - 1} trials and ${size} for ${B}`);
      before = now;
    }
    backend.free(buffer);
  } finally {
    await backend.dispose();
  }
});

test.run();
