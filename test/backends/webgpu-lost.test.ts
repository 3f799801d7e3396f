// A GPU that is lost while it trains: the run stops with what it has reached, and any backend takes it up. A process of its own: devices are few.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend } from '../../src/backends/backend.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { createWebgpuBackend } from '../../src/backends/webgpu/index.js';
import { train } from '../../src/config/train.js';
import { BackendError } from '../../src/errors.js';
import { openExperimentDirectory } from '../../src/runs/experiment-directory.js';
import { type MemoryStorage, memoryStorage } from '../../src/runs/memory-storage.js';
import { openRun } from '../../src/runs/open-run.js';
import { assertClose } from '../support/assert-close.js';
import { type Offer, offerGpu } from '../support/offered-gpu.js';
import { tinyExperiment } from '../support/tiny-experiment.js';
import { openOrSkip } from '../support/webgpu.js';

const test = suite('webgpu lost');

const experiment = (epochs: number) => tinyExperiment({ models: [{ cell: 'gru', hiddenSize: 4 }], 'training.epochs': epochs, 'data.trials': 40 });
const path = 'GRU-4/seed-7';

async function gpu(offer: Offer): Promise<Backend> {
  const withdraw = await offerGpu(offer);
  try {
    return await createWebgpuBackend();
  } finally {
    withdraw();
  }
}

/** Trains as the command line does; `onEpoch` hears of every epoch as it ends. */
async function run(storage: MemoryStorage, epochs: number, backend: Backend, onEpoch: (epoch: number) => void = () => {}): Promise<void> {
  const directory = await openExperimentDirectory(storage, experiment(epochs), { resume: true });
  try {
    for await (const event of train(experiment(epochs), { backend, resume: directory.resumeState })) {
      await directory.handle(event);
      if (event.type === 'epoch') onEpoch(event.epoch);
    }
    await directory.finish();
  } catch (error) {
    await directory.finish(error);
    throw error;
  }
}

async function failure(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    assert.instance(error, BackendError);
    return (error as Error).message;
  }
  throw new Error('expected a failure, got none');
}

const losses = async (storage: MemoryStorage) => (await openRun(storage, path)).metrics.flatMap(({ trainLoss, validationLoss }) => [trainLoss, validationLoss]);

const there = await openOrSkip(test, 'a GPU that is lost while it trains', async () => {
  (await offerGpu({}))();
  return true;
});
if (there) {
  test('a device destroyed in the middle of an epoch leaves the last good checkpoint, from which wasm goes on', async () => {
    const [whole, storage] = [memoryStorage(), memoryStorage()];
    const wasm = await createWasmBackend({ threads: 1 });
    await run(whole, 6, wasm);

    let device: GPUDevice | null = null;
    let submissions = Number.POSITIVE_INFINITY;
    const doomed = await gpu({
      onDevice: (opened) => {
        device = opened;
        const submit = opened.queue.submit.bind(opened.queue);
        opened.queue.submit = (commands) => {
          submit(commands);
          if (--submissions === 0) opened.destroy();
        };
      },
    });
    // Begun on wasm, taken up on a GPU.
    const begun = memoryStorage();
    await run(begun, 3, wasm);
    await run(begun, 6, doomed);
    assertClose(await losses(begun), await losses(whole), { case: 'losses', rtol: 1e-3 });
    assert.is((await openRun(begun, path)).manifest.backend.name, 'webgpu');

    // And the other way round. An epoch of seven steps submits far more often than that.
    const message = await failure(
      run(storage, 6, doomed, (epoch) => {
        if (epoch === 3) submissions = 8;
      }),
    );
    assert.ok(device && submissions <= 0);
    assert.match(
      message,
      /^GRU-4\/seed-7: expected backend webgpu to last until the end, got one that stopped in epoch 4: the device was lost \(destroyed.*\); the last good checkpoint, of epoch 3, is kept: go on with --resume, on this backend or any other$/,
    );
    await doomed.dispose();
    const left = await openRun(storage, path);
    assert.equal([left.manifest.status, left.manifest.epoch, left.metrics.length], ['failed', 3, 3]);
    assert.is(left.manifest.error, message);
    assert.is((await left.checkpoint('last')).epoch, 3);
    assert.equal(left.manifest.backend, doomed.description);

    await run(storage, 6, wasm);
    const { manifest } = await openRun(storage, path);
    assert.equal([manifest.status, manifest.epoch, manifest.backend.name, manifest.resumes[0]?.backend], ['complete', 6, 'wasm', 'wasm']);
    assert.match(manifest.warnings[0] ?? '', /^after epoch 3 this run goes on with wasm \(simd\); before, it ran with webgpu \(f32, .+\)/);
    assertClose(await losses(storage), await losses(whole), { case: 'losses', rtol: 1e-3 });
    await wasm.dispose();
  });

  test('memory that runs out ends the backend with the sizes, whenever the device says so', async () => {
    let scopes = 0;
    const backend = await gpu({
      onDevice: (device) => {
        device.popErrorScope = async () => (++scopes < 3 ? null : ({ message: 'no' } as GPUError));
      },
    });
    for (let i = 0; i < 4; i++) backend.allocate(2 ** 20, 'f32');
    backend.allocate(2 ** 26, 'f32');
    const message = await failure(backend.finish());
    assert.match(message, /it ran out of memory: \d{8,} bytes more for slab 2 were refused, \d{8,} are in arrays; use a smaller batch, micro-batch or model$/);
    assert.match(backend.lostReason() ?? '', /^it ran out of memory/);
    assert.throws(() => backend.allocate(1, 'f32'), /got one that ended: it ran out of memory/);
    await backend.dispose();
  });

  test('an error that nobody expected ends the backend', async () => {
    const seen: GPUDevice[] = [];
    const backend = await gpu({ onDevice: (opened) => seen.push(opened) });
    const [device] = seen as [GPUDevice];
    const source = device.createBuffer({ size: 16, usage: 4 });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(source, 0, source, 0, 64);
    device.queue.submit([encoder.finish()]);
    const message = await failure(
      (async () => {
        for (let i = 0; i < 100; i++) await backend.finish();
      })(),
    );
    assert.match(message, /the device reported an error: /);
    await backend.dispose();
  });
}

test.run();
