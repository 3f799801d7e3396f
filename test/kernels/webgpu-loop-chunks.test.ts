// Closed loops on webgpu give the same bits however time is cut into dispatches, within any limits, and in trials that no row changes. A process of its own: one device
// each.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TensorData } from '../../src/backends/backend.js';
import type { GpuLimits, GpuRow } from '../../src/backends/webgpu/kernel-row.js';
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
  changes: ['units', 'fields', 'strengths'],
  states: true,
  inputs: true,
  inputGradients: true,
};

/** Outputs of a case under other limits than the device's. */
async function runUnder(kernelCase: KernelCase, changed: Partial<GpuLimits>): Promise<Record<string, TensorData>> {
  if (!backend) throw new Error('unreachable: the tests are skipped without a backend');
  const table = kernelTable as Record<string, GpuRow>;
  const kernels = ['closed_loop_forward', 'closed_loop_backward'];
  const rows = kernels.map((kernel) => table[kernel] as GpuRow);
  kernels.forEach((kernel, i) => {
    const row = rows[i] as GpuRow;
    table[kernel] = { ...row, plan: (call, host, limits) => row.plan(call, host, { ...limits, ...changed }) };
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
const stepsAtOnce = (length: number): Partial<GpuLimits> => ({ stepsPerDispatch: () => length });

async function checkSameBits(kernelCase: KernelCase, limits: readonly Partial<GpuLimits>[]): Promise<void> {
  const whole = await runUnder(kernelCase, stepsAtOnce(steps));
  for (const changed of limits) {
    const before = backend?.dispatchCount?.().timeChunks ?? 0;
    const cut = await runUnder(kernelCase, changed);
    assert.ok((backend?.dispatchCount?.().timeChunks ?? 0) > before, 'cut into more dispatches');
    for (const [name, values] of Object.entries(whole)) assert.equal(bits(cut[name] as TensorData), bits(values), name);
  }
}

/** The case with rows of 0 in the trials that are left alone. */
function withoutChanges(kernelCase: KernelCase, left: (trial: number) => boolean): KernelCase {
  const rows = ['unit_row', 'field_row', 'strength_row'].map((name) => {
    const { shape, data } = kernelCase.args[name] as { shape: readonly number[]; data: ArrayLike<number> };
    return [name, { shape, data: Int32Array.from(data, (row, i) => (left(Math.floor(i / (shape[1] as number))) ? 0 : row)) }] as const;
  });
  const { before } = kernelCase;
  return { ...kernelCase, args: { ...kernelCase.args, ...Object.fromEntries(rows) }, ...(before ? { before: withoutChanges(before, left) } : {}) };
}

if (backend) {
  test('forward without a cache, in chunks of 1 and 7 steps', () => checkSameBits(forwardCase(everything, 1, false), [1, 7].map(stepsAtOnce)));
  test('backward after forward, in chunks of 1 and 7 steps', () => checkSameBits(backwardCase(everything, 2), [1, 7].map(stepsAtOnce)));
  test('backward after forward with 64 times less memory and fewer invocations a workgroup', () =>
    checkSameBits(backwardCase(everything, 3), [{ ...stepsAtOnce(5), workgroupBytes: 256, invocations: 4 }]));
  test('rows of 0 leave a trial its bits, forward and backward: in all trials, and beside others that units, fields and strengths change', async () => {
    const changed = backwardCase(everything, 4);
    const [all, some] = [() => true, (trial: number) => trial % 3 === 0];
    const outputsOf = async (left: ((trial: number) => boolean) | null) => {
      const both = left === null ? backwardCase({ ...everything, changes: [] }, 4) : withoutChanges(changed, left);
      return [await runUnder(both.before as KernelCase, stepsAtOnce(steps)), await runUnder(both, stepsAtOnce(steps))];
    };
    const [absent, none, mixed] = [await outputsOf(null), await outputsOf(all), await outputsOf(some)];
    let acted = 0;
    for (const [i, outputs] of absent.entries()) {
      for (const [name, values] of Object.entries(outputs)) {
        assert.equal(bits(none[i]?.[name] as TensorData), bits(values), `${name}, all`);
        if (name === 'gradient') continue;
        const size = values.length / 9;
        for (let trial = 0; trial < 9; trial++) {
          const [own, other] = [values, mixed[i]?.[name] as TensorData].map((of) => bits(of.slice(trial * size, (trial + 1) * size)));
          if (some(trial)) assert.equal(other, own, `${name} of trial ${trial}`);
          else if (own?.some((word, at) => word !== other?.[at])) acted++;
        }
      }
    }
    assert.ok(acted > 0);
  });
  test.after(() => backend.dispose());
}

test.run();
