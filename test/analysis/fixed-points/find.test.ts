// Levenberg-Marquardt from many starts: golden networks, a network that holds three bits, slow points, independence of batches, and what must not hang.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCellMap } from '../../../src/analysis/fixed-points/cell-map.js';
import { findByLevenbergMarquardt } from '../../../src/analysis/fixed-points/find.js';
import type { StateMap } from '../../../src/analysis/fixed-points/state-map.js';
import { uniquePoints } from '../../../src/analysis/fixed-points/unique.js';
import { createWasmBackend } from '../../../src/backends/wasm/index.js';
import { NumericsError, ShapeError } from '../../../src/errors.js';
import { threeBitNetwork, threeBitStarts } from '../../../src/jobs/bench/three-bit-network.js';
import { createModel } from '../../../src/models/model.js';
import { readSafetensors } from '../../../src/runs/safetensors.js';

const test = suite('Levenberg-Marquardt on state maps');
const backend = await createWasmBackend({ threads: 2 });
test.after(() => backend.dispose());

/** The arrays of a golden file by name. */
function golden(file: string): (name: string) => ArrayLike<number> {
  const { tensors } = readSafetensors(new Uint8Array(readFileSync(new URL(`../../golden/${file}.safetensors`, import.meta.url))), file);
  return (name) => tensors.get(name)!.data as ArrayLike<number>;
}

/** x' = tanh(W x + b), without inputs; no damped step of its own. */
function tanhMap(weight: ArrayLike<number>, bias: ArrayLike<number>): StateMap {
  const S = bias.length;
  const evaluate = async (states: Float64Array) =>
    states.map((_, at) => {
      const [k, i] = [Math.floor(at / S), at % S];
      let sum = bias[i] as number;
      for (let j = 0; j < S; j++) sum += (weight[i * S + j] as number) * (states[k * S + j] as number);
      return Math.tanh(sum);
    });
  return {
    stateSize: S,
    inputSize: 0,
    description: 'tanh network',
    evaluate,
    async linearise(states) {
      const next = await evaluate(states);
      const jacobian = new Float64Array(states.length * S);
      next.forEach((y, row) => {
        for (let j = 0; j < S; j++) jacobian[row * S + j] = (1 - y * y) * (weight[(row % S) * S + j] as number);
      });
      return { next, jacobian, inputJacobian: null };
    },
  };
}

/** A map of one component from a function and its slope. */
function scalarMap(f: (x: number) => number, slope: (x: number) => number): StateMap {
  const evaluate = async (states: Float64Array) => states.map(f);
  return {
    stateSize: 1,
    inputSize: 0,
    description: 'scalar map',
    evaluate,
    linearise: async (states) => ({ next: states.map(f), jacobian: states.map(slope), inputJacobian: null }),
  };
}

const none = new Float64Array(0);

