// The webgpu backend as a whole: what it says of itself, what it refuses and how, memory, the order of what is queued, limits, disposal.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend, KernelArgument } from '../../src/backends/backend.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { createWebgpuBackend } from '../../src/backends/webgpu/index.js';
import { BackendError, KernelError, ShapeError } from '../../src/errors.js';
import { webgpuUnderTest } from '../support/webgpu.js';

const test = suite('webgpu backend');

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

const empty = (backend: Backend, length: number): KernelArgument => ({ buffer: backend.allocate(length, 'f32'), shape: [length], dtype: 'f32' });
const vector = (backend: Backend, data: readonly number[]): KernelArgument => {
  const y = empty(backend, data.length);
  backend.write(y.buffer, data);
  return y;
};
const add = (backend: Backend, y: KernelArgument, x: KernelArgument): void => {
  const length = y.shape[0] as number;
  const zeros = Object.fromEntries(['a', 'b'].flatMap((name) => [0, 1, 2].map((axis) => [`${name}_stride${axis}`, 0])));
  const params = { n0: 1, n1: 1, n2: 1, n3: length, ...zeros, a_stride3: 1, b_stride3: x.shape[0] === 1 ? 0 : 1 };
  backend.run('elementwise_binary', { variant: 'add', args: { a: y, b: x, y }, params });
};

