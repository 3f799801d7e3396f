// Start-up: choosing, registering and listing backends, and the self-check.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend } from '../../src/backends/backend.js';
import { createBackend, listBackends, registerBackend, selfCheck } from '../../src/backends/create.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { BackendError } from '../../src/errors.js';

const test = suite('create backend');

async function message(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, BackendError);
    return (error as Error).message;
  }
  throw new Error('expected a rejection, got none');
}

test('auto takes wasm and says why', async () => {
  const backend = await createBackend();
  assert.is(backend.description.name, 'wasm');
  assert.is(backend.description.variant, 'simd');
  assert.ok(backend.description.reason.length > 10);
  await backend.dispose();
});

test('a backend by name gets its options or is refused with the reason', async () => {
  const backend = await createBackend('reference', { variant: 'f32' });
  assert.is(backend.description.variant, 'f32');
  await backend.dispose();
  assert.match(await message(createBackend('reference', { variant: 'f16' })), /^reference: expected a variant among f64, f32, got "f16"$/);
  assert.match(await message(createBackend('reference', { threads: 2 })), /^reference: expected 1 thread, got 2/);
  assert.match(await message(createBackend('cuda')), /^createBackend: expected a backend among auto, wasm, webgpu, gpujs, reference, got "cuda"$/);
  assert.match(
    await message(createBackend('auto', { threads: 0 })),
    /^createBackend: expected a backend that works here, got none: webgpu: .+; wasm: expected 1 to 64 threads/,
  );
});

test('every backend listed works in the variants listed', async () => {
  const [first, second, ...rest] = await listBackends(['wasm', 'reference'], true);
  assert.equal([first?.name, second?.name, rest.length], ['wasm', 'reference', 0]);
  for (const report of [first, second]) {
    const { name, available, variants, threads, reason, checks, adapter } = report as NonNullable<typeof first>;
    assert.ok(available && adapter === null, `${name}: ${reason}`);
    assert.ok(threads >= 1 && reason.length > 10);
    assert.equal(
      checks.map(({ variant }) => variant),
      variants,
    );
    for (const { variant, ok, detail } of checks) assert.ok(ok, `${name} ${variant}: ${detail}`);
  }
  assert.equal((await listBackends(['reference']))[0]?.checks, []);
});

test('the self-check finds a backend that computes something else', async () => {
  const sound = createReferenceBackend();
  const wrong = (change: (value: number) => number): Backend => {
    const broken = Object.create(sound) as Backend;
    const overrides: Partial<Backend> = {
      allocate: (length, dtype) => sound.allocate(length, dtype),
      free: (buffer) => sound.free(buffer),
      write: (buffer, data, offset) => sound.write(buffer, data, offset),
      run: (kernel, call) => sound.run(kernel, call),
      scratchLength: (kernel, argument, call) => sound.scratchLength(kernel, argument, call),
      read: async (buffer, offset, length) => Float64Array.from(await sound.read(buffer, offset, length), change),
      lostReason: () => null,
    };
    return Object.assign(broken, overrides);
  };
  assert.ok((await selfCheck(wrong((value) => value))).ok);
  assert.not.ok((await selfCheck(wrong((value) => value * 1.001))).ok);
  assert.not.ok((await selfCheck(wrong(() => Number.NaN))).ok);
  await sound.dispose();
  const { ok, detail } = await selfCheck(sound);
  assert.not.ok(ok);
  assert.match(detail, /disposed/);
});

test('a third backend can be registered once', async () => {
  registerBackend('mine', async () => createReferenceBackend({ precision: 'f32' }));
  const backend = await createBackend('mine');
  assert.is(backend.description.variant, 'f32');
  await backend.dispose();
  assert.ok((await listBackends(['mine'])).some(({ name, available }) => name === 'mine' && available));
  for (const name of ['mine', 'wasm', 'auto'])
    assert.throws(() => registerBackend(name, async () => createReferenceBackend()), /^registerBackend: expected a new name/);
});

test.run();
