// The WASM backend as a whole: what it says of itself, what it refuses and how, reads, writes and copies, traps, disposal.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend, KernelArgument } from '../../src/backends/backend.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { BackendError, KernelError, ShapeError } from '../../src/errors.js';

const test = suite('wasm backend');

type Class = typeof BackendError;
const failure = (kind: Class, pattern: RegExp) => (error: unknown) => error instanceof kind && pattern.test(error.message);

async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection, got none');
}

const vector = (backend: Backend, data: readonly number[]): KernelArgument => {
  const buffer = backend.allocate(data.length, 'f32');
  backend.write(buffer, data);
  return { buffer, shape: [data.length], dtype: 'f32' };
};

test('describes itself, with the reason for its threads', async () => {
  for (const threads of [1, 2]) {
    const backend = await createWasmBackend({ threads });
    assert.equal(backend.description, {
      name: 'wasm',
      variant: 'simd',
      threads,
      adapter: null,
      reason: threads === 1 ? 'one thread as asked for' : '2 threads as asked for',
    });
    await backend.dispose();
  }
  const backend = await createWasmBackend();
  assert.match(backend.description.reason, /on \d+ available processors$/);
  await backend.dispose();
});

test('refuses unknown variants and impossible thread counts', async () => {
  assert.ok(
    failure(BackendError, /^wasm: expected a variant among simd, relaxed, got "fast"$/)(await rejection(createWasmBackend({ variant: 'fast' as 'simd' }))),
  );
  for (const threads of [0, -1, 1.5, 65, Number.NaN])
    assert.ok(failure(BackendError, /^wasm: expected 1 to 64 threads, got /)(await rejection(createWasmBackend({ threads }))));
});

for (const threads of [1, 2]) {
  test(`reads, writes and copies ranges, ${threads} threads`, async () => {
    const backend = await createWasmBackend({ threads });
    const a = backend.allocate(6, 'f32');
    backend.write(a, [1, 2, 3], 2);
    assert.equal([...(await backend.read(a))], [0, 0, 1, 2, 3, 0]);
    assert.equal([...(await backend.read(a, 2, 2))], [1, 2]);
    const b = backend.allocate(4, 'f32');
    backend.copy(a, 2, b, 1, 3);
    assert.equal([...(await backend.read(b))], [0, 1, 2, 3]);
    const integers = backend.allocate(2, 'i32');
    backend.write(integers, Int32Array.of(-5, 7));
    assert.equal(await backend.read(integers), Int32Array.of(-5, 7));
    const copy = (await backend.read(a)) as Float32Array;
    copy[0] = 9;
    assert.is((await backend.read(a))[0], 0, 'what is read is a copy');
    assert.is(backend.bytesInUse(), 48);
    assert.throws(() => backend.write(a, [1, 2], 5), failure(BackendError, /^wasm.write: expected a range inside 6 elements, got 2 from 5$/));
    assert.ok(failure(BackendError, /^wasm.read: expected a range inside/)(await rejection(backend.read(a, -1, 2))));
    assert.throws(() => backend.copy(a, 0, integers, 0, 1), failure(ShapeError, /^copy: expected buffers of one dtype, got f32 and i32$/));
    await backend.dispose();
  });

  test(`names what is wrong with a call, ${threads} threads`, async () => {
    const backend = await createWasmBackend({ threads });
    const x = vector(backend, [1, 2, 3]);
    const y = vector(backend, [0, 0, 0, 0]);
    assert.throws(
      () => backend.run('elementwise_unary', { args: { x, y } }),
      failure(ShapeError, /^elementwise_unary: expected y of shape \[N=3\], got \[4\]$/),
    );
    assert.throws(() => backend.run('nothing', { args: {} }), failure(KernelError, /^catalogue: expected the name of a kernel, got "nothing"/));
    assert.throws(() => backend.run('fill', { variant: 'red', args: { y } }), failure(KernelError, /^fill: expected a variant among default, got "red"$/));
    assert.throws(() => backend.run('fill', { args: { y } }), failure(KernelError, /^fill: expected parameter value, got nothing$/));
    const short = { ...x, shape: [40] };
    assert.throws(
      () => backend.run('fill', { args: { y: short }, params: { value: 1 } }),
      failure(ShapeError, /^fill: expected a buffer of at least 40 elements for y \[40\], got 3$/),
    );
    assert.throws(() => backend.scratchLength('fill', 'y', { args: { y } }), failure(KernelError, /^fill: expected the name of an opaque argument, got "y"$/));
    backend.free(x.buffer);
    assert.throws(() => backend.run('fill', { args: { y: x }, params: { value: 1 } }), failure(BackendError, /freed/));
    assert.throws(() => backend.free(x.buffer), failure(BackendError, /freed/));
    assert.throws(() => backend.write(x.buffer, [1]), failure(BackendError, /freed/));
    const other = await createWasmBackend({ threads: 1 });
    assert.throws(() => other.run('fill', { args: { y }, params: { value: 1 } }), failure(BackendError, /expected a buffer of this backend/));
    await other.dispose();
    await backend.dispose();
  });

  test(`turns a trap into a KernelError and goes on, ${threads} threads`, async () => {
    const backend = await createWasmBackend({ threads });
    const n = 100_000;
    const wide = { buffer: backend.allocate(n, 'f32'), shape: [n], dtype: 'f32' as const };
    // No call that the catalogue lets through can trap, so this buffer claims to lie beyond the end of memory.
    const beyond = { ...wide, buffer: Object.create(wide.buffer, { address: { value: 2 ** 32 - 1024 } }) as typeof wide.buffer };
    assert.throws(
      () => backend.run('fill', { args: { y: beyond }, params: { value: 1 } }),
      failure(KernelError, /^fill: expected the kernel \(variant default\) to finish, got ".*out of bounds.*"; /),
    );
    backend.run('fill', { args: { y: wide }, params: { value: 4 } });
    assert.ok((await backend.read(wide.buffer)).every((value) => value === 4));
    await backend.dispose();
  });

  test(`runs out of memory with the sizes, ${threads} threads`, async () => {
    const backend = await createWasmBackend({ threads, maximumPages: 64 });
    assert.throws(
      () => backend.allocate(2_000_000, 'f32'),
      failure(BackendError, /^wasm: expected room for 2000000 elements \(8000000 bytes\), got no space: 0 bytes are in use of at most 4194304; /),
    );
    backend.free(backend.allocate(900_000, 'f32'));
    assert.is(backend.bytesInUse(), 0);
    await backend.dispose();
  });

  test(`refuses everything after dispose, which may be called twice, ${threads} threads`, async () => {
    const backend = await createWasmBackend({ threads });
    const y = vector(backend, [1]);
    assert.is(backend.lostReason(), null);
    await backend.dispose();
    await backend.dispose();
    assert.is(backend.lostReason(), 'it was disposed');
    const gone = failure(BackendError, /^wasm: expected a working backend, got one that ended: it was disposed$/);
    assert.throws(() => backend.allocate(1, 'f32'), gone);
    assert.throws(() => backend.free(y.buffer), gone);
    assert.throws(() => backend.write(y.buffer, [1]), gone);
    assert.throws(() => backend.run('fill', { args: { y }, params: { value: 1 } }), gone);
    assert.ok(gone(await rejection(backend.read(y.buffer))));
    assert.ok(gone(await rejection(backend.finish())));
  });
}

test.run();
