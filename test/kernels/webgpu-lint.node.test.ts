// Every shader that any case asks for compiles on Dawn's null backend, under the default limits and without a word of warning. Node only: browsers have no such backend. No driver is needed.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kernelNames } from '../../src/backends/catalogue.js';
import { shaderKey } from '../../src/backends/webgpu/assemble.js';
import { kernelTable } from '../../src/backends/webgpu/kernel-table.js';
import type { KernelCase } from '../support/cases.js';
import { openOrSkip } from '../support/webgpu.js';
import { planOf, textOf } from '../support/webgpu-plans.js';

const test = suite('webgpu shaders');

/** Dawn's instance must outlive its devices. */
let gpu: GPU;
const device = await openOrSkip(test, 'compiling every shader', async () => {
  const { create } = await import('webgpu');
  gpu = create(['backend=null']);
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('Dawn has no null adapter');
  return await adapter.requestDevice();
});

if (device) {
  const problems: string[] = [];
  device.onuncapturederror = ({ error }) => problems.push(error.message);
  const known = new Set<string>();

  /** Compiles what a case launches, where it is new. */
  const compile = async (kernelCase: KernelCase): Promise<void> => {
    const described = planOf(kernelCase);
    const { call, plan, slots } = described;
    const entries = [...new Set(plan.phases.map(({ entry }) => entry))];
    const key = `${shaderKey(call, plan, slots)} ${entries} ${JSON.stringify(plan.overrides ?? {})}`;
    if (known.has(key)) return;
    known.add(key);
    const code = textOf(described);
    const module = device.createShaderModule({ code });
    const { messages } = await module.getCompilationInfo();
    for (const { type, lineNum, linePos, message } of messages) problems.push(`${type} at ${lineNum}:${linePos}: ${message}: ${code.split('\n')[lineNum - 1]}`);
    device.pushErrorScope('validation');
    for (const entryPoint of entries) device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint, constants: plan.overrides ?? {} } });
    const error = await device.popErrorScope();
    if (error) problems.push(error.message);
    assert.is(problems.length, 0, `${kernelCase.kernel} ${kernelCase.variant ?? ''}, ${kernelCase.name}: ${problems.join('\n')}`);
  };

  for (const kernel of kernelNames.filter((name) => kernelTable[name])) {
    const { cases } = (await import(`../cases/${kernel}.ts`)) as { cases: readonly KernelCase[] };
    test(`${kernel} compiles without warnings`, async () => {
      for (const kernelCase of cases) await compile(kernelCase);
    });
  }
  test.after(() => {
    device.destroy();
  });
}

test.run();
