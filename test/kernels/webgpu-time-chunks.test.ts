// Rollouts on webgpu give the same bits however time is cut into dispatches and wherever a tile's memory stands. A process of its own: one device each.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TensorData } from '../../src/backends/backend.js';
import type { GpuLimits, GpuRow } from '../../src/backends/webgpu/kernel-row.js';
import { kernelTable } from '../../src/backends/webgpu/kernel-table.js';
import { backwardCase } from '../cases/rollout_backward.js';
import type { RolloutCase } from '../cases/rollout_forward.js';
import { type KernelCase, runCase } from '../support/cases.js';
import { webgpuUnderTest } from '../support/webgpu.js';

const test = suite('webgpu time chunks');
const backend = await webgpuUnderTest(test, 'rollouts in chunks of time on webgpu');

const rollouts: readonly RolloutCase[] = [
  { name: 'noise, changed units, states, input gradients', cell: 'lstm', B: 40, T: 16, H: 12, noise: true, changes: true, states: true, inputGradients: true },
  { name: 'network of layers', cell: 'node', B: 9, T: 16, H: 3, layers: [20, 17], inputGradients: true },
];

type Edit = (rows: Int32Array) => Int32Array;

/** The case with other choices of changed units. */
function choosing(kernelCase: KernelCase, edit: Edit): KernelCase {
  const { args, before } = kernelCase;
  const rows = args['unit_row'];
  const edited = rows?.data ? { ...args, unit_row: { ...rows, data: edit(Int32Array.from(rows.data)) } } : args;
  return { ...kernelCase, args: edited, ...(before ? { before: choosing(before, edit) } : {}) };
}

/** Forward and backward of a case under other limits than the device's; also how many dispatches they took. */
async function runUnder(
  rollout: RolloutCase,
  changed: Partial<GpuLimits>,
  edit: Edit = (rows) => rows,
): Promise<{ outputs: Record<string, TensorData>; dispatches: number }> {
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
    const kernelCase = choosing(backwardCase(rollout, 11), edit);
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

  test('units that no row changes keep their bits: all of them, and those of a trial among changed ones', async () => {
    const changed = { ...(rollouts[0] as RolloutCase), B: 9 };
    const { T = 0, O = 3 } = changed;
    const whole = steps(T);
    const [without, some, none] = [
      await runUnder({ ...changed, changes: false }, whole),
      await runUnder(changed, whole),
      await runUnder(changed, whole, (rows) => rows.fill(0)),
    ];
    assert.is(bitsOf(none.outputs), bitsOf(without.outputs));
    // The first trial is left alone in every case (test/cases/rollout_forward.ts), the others are not.
    const [expected, actual] = [without, some].map(({ outputs }) => outputs['outputs'] as Float32Array);
    assert.equal(actual?.subarray(0, T * O), expected?.subarray(0, T * O));
    assert.not.equal(actual, expected);
  });

  test('memory of a tile that does not fit a workgroup gives the same bits from the workspace, in chunks of time too', async () => {
    const rollout = rollouts[0] as RolloutCase;
    const whole = await runUnder(rollout, steps(rollout.T as number));
    const { outputs } = await runUnder(rollout, { ...steps(5), workgroupBytes: 512 });
    assert.is(bitsOf(outputs), bitsOf(whole.outputs));
  });
}

test.run();
