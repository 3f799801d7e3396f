// Training on webgpu: how much a step dispatches, that nothing is refused on a device with 1/64 of the default limits, and that losses read later are the same.
// A process of its own: one device.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend } from '../../src/backends/backend.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { createWebgpuBackend } from '../../src/backends/webgpu/index.js';
import { createBenchTask } from '../../src/jobs/bench/bench-tasks.js';
import { createModel } from '../../src/models/model.js';
import { generateData } from '../../src/tasks/data.js';
import { networkSize } from '../../src/tasks/task.js';
import { rampEpochs } from '../../src/training/loss.js';
import { trainingOptions } from '../../src/training/options.js';
import { createTrainingSession, type StepResult, type TrainingSession } from '../../src/training/session.js';
import { assertClose } from '../support/assert-close.js';
import { openOrSkip } from '../support/webgpu.js';

const test = suite('webgpu training');

/** A 64th of what every WebGPU device binds at once. */
const bindingBytes = 2 ** 27 / 64;
const backend = await openOrSkip(test, 'training on webgpu', () => createWebgpuBackend({ defaultLimits: true, bindingBytes }));

/** A GRU-16 and `trials` trials, of which `batch` are one step. */
function open(on: Backend, name: string, { trials, batch, steps }: { trials: number; batch: number; steps: number }) {
  const task = createBenchTask(name, steps);
  const model = createModel({ cell: 'gru', hiddenSize: 16 }, ...networkSize(task));
  const data = generateData(task, { trials, validationFraction: 1 / trials, seed: 0 });
  const session = createTrainingSession({ backend: on, model, task, data, training: trainingOptions.parse({ batchSize: batch }), seed: 0 });
  const epoch = 1 + rampEpochs(task.loss);
  const step = (k: number): [Int32Array, number, number] => [data.trainingIndices.subarray(k * batch, (k + 1) * batch), epoch, 0.01];
  return { session, step };
}

async function losses(session: TrainingSession, step: (k: number) => [Int32Array, number, number], count: number): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (let k = 0; k < count; k++) results.push(await session.step(...step(k)));
  return results;
}

if (backend) {
  const { arrayLimit } = backend;
  test.after(() => backend.dispose());

  for (const [name, most] of [['flipflop', 20] as const, ['reach', 25] as const]) {
    test(`a step of ${name} dispatches at most ${most} times, and as often for trials three times as long`, async () => {
      const counts: number[] = [];
      for (const steps of [100, 300]) {
        const { session, step } = open(backend, name, { trials: 5, batch: 4, steps });
        await session.step(...step(0));
        await backend.finish();
        const before = backend.dispatchCount?.() ?? { dispatches: 0, timeChunks: 0 };
        await session.step(...step(0));
        await backend.finish();
        const after = backend.dispatchCount?.() ?? before;
        counts.push(after.dispatches - before.dispatches - (after.timeChunks - before.timeChunks));
        session.dispose();
      }
      assert.ok(
        counts.every((count) => count > 5 && count <= most),
        `${counts}`,
      );
      assert.is(counts[1], counts[0]);
    });

    test(`batches and data of ${name} that exceed the limits are cut, and nothing else changes`, async () => {
      // 6 000 trials of 30 steps and 3 channels are 2.06 MiB: that array stays on the host.
      const sizes = { trials: 6000, batch: 240, steps: 30 };
      assert.ok(6000 * 30 * 3 * 4 > (arrayLimit as number));
      const wasm = await createWasmBackend({ threads: 1 });
      const expected = open(wasm, name, sizes);
      const actual = open(backend, name, sizes);
      assert.ok(actual.session.microBatchSize < 240 && actual.session.microBatchSize >= 32, `${actual.session.microBatchSize}`);
      const [a, e] = [await losses(actual.session, actual.step, 2), await losses(expected.session, expected.step, 2)];
      assertClose(
        a.map(({ loss }) => loss),
        e.map(({ loss }) => loss),
        { case: `losses of ${name}`, rtol: 1e-5 },
      );
      assertClose([(await actual.session.validate(1)).loss], [(await expected.session.validate(1)).loss], { case: `validation of ${name}`, rtol: 1e-5 });
      for (const { session } of [actual, expected]) session.dispose();
      assert.equal([backend.bytesInUse(), backend.lostReason()], [0, null]);
      await wasm.dispose();
    });
  }

  test('losses read together are those read one by one', async () => {
    const sizes = { trials: 20, batch: 4, steps: 30 };
    const single = open(backend, 'flipflop', sizes);
    const expected = await losses(single.session, single.step, 4);
    const { session, step } = open(backend, 'flipflop', sizes);
    assert.is(session.stepsBetweenReads, 8);
    for (let k = 0; k < 4; k++) session.queueStep(...step(k));
    assert.equal(await session.results(), expected);
    assert.equal(await session.save(), await single.session.save());
    for (const each of [single.session, session]) each.dispose();
  });
}

test.run();
