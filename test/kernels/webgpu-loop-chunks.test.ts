// Closed loops on webgpu cut into chunks of time: the same bits as in one dispatch, whatever the lengths. A process of its own: one device each.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TensorData } from '../../src/backends/backend.js';
import type { GpuRow } from '../../src/backends/webgpu/kernel-row.js';
import { kernelTable } from '../../src/backends/webgpu/kernel-table.js';
import { backwardCase } from '../cases/closed_loop_backward.js';
import { forwardCase, type LoopCase } from '../cases/closed_loop_forward.js';
import { type KernelCase, runCase } from '../support/cases.js';
import { webgpuUnderTest } from '../support/webgpu.js';

const test = suite('webgpu loops in chunks of time');
const backend = await webgpuUnderTest(test, 'closed loops in chunks of time on webgpu');

const steps = 15;
const everything: LoopCase = {
  name: 'in chunks of time',
  cell: 'lstm',
  B: 9,
  T: steps,
  delays: [5, 2],
  frames: 2,
  noises: ['state', 'action', 'vision', 'proprioception', 'observation'],
  states: true,
  inputs: true,
  inputGradients: true,
};

/** Outputs of a case whose dispatches run for at most `length` steps of time. */
async function inChunks(kernelCase: KernelCase, length: number): Promise<Record<string, TensorData>> {
  if (!backend) throw new Error('unreachable: the tests are skipped without a backend');
  const table = kernelTable as Record<string, GpuRow>;
  const kernels = ['closed_loop_forward', 'closed_loop_backward'];
  const rows = kernels.map((kernel) => table[kernel] as GpuRow);
  kernels.forEach((kernel, i) => {
    const row = rows[i] as GpuRow;
    table[kernel] = { ...row, plan: (call, host, limits) => row.plan(call, host, { ...limits, stepsPerDispatch: () => length }) };
  });
  try {
    return await runCase(backend, kernelCase);
  } finally {
    kernels.forEach((kernel, i) => {
      table[kernel] = rows[i] as GpuRow;
    });
  }
}

const bits = (values: TensorData): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);

async function sameBits(kernelCase: KernelCase): Promise<void> {
  const whole = await inChunks(kernelCase, steps);
  for (const length of [1, 7]) {
    const before = backend?.dispatchCount?.().timeChunks ?? 0;
    const cut = await inChunks(kernelCase, length);
    assert.ok((backend?.dispatchCount?.().timeChunks ?? 0) > before, `chunks of ${length}`);
    for (const [name, values] of Object.entries(whole)) assert.equal(bits(cut[name] as TensorData), bits(values), `${name}, chunks of ${length}`);
  }
}

if (backend) {
  test('forward, without a cache', () => sameBits(forwardCase(everything, 1, false)));
  test('backward, after forward in the same chunks', () => sameBits(backwardCase(everything, 2)));
  test.after(() => backend.dispose());
}

test.run();
