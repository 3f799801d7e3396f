// Every case of every kernel: each backend against the reference in f32, and several threads against one, bit for bit.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kernelNames } from '../../src/backends/catalogue.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import type { Backend, TensorData } from '../../src/backends/backend.js';
import { type KernelCase, compareOutputs, runCase } from '../support/cases.js';
import { skip } from '../support/skip.js';

const test = suite('kernels');
const oracle = createReferenceBackend({ precision: 'f32' });
const required = (process.env['REQUIRE_BACKENDS'] ?? '').split(',').includes('wasm');
/** In browsers (scripts/test-chromium.ts) threads count: two of them, against one. Other numbers of threads and other products are other calls of the same code. */
const inBrowser = process.env['TEST_BACKENDS'] !== undefined;

const casesOf = new Map<string, readonly KernelCase[]>();
for (const name of kernelNames) casesOf.set(name, ((await import(`../cases/${name}.ts`)) as { cases: readonly KernelCase[] }).cases);

const backends: { readonly variant: string; readonly one: Backend; readonly more: readonly Backend[] }[] = [];
for (const variant of ['simd', 'relaxed'] as const) {
  try {
    backends.push({
      variant,
      one: await createWasmBackend({ variant, threads: 1 }),
      more: [
        ...(await Promise.all((variant === 'simd' && !inBrowser ? [2, 3] : [2]).map((threads) => createWasmBackend({ variant, threads })))),
        ...(inBrowser ? [] : [await createWasmBackend({ variant, threads: 1, wide: true })]),
      ],
    });
  } catch (error) {
    if (required) throw error;
    skip(test, `kernels on wasm ${variant}`, (error as Error).message);
  }
}
test.after(async () => {
  for (const { one, more } of backends) for (const backend of [one, ...more]) await backend.dispose();
});

/** What the reference gives, worked out once for all backends. */
const known = new Map<KernelCase, Record<string, TensorData>>();
async function expectedOf(kernelCase: KernelCase): Promise<Record<string, TensorData>> {
  const outputs = known.get(kernelCase) ?? (await runCase(oracle, kernelCase));
  known.set(kernelCase, outputs);
  return outputs;
}

for (const [name, cases] of casesOf) {
  test(`${name} has cases of every variant, each with a reason for its tolerance`, async () => {
    assert.ok(cases.length > 0);
    for (const kernelCase of cases) {
      assert.is(kernelCase.kernel, name);
      assert.ok(kernelCase.tolerance.reason.length > 0);
    }
  });
  for (const { variant, one, more } of backends) {
    test(`${name} agrees with the reference on wasm ${variant}`, async () => {
      const failures: string[] = [];
      for (const kernelCase of cases) {
        const expected = await expectedOf(kernelCase);
        const actual = await runCase(one, kernelCase);
        try {
          compareOutputs(one, actual, expected, kernelCase);
        } catch (error) {
          failures.push((error as Error).message);
        }
      }
      assert.is(failures.length, 0, failures.join('\n'));
      assert.is(one.bytesInUse(), 0);
    });

    test(`${name} gives the same bits on any number of threads and with products for wide vectors, wasm ${variant}`, async () => {
      for (const kernelCase of cases) {
        const expected = await runCase(one, kernelCase);
        for (const backend of more) {
          const actual = await runCase(backend, kernelCase);
          for (const output of Object.keys(expected)) {
            assert.ok(
              sameBits(actual[output] as TensorData, expected[output] as TensorData),
              `${name} ${kernelCase.variant ?? ''}, ${kernelCase.name}, ${output}: bits differ on ${backend.description.reason}`,
            );
          }
        }
      }
    });
  }
}

/** Whether all numbers are the same, −0 not being 0; any NaN is the same as another, as WebAssembly leaves their bits open. */
function sameBits(a: TensorData, b: TensorData): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

test.run();
