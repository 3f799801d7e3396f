// Cells as state maps: Jacobians against central differences, WebAssembly against the reference, refusals by name, memory given back.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCellMap } from '../../../src/analysis/fixed-points/cell-map.js';
import type { StateMap } from '../../../src/analysis/fixed-points/state-map.js';
import type { Backend } from '../../../src/backends/backend.js';
import { createReferenceBackend } from '../../../src/backends/reference/index.js';
import { createWasmBackend } from '../../../src/backends/wasm/index.js';
import { BackendError, NumericsError, ShapeError } from '../../../src/errors.js';
import { createModel } from '../../../src/models/model.js';
import type { ModelInput } from '../../../src/models/options.js';
import { normals } from '../../support/values.js';

const test = suite('cells as state maps');
const wasm = await createWasmBackend({ threads: 2 });
const reference = createReferenceBackend();
test.after(async () => {
  await wasm.dispose();
  await reference.dispose();
});

const cells: readonly (readonly [string, ModelInput])[] = [
  ['GRU with 6 units', { cell: 'gru', hiddenSize: 6 }],
  ['LSTM with 5 units', { cell: 'lstm', hiddenSize: 5 }],
  ['Vanilla RNN with 7 units', { cell: 'rnn', hiddenSize: 7 }],
  ['NODE with 3 units', { cell: 'node', hiddenSize: 3, layerSizes: [9, 8] }],
  ['Driscoll RNN with 6 units', { cell: 'driscoll', hiddenSize: 6 }],
  ['Driscoll RNN with 4 units', { cell: 'driscoll', hiddenSize: 4, compat: 'ctdb' }],
];
const I = 3;
const K = 3;

function mapOf(backend: Backend, options: ModelInput) {
  const model = createModel(options, I, 2);
  const parameters = normals(model.parameterCount, 1, 'parameters', 0.5);
  const states = Float64Array.from(normals(K * model.stateSize, 2, 'states', 0.5));
  const inputs = Float64Array.from(normals(K * I, 3, 'inputs'));
  return { model, parameters, states, inputs, map: createCellMap(backend, model, parameters) };
}

/** Largest deviation of ∂F/∂values from central differences, relative to the largest derivative. */
async function deviation(map: StateMap, states: Float64Array, inputs: Float64Array, of: 'states' | 'inputs'): Promise<number> {
  const { jacobian, inputJacobian } = await map.linearise(states, inputs, true);
  const exact = of === 'states' ? jacobian : (inputJacobian as Float64Array);
  const width = of === 'states' ? map.stateSize : map.inputSize;
  const h = 1e-5;
  let [worst, largest] = [0, 0];
  for (let j = 0; j < width; j++) {
    const moved = async (by: number) => {
      const values = (of === 'states' ? states : inputs).map((value, i) => value + (i % width === j ? by : 0));
      return map.evaluate(of === 'states' ? values : states, of === 'inputs' ? values : inputs);
    };
    const [up, down] = [await moved(h), await moved(-h)];
    up.forEach((value, i) => {
      const derivative = exact[i * width + j] as number;
      worst = Math.max(worst, Math.abs((value - (down[i] as number)) / (2 * h) - derivative));
      largest = Math.max(largest, Math.abs(derivative));
    });
  }
  return worst / largest;
}

for (const [description, options] of cells) {
  test(`${description}, ${options.cell === 'driscoll' && options.compat ? 'as CtDB has it, ' : ''}has the Jacobians of central differences, on WebAssembly what it has on the reference`, async () => {
    const { map, states, inputs, model } = mapOf(wasm, options);
    assert.is(map.description, description);
    assert.is(map.stateSize, model.stateSize);
    assert.ok((await deviation(map, states, inputs, 'states')) < 1e-8);
    assert.ok((await deviation(map, states, inputs, 'inputs')) < 1e-8);
    const twin = mapOf(reference, options).map;
    const damping = Float64Array.of(1e-2, 1e-6, 1);
    const [a, b] = await Promise.all([map, twin].map((one) => (one.dampedStep as NonNullable<StateMap['dampedStep']>)(states, inputs, damping)));
    for (const name of ['next', 'speed', 'step'] as const) a![name].forEach((value, i) => assert.ok(Math.abs(value - b![name][i]!) < 1e-10, name));
    await twin.dispose?.();
    await map.dispose?.();
    assert.is(wasm.bytesInUse(), 0);
    assert.is(reference.bytesInUse(), 0);
  });
}

test('calls that overlap, and more states than run at a time, do not mix', async () => {
  const { map } = mapOf(wasm, { cell: 'rnn', hiddenSize: 2 });
  const many = 4100;
  const states = Float64Array.from(normals(many * 2, 4, 'states'));
  const inputs = Float64Array.from(normals(many * I, 5, 'inputs'));
  const [all, first] = await Promise.all([map.evaluate(states, inputs), map.evaluate(states.subarray(0, 2), inputs.subarray(0, I))]);
  assert.is(all!.length, states.length);
  assert.equal(first, all!.slice(0, 2));
  assert.equal(await map.evaluate(states.slice(-2), inputs.slice(-I)), all!.slice(-2));
  await map.dispose?.();
});

test('what cannot be a map is refused by name', async () => {
  const { model, parameters, map } = mapOf(wasm, { cell: 'gru', hiddenSize: 6 });
  await map.dispose?.();
  const poisoned = parameters.slice();
  poisoned[model.parameters[1]!.offset + 4] = Number.NaN;
  assert.throws(
    () => createCellMap(wasm, model, poisoned),
    (error: unknown) => error instanceof NumericsError && /cell\.weight_hh holds NaN at element 4/.test(error.message),
  );
  assert.throws(
    () => createCellMap(wasm, model, parameters.subarray(1)),
    (error: unknown) => error instanceof ShapeError,
  );
  const shader = { description: { name: 'webgpu', variant: 'f32', threads: 1, adapter: 'none', reason: '' } } as unknown as Backend;
  assert.throws(
    () => createCellMap(shader, model, parameters),
    (error: unknown) => error instanceof BackendError && /got webgpu: WGSL has no f64/.test(error.message),
  );
  assert.is(wasm.bytesInUse(), 0);
});

test('states of another size are refused', async () => {
  const { map } = mapOf(wasm, { cell: 'gru', hiddenSize: 6 });
  let message = '';
  await map.evaluate(new Float64Array(7), new Float64Array(3)).catch((error: Error) => {
    message = error.message;
  });
  assert.is(message, 'GRU with 6 units: expected states [K, 6] and inputs [K, 3], got 7 and 3 numbers');
  await map.dispose?.();
});

test.run();