const first = await webgpuUnderTest(test, 'the webgpu backend');
if (first) {
  const backend = first;
  test.after(() => backend.dispose());

  test('describes itself: the adapter, and whether it is one in software', () => {
    const { name, variant, threads, adapter, software, reason } = backend.description;
    assert.equal([name, variant, threads, typeof software], ['webgpu', 'f32', 1, 'boolean']);
    assert.ok(adapter !== null && adapter.length > 0 && reason.startsWith(adapter), reason);
    assert.match(reason, software ? /\(software adapter: computes on the processor, slowly\)$/ : /\(hardware adapter\)$/);
  });

  test('reads, writes and copies ranges, also inside one array', async () => {
    const a = backend.allocate(6, 'f32');
    backend.write(a, [1, 2, 3], 2);
    assert.equal([...(await backend.read(a))], [0, 0, 1, 2, 3, 0]);
    assert.equal([...(await backend.read(a, 2, 2))], [1, 2]);
    const b = backend.allocate(4, 'f32');
    backend.copy(a, 2, b, 1, 3);
    assert.equal([...(await backend.read(b))], [0, 1, 2, 3]);
    backend.copy(a, 2, a, 3, 3);
    assert.equal([...(await backend.read(a))], [0, 0, 1, 1, 2, 3]);
    const integers = backend.allocate(2, 'i32');
    backend.write(integers, Int32Array.of(-5, 7));
    assert.equal(await backend.read(integers), Int32Array.of(-5, 7));
    const none = backend.allocate(0, 'f32');
    backend.write(none, []);
    assert.is((await backend.read(none)).length, 0);
    assert.is(backend.bytesInUse(), 48);
    assert.throws(() => backend.write(a, [1, 2], 5), failure(BackendError, /^webgpu.write: expected a range inside 6 elements, got 2 from 5$/));
    assert.ok(failure(BackendError, /^webgpu.read: expected a range inside/)(await rejection(backend.read(a, -1, 2))));
    assert.throws(() => backend.copy(a, 0, integers, 0, 1), failure(ShapeError, /^copy: expected buffers of one dtype, got f32 and i32$/));
    for (const buffer of [a, b, integers, none]) backend.free(buffer);
    assert.is(backend.bytesInUse(), 0);
  });

  test('names what is wrong with a call, and works on', async () => {
    const [x, y] = [vector(backend, [1, 2, 3]), empty(backend, 4)];
    assert.throws(
      () => backend.run('elementwise_unary', { args: { x, y } }),
      failure(ShapeError, /^elementwise_unary: expected y of shape \[N=3\], got \[4\]$/),
    );
    assert.throws(() => backend.run('nothing', { args: {} }), failure(KernelError, /^catalogue: expected the name of a kernel, got "nothing"/));
    assert.throws(() => backend.scratchLength('fill', 'y', { args: { y } }), failure(KernelError, /^fill: expected the name of an opaque argument, got "y"$/));
    const foreign = createReferenceBackend();
    assert.throws(
      () => backend.run('fill', { args: { y: empty(foreign, 2) }, params: { value: 1 } }),
      failure(BackendError, /expected a buffer of this backend/),
    );
    await foreign.dispose();
    const other = await createWebgpuBackend();
    assert.throws(
      () => backend.run('fill', { args: { y: empty(other, 2) }, params: { value: 1 } }),
      failure(BackendError, /^webgpu: expected a buffer of this backend, got one of another device$/),
    );
    await other.dispose();
    backend.free(x.buffer);
    for (const use of [
      () => backend.run('fill', { args: { y: x }, params: { value: 1 } }),
      () => backend.free(x.buffer),
      () => backend.write(x.buffer, [1]),
      () => backend.copy(x.buffer, 0, y.buffer, 0, 1),
    ])
      assert.throws(use, failure(BackendError, /^webgpu: expected a live buffer, got one of 3 elements that was freed$/));
    backend.run('fill', { args: { y }, params: { value: 3 } });
    assert.equal([...(await backend.read(y.buffer))], [3, 3, 3, 3]);
    backend.free(y.buffer);
    assert.is(backend.lostReason(), null);
  });

  test('knows small tables that the host wrote, copies of them too, and refuses others', () => {
    const argument = (data: readonly number[], shape: readonly number[], dtype: 'f32' | 'i32' = 'f32'): KernelArgument => {
      const buffer = backend.allocate(Math.max(1, data.length), dtype);
      backend.write(buffer, data);
      return { buffer, shape, dtype };
    };
    const zeros = (...shape: number[]) => argument(new Array<number>(shape.reduce((product, n) => product * n, 1)).fill(0), shape);
    const args = {
      inputs: zeros(1, 1, 1),
      parameters: zeros(40),
      initial_state: zeros(1, 2),
      layer_sizes: argument([2], [1], 'i32'),
      outputs: zeros(1, 1, 1),
      scratch: zeros(1),
    };
    const source = argument([2], [1], 'i32');
    backend.copy(source.buffer, 0, args.layer_sizes.buffer, 0, 1);
    const call = { variant: 'node', args, params: { hidden_size: 2 } };
    assert.ok(backend.scratchLength('rollout_forward', 'scratch', call) >= 0);
    backend.run('rollout_forward', call);
    const large = { buffer: backend.allocate(5000, 'i32'), shape: [1], dtype: 'i32' as const };
    assert.throws(
      () => backend.run('rollout_forward', { ...call, args: { ...args, layer_sizes: large } }),
      failure(
        KernelError,
        /^rollout_forward: expected layer_sizes as the host wrote it, of at most 4096 elements, got an array that is larger or that a kernel wrote$/,
      ),
    );
    for (const { buffer } of [...Object.values(args), source, large]) backend.free(buffer);
    assert.is(backend.bytesInUse(), 0);
  });

  test('keeps the order of writes, kernels, copies and reads, while shaders are still being compiled', async () => {
    const [x, y] = [vector(backend, [1, 2]), vector(backend, [0, 0])];
    add(backend, y, x);
    const early = backend.read(y.buffer);
    backend.write(x.buffer, [10, 20]);
    add(backend, y, x);
    backend.copy(y.buffer, 0, x.buffer, 0, 2);
    backend.write(y.buffer, [-1], 1);
    backend.run('elementwise_unary', { variant: 'square', args: { x, y } });
    backend.write(x.buffer, [0, 0]);
    const late = backend.read(y.buffer);
    assert.equal([...(await early)], [1, 2]);
    assert.equal([...(await late)], [121, 484]);
    assert.equal([...(await backend.read(x.buffer))], [0, 0]);
    for (const { buffer } of [x, y]) backend.free(buffer);
  });

  test('gives memory again, zeroed, without touching what is still queued for it', async () => {
    const total = vector(backend, [0, 0, 0]);
    for (let i = 1; i <= 5; i++) {
      const x = vector(backend, [i, i, i]);
      add(backend, total, x);
      backend.free(x.buffer); // the next one takes its place before this sum has run
    }
    const again = empty(backend, 3);
    const read = backend.read(again.buffer);
    backend.free(again.buffer);
    const after = vector(backend, [7, 7, 7]);
    assert.equal([...(await read)], [0, 0, 0]);
    assert.equal([...(await backend.read(total.buffer))], [15, 15, 15]);
    for (const { buffer } of [total, after]) backend.free(buffer);
    assert.is(backend.bytesInUse(), 0);
  });

  test('runs more kernels between two reads than their numbers have room for at once', async () => {
    const count = 1300;
    const y = empty(backend, count);
    const values = Array.from({ length: count }, (_, i) => i + 1);
    const one = empty(backend, 1);
    for (const value of values) {
      backend.run('fill', { args: { y: one }, params: { value } });
      backend.copy(one.buffer, 0, y.buffer, value - 1, 1);
    }
    const sum = vector(backend, [0]);
    for (let i = 0; i < count; i++) add(backend, sum, one);
    assert.equal([...(await backend.read(y.buffer))], values);
    assert.is((await backend.read(sum.buffer))[0], count * count);
    for (const { buffer } of [y, one, sum]) backend.free(buffer);
  });

  test('counts dispatches, and none for what the queue does by itself', async () => {
    const y = empty(backend, 5);
    const before = backend.dispatchCount?.().dispatches ?? 0;
    backend.run('fill', { args: { y }, params: { value: 0 } });
    assert.is(backend.dispatchCount?.().dispatches, before);
    backend.run('fill', { args: { y }, params: { value: 1 } });
    await backend.finish();
    assert.is(backend.dispatchCount?.().dispatches, before + 1);
    backend.free(y.buffer);
  });

  test('arrays that need slabs of their own come and go, with kernels across them', async () => {
    const length = 5_000_000;
    const arrays = [1, 2].map((value) => {
      const y = empty(backend, length);
      backend.run('fill', { args: { y }, params: { value } });
      return y;
    }) as [KernelArgument, KernelArgument];
    const small = vector(backend, [0.5]);
    add(backend, arrays[0], arrays[1]);
    add(backend, arrays[0], small);
    assert.equal([...(await backend.read(arrays[0].buffer, length - 2))], [3.5, 3.5]);
    assert.is(backend.bytesInUse(), 4 * (2 * length + 1));
    for (const { buffer } of [...arrays, small]) backend.free(buffer);
    assert.is(backend.bytesInUse(), 0);
    await backend.finish();
    assert.is(backend.lostReason(), null);
  });

  test('keeps arrays within the bytes of a binding, and says what to do', async () => {
    for (const bindingBytes of [0, 1024, 2 ** 40])
      assert.ok(
        failure(BackendError, /^webgpu: expected bindingBytes from 65536 to the device's \d+, got /)(await rejection(createWebgpuBackend({ bindingBytes }))),
      );
    const limited = await createWebgpuBackend({ bindingBytes: 65536 });
    assert.is(limited.arrayLimit, 65536);
    assert.throws(
      () => limited.allocate(16385, 'f32'),
      failure(
        BackendError,
        /^webgpu.allocate: expected an array of at most 65536 bytes, the largest that this device binds, got 65540 \(16385 elements of f32\); use fewer/,
      ),
    );
    for (const length of [-1, 1.5, Number.NaN])
      assert.throws(() => limited.allocate(length, 'f32'), failure(BackendError, /^webgpu.allocate: expected a whole number of elements, got /));
    const arrays = Array.from({ length: 3 }, (_, i) => {
      const y = empty(limited, 16384);
      limited.run('fill', { args: { y }, params: { value: i } });
      return y;
    }) as [KernelArgument, KernelArgument, KernelArgument];
    add(limited, arrays[2], arrays[1]);
    assert.is((await limited.read(arrays[2].buffer, 16383))[0], 3);
    await limited.dispose();
  });

  test('refuses everything after dispose, which may be called twice, and fails what still waits', async () => {
    const gone = await createWebgpuBackend();
    const y = vector(gone, [1]);
    gone.run('elementwise_unary', { variant: 'tanh', args: { x: y, y } });
    const [pending, finishing] = [rejection(gone.read(y.buffer)), rejection(gone.finish())];
    assert.is(gone.lostReason(), null);
    await gone.dispose();
    await gone.dispose();
    assert.is(gone.lostReason(), 'it was disposed');
    for (const error of [await pending, await finishing])
      assert.ok(failure(BackendError, /^webgpu: expected a working device, got one that ended: it was disposed$/)(error), error.message);
    const refused = failure(BackendError, /^webgpu: expected a working backend, got one that ended: it was disposed$/);
    assert.throws(() => gone.allocate(1, 'f32'), refused);
    assert.throws(() => gone.free(y.buffer), refused);
    assert.throws(() => gone.write(y.buffer, [1]), refused);
    assert.throws(() => gone.run('fill', { args: { y }, params: { value: 1 } }), refused);
    assert.ok(refused(await rejection(gone.read(y.buffer))));
    assert.ok(refused(await rejection(gone.finish())));
    assert.is(backend.lostReason(), null, 'another backend on the same adapter works on');
  });
}

test.run();
