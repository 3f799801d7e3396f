// Holds the errors that assembly/inline/activation_f64.ts states, strict and relaxed, against Math: one unit of a Driscoll network without leak or recurrence is its activation.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend, DType, KernelArgument } from '../../src/backends/backend.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { skip } from '../support/skip.js';

const test = suite('wasm activations in f64');
const epsilon = 2 ** -52;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** |error| ≤ units · ε · |value|, and one ε where the value is far below what it is made from. */
const bounds = [
  { name: 'tanh', activation: 1, slope: false, exact: Math.tanh, from: -25, to: 25, units: 3 },
  { name: 'tanh near zero', activation: 1, slope: false, exact: Math.tanh, from: -1e-9, to: 1e-9, units: 3 },
  { name: 'sigmoid', activation: 0, slope: true, exact: sigmoid, from: -600, to: 50, units: 4 },
  { name: 'softplus', activation: 0, slope: false, exact: softplus, from: -600, to: 50, units: 4 },
] as const;

async function values(backend: Backend, x: Float64Array, activation: number): Promise<{ y: Float64Array; slope: Float64Array }> {
  const B = x.length;
  const argument = (shape: readonly number[], dtype: DType, data: ArrayLike<number>): KernelArgument => {
    const buffer = backend.allocate(data.length, dtype);
    backend.write(buffer, data);
    return { buffer, shape, dtype };
  };
  const args: Record<string, KernelArgument> = {
    inputs: argument([B, 1], 'f64', x),
    // recW, inpW, bias
    parameters: argument([3], 'f32', [0, 1, 0]),
    states: argument([B, 1], 'f64', new Float64Array(B)),
    next: argument([B, 1], 'f64', new Float64Array(B)),
    input_jacobian: argument([B, 1, 1], 'f64', new Float64Array(B)),
  };
  const call = { variant: 'driscoll', args, params: { hidden_size: 1, gamma: 1, activation } };
  args['scratch'] = argument([backend.scratchLength('cell_jacobian', 'scratch', call)], 'f32', []);
  const scratch = backend.allocate(args['scratch'].shape[0] as number, 'f32');
  backend.run('cell_jacobian', { ...call, args: { ...args, scratch: { ...args['scratch'], buffer: scratch } } });
  const read = async (name: string) => (await backend.read((args[name] as KernelArgument).buffer)) as Float64Array;
  const result = { y: await read('next'), slope: await read('input_jacobian') };
  backend.free(scratch);
  for (const { buffer } of Object.values(args)) backend.free(buffer);
  return result;
}

for (const variant of ['simd', 'relaxed'] as const) {
  let backend: Backend;
  try {
    backend = await createWasmBackend({ variant, threads: 1 });
  } catch (error) {
    skip(test, `activations in f64 on wasm ${variant}`, (error as Error).message);
    continue;
  }
  test.after(() => backend.dispose());

  for (const { name, activation, slope, exact, from, to, units } of bounds) {
    test(`${name} is within ${units} units in the last place on [${from}, ${to}], wasm ${variant}`, async () => {
      const count = 40_001;
      const x = Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
      const found = await values(backend, x, activation);
      const y = slope ? found.slope : found.y;
      let worst = 0;
      y.forEach((value, i) => {
        const expected = exact(x[i] as number);
        worst = Math.max(worst, Math.abs(value - expected) / (epsilon * Math.abs(expected) || epsilon));
      });
      assert.ok(worst <= units, `${worst} units`);
    });
  }

  test(`infinities and NaN give what Math gives, wasm ${variant}`, async () => {
    const x = Float64Array.of(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN, 1e300, -1e300);
    const hyperbolic = (await values(backend, x, 1)).y;
    assert.equal([...hyperbolic], [-1, 1, Number.NaN, 1, -1]);
    const { y, slope } = await values(backend, x, 0);
    assert.ok(Number.isNaN(y[2]) && Number.isNaN(slope[2]));
    assert.equal([slope[1], slope[3], y[1], y[3]], [1, 1, Number.POSITIVE_INFINITY, 1e300]);
    // e^−700 in place of 0
    assert.ok((slope[0] as number) < 1e-300 && (slope[4] as number) < 1e-300 && (y[0] as number) < 1e-300);
  });
}

test.run();