test("the golden GRU's fixed points under four inputs are found to rounding, in a few steps", async () => {
  const file = golden('fixed_points');
  const model = createModel({ cell: 'gru', hiddenSize: 8, initialState: 'zeros' }, 3, 1);
  const parameters = new Float32Array(model.parameterCount);
  parameters.set(['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'].flatMap((name) => Array.from(file(`gru.${name}`))));
  const map = createCellMap(backend, model, parameters);
  const [starts, inputs, exact] = [file('gru.h0'), file('gru.inputs'), file('gru.xstar')].map((values) => Float64Array.from(values)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const found = await findByLevenbergMarquardt(map, starts, inputs);
  assert.equal([...found.converged], [1, 1, 1, 1]);
  assert.ok(found.speed.every((speed) => speed < 1e-20));
  assert.ok(found.iterations.every((count) => count < 30));
  found.states.forEach((value, i) => assert.ok(Math.abs(value - (exact[i] as number)) < 1e-9));
  assert.is(found.trace.iteration.length, Math.max(...found.iterations) + 1);
  assert.ok((found.trace.meanSpeed[0] as number) > 1e-3 && (found.trace.meanSpeed.at(-1) as number) < 1e-20);
  await map.dispose?.();
});

test('the bistable golden network and those of Golub & Sussillo are solved on the host', async () => {
  const bistable = golden('fixed_points');
  const map = tanhMap(bistable('bistable.weight_hh'), bistable('bistable.bias'));
  const found = await findByLevenbergMarquardt(map, Float64Array.from(bistable('bistable.initial_states')), none);
  assert.is(countPoints(found.states, found.converged, found.speed, 2), 3);
  const file = golden('fixed_points_golub');
  for (const [n, points] of [
    [2, 3],
    [3, 3],
    [4, 9],
  ] as const) {
    const weight = file(`n${n}.weight_hh`);
    const grid = Float64Array.from({ length: n * 3 ** n }, (_, at) => (Math.floor(Math.floor(at / n) / 3 ** (at % n)) % 3) - 1);
    const { states, converged, speed } = await findByLevenbergMarquardt(tanhMap(weight, new Float64Array(n)), grid, none);
    assert.is(countPoints(states, converged, speed, n), points, `n = ${n}`);
  }
});

function countPoints(states: Float64Array, converged: Uint8Array, speed: Float64Array, S: number): number {
  const rows = Array.from(converged.keys()).filter((k) => converged[k]);
  const picked = Float64Array.from(rows.flatMap((k) => [...states.subarray(k * S, (k + 1) * S)]));
  return uniquePoints({ states: picked, inputs: none, speed: Float64Array.from(rows, (k) => speed[k] as number) }, 1e-3).kept.length;
}

test('a GRU that holds three bits has its 27 fixed points below 1e-20, whatever the size of batches and the number of threads', async () => {
  const { model, parameters } = threeBitNetwork('gru', 24);
  const starts = threeBitStarts(model, 400);
  const inputs = new Float64Array(400 * 3);
  const one = await createWasmBackend({ threads: 1 });
  const results = [];
  for (const [on, batchSize] of [
    [backend, 128],
    [one, 7],
  ] as const) {
    const map = createCellMap(on, model, parameters);
    const shares: number[] = [];
    results.push(await findByLevenbergMarquardt(map, starts, inputs, { batchSize, onProgress: (share) => shares.push(share) }));
    assert.is(shares.at(-1), 1);
    assert.ok(shares.every((share, i) => i === 0 || share > (shares[i - 1] as number)));
    await map.dispose?.();
  }
  await one.dispose();
  const [a, b] = results as [(typeof results)[0], (typeof results)[0]];
  assert.ok(a.converged.every((one) => one === 1));
  assert.ok(a.speed.every((speed) => speed < 1e-20));
  assert.is(countPoints(a.states, a.converged, a.speed, 24), 27);
  assert.equal(a.states, b.states);
  assert.equal(a.iterations, b.iterations);
});

test('a map without a fixed point ends at its slowest point, marked as slow', async () => {
  const map = scalarMap(
    (x) => x + 0.01 + (x - 0.3) ** 2,
    (x) => 1 + 2 * (x - 0.3),
  );
  const { states, speed, converged, iterations } = await findByLevenbergMarquardt(map, Float64Array.of(-1, 0.2, 2), none);
  for (let k = 0; k < 3; k++) {
    assert.is(converged[k], 0);
    assert.ok(Math.abs((states[k] as number) - 0.3) < 1e-2, String(states[k]));
    assert.ok(Math.abs((speed[k] as number) - 0.5e-4) < 1e-6);
    assert.ok((iterations[k] as number) < 120);
  }
});

test('a singular fixed point, where steps converge slowly, is reached', async () => {
  const map = scalarMap(
    (x) => x + x * x,
    (x) => 1 + 2 * x,
  );
  const { states, converged } = await findByLevenbergMarquardt(map, Float64Array.of(0.5), none);
  assert.is(converged[0], 1);
  assert.ok(Math.abs(states[0] as number) < 1e-4);
});

test('steps into numbers that are not finite are taken back', async () => {
  const map = scalarMap(
    (x) => (x < 1 ? x - Math.log(x) / 2 : 1 + (x - 1) / 2),
    (x) => (x < 1 ? 1 - 0.5 / x : 0.5),
  );
  const { states, converged } = await findByLevenbergMarquardt(map, Float64Array.of(0.9, 3, 0.01), none, { longestStep: 10 });
  assert.equal([...converged], [1, 1, 1]);
  for (const x of states) assert.ok(Math.abs(x - 1) < 1e-9);
});

test('what is not finite is refused with its place, and nothing hangs', async () => {
  const map = tanhMap([0.5, 0, 0, 0.5], [0, 0]);
  const failure = async (run: Promise<unknown>): Promise<Error> => {
    try {
      await run;
    } catch (error) {
      return error as Error;
    }
    throw new Error('expected a refusal, got a result');
  };
  const poisoned = await failure(findByLevenbergMarquardt(map, Float64Array.of(0, 0, 0, Number.NaN), none));
  assert.instance(poisoned, NumericsError);
  assert.match(poisoned.message, /expected finite starts, got NaN in state 1, component 1/);
  const shape = await failure(findByLevenbergMarquardt(map, new Float64Array(3), none));
  assert.instance(shape, ShapeError);
  const broken = scalarMap(
    () => Number.NaN,
    () => 1,
  );
  const lost = await failure(findByLevenbergMarquardt(broken, new Float64Array(2), none));
  assert.instance(lost, NumericsError);
  assert.match(lost.message, /expected a finite speed at start 0, got NaN; scalar map is not finite there/);
  const flat = scalarMap(
    (x) => x + 1,
    () => Number.NaN,
  );
  const { converged } = await findByLevenbergMarquardt(flat, new Float64Array(2), none);
  assert.equal([...converged], [0, 0]);
});

test('an abort ends the search with its reason; no starts give no results', async () => {
  const map = tanhMap([0.5, 0, 0, 0.5], [0, 0]);
  const reason = new Error('enough');
  let thrown: unknown;
  await findByLevenbergMarquardt(map, new Float64Array(2), none, { signal: AbortSignal.abort(reason) }).catch((error: unknown) => {
    thrown = error;
  });
  assert.is(thrown, reason);
  const empty = await findByLevenbergMarquardt(map, none, none);
  assert.is(empty.states.length + empty.trace.iteration.length, 0);
});

test.run();
