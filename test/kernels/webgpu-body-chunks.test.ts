// Bodies on webgpu give the same bits however time is cut into dispatches, and take time steps of more ministeps than can be kept at once. A process of its own: one device each.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TensorData } from '../../src/backends/backend.js';
import type { GpuRow } from '../../src/backends/webgpu/kernel-row.js';
import { bodyWord } from '../../src/backends/body-layout.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { kernelTable } from '../../src/backends/webgpu/kernel-table.js';
import { cases } from '../cases/effector_rollout_backward.js';
import { cases as stepCases } from '../cases/effector_step_backward.js';
import { compareOutputs, type KernelCase, runCase } from '../support/cases.js';
import { webgpuUnderTest } from '../support/webgpu.js';

const test = suite('webgpu chunks of bodies');
const backend = await webgpuUnderTest(test, 'rollouts of bodies in chunks of time on webgpu');
const table = kernelTable as Record<string, GpuRow>;

/** Forward and backward of a case with at most so many steps in a dispatch; also how many dispatches they took. */
async function runInChunks(kernelCase: KernelCase, steps: number): Promise<{ bits: string; dispatches: number }> {
  assert.ok(backend?.dispatchCount && kernelCase.before);
  const names = ['effector_rollout_forward', 'effector_rollout_backward'];
  const rows = names.map((name) => table[name] as GpuRow);
  const before = backend.dispatchCount().dispatches;
  try {
    names.forEach((name, i) => {
      const row = rows[i] as GpuRow;
      table[name] = { ...row, plan: (call, host, limits) => row.plan(call, host, { ...limits, stepsPerDispatch: () => steps }) };
    });
    const outputs: Record<string, TensorData> = { ...(await runCase(backend, kernelCase.before)), ...(await runCase(backend, kernelCase)) };
    const bits = Object.entries(outputs).map(([name, { buffer, byteOffset, length }]) => [name, [...new Uint32Array(buffer, byteOffset, length)]]);
    return { bits: JSON.stringify(bits), dispatches: backend.dispatchCount().dispatches - before };
  } finally {
    names.forEach((name, i) => {
      table[name] = rows[i] as GpuRow;
    });
  }
}

/** A case with a time step cut into so many ministeps. */
function cut(kernelCase: KernelCase, ministeps: number): KernelCase {
  const layout = kernelCase.args['body_layout'];
  assert.ok(layout?.data);
  const data = Int32Array.from(layout.data);
  data[bodyWord.ministeps] = ministeps;
  return { ...kernelCase, args: { ...kernelCase.args, body_layout: { ...layout, data } } };
}

if (backend) {
  test.after(() => backend.dispose());
  for (const [name, steps] of [
    ['RigidTendonArm26, three tiles', 30],
    ['path mass, CompliantTendonHill, rk4', 5],
  ] as const) {
    const kernelCase = cases.find((one) => one.name.startsWith(name) && one.name.includes(`${steps} steps`));
    test(`${name}, in chunks of 1, 4 and all steps`, async () => {
      assert.ok(kernelCase);
      const whole = await runInChunks(kernelCase, steps);
      assert.is(whole.dispatches, 3); // forward; forward, backward
      for (const length of [1, 4]) {
        const cut = await runInChunks(kernelCase, length);
        assert.is(cut.dispatches, 3 * Math.ceil(steps / length));
        assert.is(cut.bits, whole.bits);
      }
    });
  }

  for (const integrator of ['euler', 'rk4', 'rk4-motornet']) {
    const kernelCase = stepCases.find(({ name }) => name.startsWith(`constant arm, Relu, ${integrator}`));
    test(`${integrator} goes back through 70 ministeps, more than it keeps at once`, async () => {
      assert.ok(kernelCase);
      const oracle = createReferenceBackend({ precision: 'f32' });
      const many = cut(kernelCase, 70);
      compareOutputs(backend, await runCase(backend, many), await runCase(oracle, many), many);
      await oracle.dispose();
    });
  }

  test('more ministeps than the square of what can be kept are refused', async () => {
    const kernelCase = stepCases.find(({ name }) => name.startsWith('constant arm, Relu, euler')) as KernelCase;
    let message = '';
    await runCase(backend, cut(kernelCase, 5000)).catch((error: Error) => {
      message = error.message;
    });
    assert.match(message, /expected a body of at most 4096 ministeps a time step with 3 muscles, got 5000; take shorter time steps/);
  });
}

test.run();
