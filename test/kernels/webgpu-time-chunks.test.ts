// Rollouts on webgpu give the same bits however time is cut into dispatches and wherever a tile's memory stands. A process of its own: one device each.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TensorData } from '../../src/backends/backend.js';
import type { GpuLimits, GpuRow } from '../../src/backends/webgpu/kernel-row.js';
import { kernelTable } from '../../src/backends/webgpu/kernel-table.js';
import { backwardCase } from '../cases/rollout_backward.js';
import type { RolloutCase } from '../cases/rollout_forward.js';
import { runCase } from '../support/cases.js';
import { webgpuUnderTest } from '../support/webgpu.js';

const test = suite('webgpu time chunks');
const backend = await webgpuUnderTest(test, 'rollouts in chunks of time on webgpu');

const rollouts: readonly RolloutCase[] = [
  { name: 'noise, states, input gradients', cell: 'lstm', B: 40, T: 16, H: 12, noise: true, states: true, inputGradients: true },
  { name: 'network of layers', cell: 'node', B: 9, T: 16, H: 3, layers: [20, 17], inputGradients: true },
];

/** Forward and backward of a case under other limits than the device's; also how many dispatches they took. */
async function runUnder(rollout: RolloutCase, changed: Partial<GpuLimits>): Promise<{ outputs: Record<string, TensorData>; dispatches: number }> {
  assert.ok(backend?.dispatchCount);
  const table = kernelTable as Record<string, GpuRow>;
  const names = ['rollout_forward', 'rollout_backward'];
  const rows = names.map((name) => table[name] as GpuRow);
  const before = backend.dispatchCount().dispatches;
  try {
    names.forEach((name, i) => {
      const row = rows[i] as GpuRow;
      table[name] = { ...row, plan: (call, host, limits) => row.plan(call, host, { ...limits, ...changed }) };
    });
    const kernelCase = backwardCase(rollout, 11);
    const forward = await runCase(backend, kernelCase.before ?? kernelCase);
    return { outputs: { ...forward, ...(await runCase(backend, kernelCase)) }, dispatches: backend.dispatchCount().dispatches - before };
  } finally {
    names.forEach((name, i) => {
      table[name] = rows[i] as GpuRow;
    });
  }
}

const bitsOf = (outputs: Record<string, TensorData>): string =>
  JSON.stringify(Object.entries(outputs).map(([name, { buffer, byteOffset, length }]) => [name, Array.from(new Uint32Array(buffer, byteOffset, length))]));

const steps = (count: number): Partial<GpuLimits> => ({ stepsPerDispatch: () => count });

if (backend) {
  test.after(() => backend.dispose());

  for (const rollout of rollouts) {
    test(`a ${rollout.cell} cut into chunks of 1 and 7 steps gives the bits of a single dispatch`, async () => {
      const whole = await runUnder(rollout, steps(rollout.T as number));
      // Packing, forward; packing, forward, packing, backward, product, sum of its slices: no more, whatever the number of steps.
      assert.is(whole.dispatches, 8);
      for (const length of [1, 7]) {
        const chunks = await runUnder(rollout, steps(length));
        assert.ok(chunks.dispatches >= 8 + 3 * (Math.ceil((rollout.T as number) / length) - 1), `${chunks.dispatches} dispatches`);
        assert.is(bitsOf(chunks.outputs), bitsOf(whole.outputs));
      }
    });
  }

  test('memory of a tile that does not fit a workgroup gives the same bits from the workspace, in chunks of time too', async () => {
    const rollout = rollouts[0] as RolloutCase;
    const whole = await runUnder(rollout, steps(rollout.T as number));
    const { outputs } = await runUnder(rollout, { ...steps(5), workgroupBytes: 512 });
    assert.is(bitsOf(outputs), bitsOf(whole.outputs));
  });
}

test.run();
