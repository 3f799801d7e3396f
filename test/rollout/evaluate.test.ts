// Rolling out a trained model: noise keyed by trial, passes that do not matter, the places where noise enters, the state of an LSTM.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { ShapeError } from '../../src/errors.js';
import { createModel } from '../../src/models/model.js';
import { evaluate } from '../../src/rollout/evaluate.js';
import type { TrialSet } from '../../src/tasks/task.js';
import { selectTrials } from '../../src/tasks/data.js';
import { normals } from '../support/values.js';

const backend = createReferenceBackend();

/** Random trials with 2 inputs and no targets. */
function trialsOf(trials: number, steps: number): TrialSet {
  const inputs = normals(trials * steps * 2, 1);
  return {
    trials,
    steps,
    inputs,
    trueInputs: inputs,
    targets: new Float32Array(trials * steps),
    conditions: new Int32Array(trials),
    extra: new Float32Array(0),
  };
}
const spread = (values: ArrayLike<number>) => {
  const list = Array.from(values);
  const mean = list.reduce((sum, x) => sum + x, 0) / list.length;
  return Math.sqrt(list.reduce((sum, x) => sum + (x - mean) ** 2, 0) / list.length);
};

test('a trial gives the same outputs alone, in any order and in any pass', async () => {
  const model = createModel({ cell: 'gru', hiddenSize: 5, stateNoise: 0.1 }, 2, 1);
  const parameters = model.initialise(0);
  const set = trialsOf(40, 6);
  const all = await evaluate(backend, model, parameters, set, { seed: 1, states: true, noise: { input: 0.2 } });
  const chosen = Int32Array.from([39, 3, 17]);
  const some = await evaluate(backend, model, parameters, selectTrials(set, chosen), { seed: 1, noise: { input: 0.2 }, trialIndices: chosen });
  chosen.forEach((trial, i) => assert.equal(some.outputs.slice(i * 6, i * 6 + 6), all.outputs.slice(trial * 6, trial * 6 + 6)));
  assert.is(some.states, null);
  assert.is(all.states?.length, 40 * 6 * 5);
  assert.equal(await evaluate(backend, model, parameters, set, { seed: 1, states: true, noise: { input: 0.2 } }), all);
  assert.not.equal((await evaluate(backend, model, parameters, set, { seed: 2, noise: { input: 0.2 } })).outputs, all.outputs);
  assert.is(backend.bytesInUse(), 0);
});

test('all noise off means no noise: any seed gives the same', async () => {
  const model = createModel({ cell: 'gru', hiddenSize: 4, stateNoise: 0.5 }, 2, 1);
  const off = { initial: false, state: false };
  const run = (seed: number) => evaluate(backend, model, model.initialise(0), trialsOf(3, 5), { seed, noise: off });
  assert.equal(await run(1), await run(2));
});

test("the initial state's noise has its stated deviation for a GRU and is absent in a NODE", async () => {
  const zeros = { ...trialsOf(4000, 1), inputs: new Float32Array(8000) };
  const gru = createModel({ cell: 'gru', hiddenSize: 3, stateNoise: 0 }, 2, 1);
  // All weights zero: z = ½, n = 0, so the new state is half the initial one.
  const { states } = await evaluate(backend, gru, new Float32Array(gru.parameterCount), zeros, { seed: 3, states: true });
  assert.ok(Math.abs((2 * spread(states as Float32Array)) / 0.05 - 1) < 0.02);
  const node = createModel({ cell: 'node' }, 2, 1);
  assert.is(spread((await evaluate(backend, node, node.initialise(1), zeros, { seed: 3 })).outputs) < 1e-7, true);
});

test('state noise of a GRU is read out one step later; the carried state is the noisy one', async () => {
  const model = createModel({ cell: 'gru', hiddenSize: 3, initialNoise: 0, stateNoise: 100 }, 2, 1);
  const parameters = model.initialise(2);
  const set = { ...trialsOf(50, 2), inputs: new Float32Array(200) };
  const { outputs, states } = await evaluate(backend, model, parameters, set, { seed: 4, states: true });
  const first = outputs.filter((_, i) => i % 2 === 0);
  assert.ok(spread(first) < 1e-6 && spread(outputs.filter((_, i) => i % 2 === 1)) > 0.01);
  assert.ok(Math.abs(spread(states as Float32Array) / 100 - 1) < 0.2);
});

test('a sigmoid read-out stays between 0 and 1, and an LSTM records h and c', async () => {
  const model = createModel({ cell: 'lstm', hiddenSize: 4, readout: 'sigmoid', readoutBias: 1, initialNoise: 0 }, 2, 1);
  const { outputs, states } = await evaluate(backend, model, model.initialise(0), trialsOf(5, 7), { seed: 0, states: true });
  assert.ok(outputs.every((value) => value > 0 && value < 1));
  assert.is(states?.length, 5 * 7 * 8);
});

test('no trials give no outputs; other sizes are refused', async () => {
  const model = createModel({ cell: 'rnn', hiddenSize: 2 }, 2, 1);
  assert.is((await evaluate(backend, model, model.initialise(0), trialsOf(0, 5), { seed: 0 })).outputs.length, 0);
  const refuses = async (promise: Promise<unknown>, part: RegExp) => {
    let error: unknown;
    await promise.catch((caught: unknown) => (error = caught));
    assert.ok(error instanceof ShapeError && part.test(error.message), String(error));
  };
  await refuses(evaluate(backend, model, new Float32Array(3), trialsOf(1, 5), { seed: 0 }), /parameters, got 3/);
  await refuses(evaluate(backend, model, model.initialise(0), { ...trialsOf(1, 5), inputs: new Float32Array(15) }, { seed: 0 }), /inputs \[1, 5, 2\]/);
  await refuses(evaluate(backend, model, model.initialise(0), trialsOf(2, 5), { seed: 0, trialIndices: new Int32Array(1) }), /trialIndices of length 2/);
  const [rows, gains] = [Int32Array.from([0, 0, 1, 0, 0, 0]), new Float32Array(4)];
  const acted = (units: object) => {
    const set = { ...trialsOf(1, 5), interventions: { units: { rows, gains, shifts: gains, width: 2, ...units } } };
    return evaluate(backend, model, model.initialise(0), set, { seed: 0 });
  };
  assert.is((await acted({})).outputs.length, 5);
  await refuses(acted({ gains: new Float32Array(2), shifts: new Float32Array(2) }), /rows of units from 0 to 0, got 1 in trial 0 at 2/);
  await refuses(acted({ rows: new Int32Array(5) }), /rows of units for every trial, 6 a trial of 5 steps, got 5/);
  await refuses(acted({ shifts: new Float32Array(2) }), /as many shifts of units as gains, 4, got 2/);
  await refuses(acted({ width: 3 }), /a table of units in rows of 3 numbers, got 4/);
});

test.run();
