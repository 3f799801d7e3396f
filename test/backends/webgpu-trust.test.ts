// Which GPUs are trusted: chosen by `auto`, taken by name, refused. A process of its own: devices are few.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBackend, listBackends } from '../../src/backends/create.js';
import { createWebgpuBackend } from '../../src/backends/webgpu/index.js';
import { BackendError } from '../../src/errors.js';
import { likeHardware, likeSoftware, type Offer, offerGpu } from '../support/offered-gpu.js';
import { openOrSkip } from '../support/webgpu.js';

const test = suite('webgpu trust');

async function withGpu<T>(offer: Offer, use: () => Promise<T>): Promise<T> {
  const withdraw = await offerGpu(offer);
  try {
    return await use();
  } finally {
    withdraw();
  }
}

async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    assert.instance(error, BackendError);
    return (error as Error).message;
  }
  throw new Error('expected a refusal, got a backend');
}

/** A driver that is one per cent off on the way back. */
const poison = (code: string) => code.replace('fn get_d_outputs(i: u32) -> f32 { return ', 'fn get_d_outputs(i: u32) -> f32 { return 1.01 * ');

/** A driver that does not understand the shaders. */
const broken = (code: string) => code.replaceAll('@compute', '@computer');

const there = await openOrSkip(test, 'which GPUs are trusted', async () => {
  (await offerGpu({}))();
  return true;
});
if (there) {
  test('auto takes a GPU that is hardware and computes what the reference does', async () => {
    const { description, name } = await withGpu({ info: likeHardware }, async () => {
      const backend = await createBackend();
      await backend.dispose();
      return { description: backend.description, name: backend.description.name };
    });
    assert.is(name, 'webgpu', description.reason);
    assert.equal([description.adapter, description.software], ['acme anvil Anvil 9000', false]);
    assert.match(description.reason, /hardware adapter/);
  });

  test('auto leaves a GPU that fails the self-check, and says why', async () => {
    const backend = await withGpu({ info: likeHardware, shader: broken }, () => createBackend());
    const { name, reason } = backend.description;
    await backend.dispose();
    assert.is(name, 'wasm');
    assert.match(reason, /; webgpu: expected acme anvil Anvil 9000 to pass the self-check, got .*while parsing WGSL/s);
  });

  test('auto never takes a software adapter; by name it is taken and says what it is', async () => {
    const seen: GPUDevice[] = [];
    const offer = { info: likeSoftware, onDevice: (device: GPUDevice) => seen.push(device) };
    const backend = await withGpu(offer, () => createBackend());
    assert.is(backend.description.name, 'wasm');
    assert.match(backend.description.reason, /; webgpu: .*only the software adapter .*, which is taken by name only/);
    assert.is(seen.length, 0);
    await backend.dispose();
    const named = await withGpu(offer, () => createWebgpuBackend());
    assert.is(named.description.software, true);
    assert.match(named.description.reason, /software adapter: computes on the processor/);
    await named.dispose();
  });

  test('a GPU that computes something else is refused by name, with the deviation', async () => {
    const message = await withGpu({ shader: poison }, () => refusal(createBackend('webgpu')));
    assert.match(
      message,
      /^webgpu: expected .* to pass the self-check, got largest deviation from the reference 1\.0e-2 of the largest value \(.*bound 2e-5; /,
    );
    assert.match(message, /it is not to be trusted: update its driver, or use another backend$/);
  });

  test('a GPU that fails is listed with its limits and the reason', async () => {
    const [report] = await withGpu({ shader: broken }, () => listBackends(['webgpu']));
    assert.equal([report?.available, report?.threads, report?.variants.length, report?.checks[0]?.ok], [false, 0, 0, false]);
    assert.ok((report?.limits?.['maxStorageBuffersPerShaderStage'] ?? 0) >= 8);
    assert.match(report?.reason ?? '', /not to be trusted: /);
  });
}

test.run();
