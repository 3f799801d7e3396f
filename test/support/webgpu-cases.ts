// Cases of some kernels on the webgpu backend: against the reference in f32, and against itself, bit for bit.
// A software adapter compiles a rollout's shader in 1 to 5 s, and bodies and cells make some 500 shaders. So of bodies, rollouts and loops those cases run that together
// use every part, variant, switch and optional argument, given and absent, of each kernel's shaders (support/webgpu-plans.ts); EVERY_CASE=1 runs them all, for hardware.
// What every case launches is compiled in test/kernels/webgpu-lint.node.test.ts.
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend, TensorData } from '../../src/backends/backend.js';
import { kernelNames, kernelSpec } from '../../src/backends/catalogue.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { kernelTable } from '../../src/backends/webgpu/kernel-table.js';
import { type KernelCase, compareOutputs, runCase } from './cases.js';
import { skip } from './skip.js';
import { sizeOf } from './values.js';
import { nearerOf, webgpuUnderTest, withoutDenormals } from './webgpu.js';
import { type Covered, coveringCases } from './webgpu-plans.js';

type Outputs = Record<string, TensorData>;

/** Kernels by the files of tests that they are in, so that the files run side by side. */
const families = ['tensors', 'rollout', 'effector', 'closed_loop'] as const;
type Family = (typeof families)[number];

/** The kernels of a family, in catalogue order: by their names; what is none of the others is a kernel of tensors. */
function kernelsOf(family: Family): string[] {
  const familyOf = (kernel: string) => families.find((name) => kernel.startsWith(`${name}_`)) ?? 'tensors';
  return kernelNames.filter((kernel) => familyOf(kernel) === family);
}

const everyCase = (process.env['EVERY_CASE'] ?? '') !== '';

/** Registers the tests of a family's kernels. */
export async function testFamily(test: Test, family: Family): Promise<void> {
  const oracle = createReferenceBackend({ precision: 'f32' });
  const backend = await webgpuUnderTest(test, `${family} kernels on webgpu`);
  if (!backend) return;
  test.after(async () => {
    await backend.dispose();
    await oracle.dispose();
  });
  const covered: Covered = new Set();
  // The way back first: its cases run the way forward too.
  for (const kernel of kernelsOf(family).reverse()) {
    const reason = kernelSpec(kernel).absent?.['webgpu'];
    if (reason !== undefined) {
      test(`${kernel} is refused on webgpu with the catalogue's reason`, () => refuses(backend, kernel, reason));
      continue;
    }
    if (!kernelTable[kernel]) {
      skip(test, `${kernel} on webgpu`, 'it has no row in the kernel table');
      continue;
    }
    const { cases } = (await import(`../cases/${kernel}.ts`)) as { cases: readonly KernelCase[] };
    const chosen = everyCase || family === 'tensors' ? cases : coveringCases(cases, covered);
    test(`${kernel} agrees with the reference on webgpu, with the same bits twice, in ${chosen.length} of ${cases.length} cases`, () =>
      checkCases(backend, oracle, chosen));
  }
}

/** A kernel that the catalogue denies this backend, asked for with its arguments' memory elsewhere. */
async function refuses(backend: Backend, kernel: string, reason: string): Promise<void> {
  const { cases } = (await import(`../cases/${kernel}.ts`)) as { cases: readonly KernelCase[] };
  const { variant, params, args } = cases[0] as KernelCase;
  const given = kernelSpec(kernel).args.flatMap(({ name, dtype, shape }) => {
    const length = shape[0] === 'scratch' ? [1] : args[name]?.shape;
    return length ? [[name, { shape: length, dtype, buffer: { dtype, length: sizeOf(length) } }] as const] : [];
  });
  const call = { ...(variant ? { variant } : {}), ...(params ? { params } : {}), args: Object.fromEntries(given) };
  assert.throws(() => backend.run(kernel, call), new RegExp(`${kernel}: expected a kernel of the webgpu backend, got one it lacks: ${literally(reason)}`));
  assert.throws(() => backend.allocate(4, 'f64'), /webgpu.allocate: expected an array of f32 or i32, got f64/);
}
const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

async function checkCases(backend: Backend, oracle: Backend, cases: readonly KernelCase[]): Promise<void> {
  const failures: string[] = [];
  for (const kernelCase of cases) {
    const expected = await runCase(oracle, kernelCase);
    const flushed = withoutDenormals(kernelCase);
    const alternative = flushed ? await runCase(oracle, flushed) : expected;
    const actual = await runCase(backend, kernelCase);
    try {
      compareOutputs(backend, actual, nearer(actual, expected, alternative), kernelCase);
      checkSameBits(kernelCase, actual, await runCase(backend, kernelCase));
    } catch (error) {
      failures.push((error as Error).message);
    }
    if (backend.lostReason() !== null) throw new Error(`${kernelCase.kernel}, ${kernelCase.name}: the backend ended: ${backend.lostReason()}`);
  }
  assert.is(failures.length, 0, failures.join('\n'));
  assert.is(backend.bytesInUse(), 0);
}

function nearer(actual: Outputs, expected: Outputs, alternative: Outputs): Outputs {
  if (expected === alternative) return expected;
  return Object.fromEntries(
    Object.entries(actual).map(([name, values]) => [name, nearerOf(values, expected[name] as TensorData, alternative[name] as TensorData)]),
  );
}

function checkSameBits(kernelCase: KernelCase, first: Outputs, second: Outputs): void {
  for (const [name, values] of Object.entries(first)) {
    const [a, b] = [values, second[name] as TensorData].map(({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length)) as [
      Uint32Array,
      Uint32Array,
    ];
    const at = a.findIndex((word, i) => word !== b[i]);
    if (at >= 0)
      throw new Error(
        `${kernelCase.kernel}, ${kernelCase.name}, ${name}: expected the same bits twice, got ${values[at]} and ${second[name]?.[at]} at [${at}]`,
      );
  }
}
