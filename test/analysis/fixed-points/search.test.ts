import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrialArray } from '../../../src/analysis/analysis.js';
import { generalEigenvalues } from '../../../src/analysis/eigen.js';
import { createCellMap } from '../../../src/analysis/fixed-points/cell-map.js';
import { functionMap } from '../../../src/analysis/fixed-points/function-map.js';
import { findFixedPoints } from '../../../src/analysis/fixed-points/search.js';
import type { StateMap } from '../../../src/analysis/fixed-points/state-map.js';
import { cornerOf, readoutOf, summariseFixedPoints, timeConstant } from '../../../src/analysis/fixed-points/summarise.js';
import { rolloutMap, tapeMap } from '../../../src/analysis/fixed-points/tape-map.js';
import { pcaOfRows } from '../../../src/analysis/pca.js';
import { createBackend } from '../../../src/backends/create.js';
import { ConfigError, NumericsError, ShapeError } from '../../../src/errors.js';
import { createModel } from '../../../src/models/model.js';
import type { ModelInput } from '../../../src/models/options.js';
import { matmul, tanh, tensor } from '../../../src/tensor/index.js';
import { assertClose } from '../../support/assert-close.js';
import { normals } from '../../support/values.js';
import { knownPoints, startGrid, tanhNetwork } from './tanh-network.js';

const reference = await createBackend('reference');

for (const n of [2, 3, 4]) {
  const known = knownPoints[n] as (typeof knownPoints)[number];
  const all = known.flatMap(({ at, ...rest }) =>
    at.every((value) => value === 0)
      ? [{ at, ...rest }]
      : [
          { at, ...rest },
          { at: at.map((value) => -value), ...rest },
        ],
  );

  test(`the tanh network with ${n} units has its ${all.length} fixed points, with their spectral radii`, async () => {
    const { unique, counts, all: ends } = await findFixedPoints(tanhNetwork(n), { starts: startGrid(n) });
    assert.is(unique.length, all.length);
    for (const { at, radius, unstable } of all) {
      const found = unique.find(at, null, 2e-4);
      assert.ok(found >= 0, `expected a fixed point at ${at.join(', ')}`);
      assertClose([unique.spectralRadius?.[found] as number], [radius], { case: `spectral radius at ${at.join(', ')}`, atol: 6e-5 });
      assert.is(unique.unstable?.[found], unstable);
      assert.is(unique.at(found).stable, radius < 1);
    }
    assert.ok(unique.speed.every((speed) => speed < 1e-28));
    assert.is(counts.starts, ends.length);
    assert.is(counts.starts, 3 ** n + counts.seeded);
    assert.is(counts.converged + counts.slow, counts.starts);
    assert.is(
      counts.byIndex.reduce((sum, count) => sum + count, 0),
      counts.unique,
    );
  });

  if (n < 4)
    test(`Adam, all starts together or one at a time, finds the same ${all.length} fixed points of the network with ${n} units`, async () => {
      const { unique } = await findFixedPoints(tanhNetwork(n), { starts: startGrid(n) });
      const methods = [
        { method: 'golub-sussillo', golub: { mode: 'joint' } },
        { method: 'golub-sussillo', golub: { mode: 'sequential' } },
        { method: 'ctdb', learningRate: 1e-2, maxIterations: 1000, tolerance: 1e-10 },
      ] as const;
      for (const choice of methods) {
        const found = await findFixedPoints(tanhNetwork(n), { starts: startGrid(n), ...choice });
        assert.is(found.unique.length, all.length, JSON.stringify(choice));
        for (let k = 0; k < all.length; k++) assert.ok(unique.contains(found.unique.at(k).state), JSON.stringify(choice));
        assert.equal(found.counts.byIndex, (await findFixedPoints(tanhNetwork(n), { starts: startGrid(n) })).counts.byIndex);
        assert.ok((found.trace.meanSpeed.at(-1) as number) < 1e-3 * (found.trace.meanSpeed[0] as number));
      }
    });
}

test("with CtDB's conventions the speed is that of the state before the last update, and no ends are merged", async () => {
  const options = { starts: startGrid(2), method: 'ctdb', learningRate: 1e-2, maxIterations: 20 } as const;
  const plain = await findFixedPoints(tanhNetwork(2), options);
  const compat = await findFixedPoints(tanhNetwork(2), { ...options, compat: 'ctdb', tolerance: 10 });
  assertClose(compat.all.states, plain.all.states, { case: 'both end at the same states' });
  const before = await findFixedPoints(tanhNetwork(2), { ...options, maxIterations: 19 });
  assertClose(compat.all.speed, before.all.speed, { case: 'speed one update ago', rtol: 1e-12 });
  assert.is(compat.unique.length, 9);
  assert.is(compat.counts.outliers, 0);
});

test('every cell has fixed points whose eigenvalues are those of central differences', async () => {
  const cells: ModelInput[] = [
    { cell: 'gru', hiddenSize: 5 },
    { cell: 'lstm', hiddenSize: 4 },
    { cell: 'rnn', hiddenSize: 5 },
    { cell: 'node', hiddenSize: 3, layerSizes: [6, 4] },
    { cell: 'driscoll', hiddenSize: 5 },
  ];
  for (const options of cells) {
    const model = createModel(options, 2, 1);
    const parameters = model.initialise(3);
    const starts = Float64Array.from(normals(6 * model.stateSize, 7, 'starts', 0.3));
    const input = [0.3, -0.2];
    for (const map of [createCellMap(reference, model, parameters), rolloutMap(reference, model, parameters)]) {
      const { unique, slow } = await findFixedPoints(map, {
        starts,
        inputs: input,
        inputJacobians: true,
        outlierDistance: Number.POSITIVE_INFINITY,
        maxIterations: 200,
      });
      const points = unique.length > 0 ? unique : slow;
      assert.ok(points.length > 0, options.cell);
      const { state, eigenvalues, inputJacobian } = points.at(0);
      const byState = generalEigenvalues(await differences(map, state, input, false), model.stateSize, 'test');
      assertClose(eigenvalues as Float64Array, byState, { case: `eigenvalues of ${map.description}`, atol: 1e-4 });
      assertClose(inputJacobian as Float64Array, await differences(map, state, input, true), { case: `input Jacobian of ${map.description}`, atol: 1e-6 });
      await map.dispose?.();
    }
  }
});

test('a custom cell written with tensors: gradients by the tape, in f64 down to rounding', async () => {
  const weight = Float64Array.from([1.2, 0.6, 0.5, 0.9]);
  const made = tapeMap(reference, (x) => tanh(matmul(x, tensor(reference, weight, [2, 2]))), {
    stateSize: 2,
    description: 'two units',
  });
  assert.is(made.precision, 'f64');
  const { unique } = await findFixedPoints(made, { starts: startGrid(2) });
  const plain = functionMap(([a = 0, b = 0]) => [Math.tanh(1.2 * a + 0.5 * b), Math.tanh(0.6 * a + 0.9 * b)], { stateSize: 2 });
  const other = await findFixedPoints(plain, { starts: startGrid(2) });
  assert.is(unique.length, 3);
  for (let k = 0; k < 3; k++) {
    const there = other.unique.find(unique.at(k).state, null, 1e-9);
    assert.ok(there >= 0);
    assertClose(unique.at(k).jacobian as Float64Array, other.unique.at(there).jacobian as Float64Array, { case: 'Jacobian by the tape', atol: 1e-8 });
  }
  const adam = await findFixedPoints(made, { starts: startGrid(2), method: 'ctdb', learningRate: 1e-2, maxIterations: 400 });
  assert.is(adam.unique.length, 3);
});

test('points under different inputs are different points, labelled by their start', async () => {
  const shifted = functionMap(([x = 0], [u = 0]) => [0.5 * x + u], { stateSize: 1, inputSize: 1 });
  const same = { starts: [0, 1, 2, 3], inputs: [0, 0, 1e-9, 1e-9], conditions: [7, 8, 9, 10] };
  assert.is((await findFixedPoints(shifted, same)).unique.length, 1);
  const { unique, input } = await findFixedPoints(shifted, { ...same, inputs: [0, 0, 0.5, 0.5] });
  assert.equal(Array.from(unique.states, (value) => Number(value.toFixed(12))).sort(), [0, 1]);
  assert.equal(Array.from(unique.conditions ?? []).sort(), [7, 9]);
  assert.equal(Array.from(unique.visits ?? []), [2, 2]);
  assert.is(input, 'one input for each start');
  // equal states under unequal inputs
  const constant = functionMap(() => [0.25], { stateSize: 1, inputSize: 1 });
  assert.is((await findFixedPoints(constant, { starts: [0, 1], inputs: [0, 1] })).unique.length, 2);
});

test('what lies ten radii away is dropped and counted; slow points stay apart', async () => {
  // stable at ±1 and 200, slow near 5: a bump that does not reach zero
  const step = ([x = 0]: Float64Array) => [
    x - 0.1 * Math.tanh(x + 1) * Math.tanh(x) * Math.tanh(x - 1) + 0.05 * Math.exp(-((x - 5) ** 2)) - (x > 50 ? 0.2 * Math.tanh(x - 200) : 0),
  ];
  const map = functionMap(step, { stateSize: 1 });
  const starts = [-1.2, -0.4, 0.4, 1.2, 1.5, 190];
  const { unique, counts } = await findFixedPoints(map, { starts, outlierDistance: 2, seedSaddles: false });
  assert.equal(Array.from(unique.states, (value) => Math.round(value)).sort(), [-1, 0, 1]);
  assert.is(counts.outliers, 1);
  const hill = functionMap(([x = 0]) => [x + 0.01 + x * x], { stateSize: 1 });
  const found = await findFixedPoints(hill, { starts: [-1, 0.5] });
  assert.equal([found.counts.unique, found.counts.converged, found.counts.slow], [0, 0, 2]);
  // where the speed falls by less than a hundredth any more, a search ends
  assertClose(found.slow.at(0).state, [0], { case: 'the slow point', atol: 0.01 });
  assertClose([found.slow.at(0).speed], [0.5 * 0.01 ** 2], { case: 'its speed', rtol: 0.02 });
});

test('a summary has each point on principal components, its read-out, corner, time constants and modes, and counts that add up', async () => {
  const map = tanhNetwork(2);
  const values = Float64Array.from({ length: 400 }, (_, i) => ((i + Math.floor(i / 40)) % 2 === 0 ? 1 : -1) * (0.9575 - 0.1 * Math.abs(Math.sin(i >> 1))));
  const latents: TrialArray = { trials: 10, steps: 20, width: 2, values, lengths: null };
  const search = await findFixedPoints(map, { trajectories: latents, count: 64, noise: 0.5, outlierDistance: Number.POSITIVE_INFINITY });
  const readout = { weight: Float64Array.from([0.5, -0.5]), bias: Float64Array.from([0.5]), size: 1, sigmoid: false };
  const summary = summariseFixedPoints(search, { pca: await pcaOfRows(values, 2), latents, readout, levels: [0, 1] });
  assert.is(summary.points.length, search.unique.length + search.slow.length);
  const stable = summary.points.filter(({ unstable }) => unstable === 0);
  assert.equal(stable.map(({ corner }) => corner).sort(), ['0', '1']);
  const saddle = summary.points.find(({ unstable }) => unstable === 1);
  assert.is(saddle?.modes.length, 1);
  assertClose([Math.hypot(...(saddle?.modes[0] ?? []))], [2 * 0.25 * Math.sqrt(Array.from(await variance(values)).reduce((a, b) => a + b, 0))], {
    case: 'length of the mode: modulus 2, a quarter of the spread',
    rtol: 1e-4,
  });
  assertClose([saddle?.timeConstants[0] ?? Number.NaN], [-1 / Math.log(2)], { case: 'time constant of growth', rtol: 1e-5 });
  assert.is(
    summary.histogram.counts.reduce((sum, count) => sum + count, 0),
    summary.counts.starts,
  );
  assert.is(summary.discovery.unique.at(-1), search.unique.length);
  assert.ok(
    summary.discovery.unique.every((count, i, counts) => i === 0 || count >= (counts[i - 1] as number)),
    'a discovery curve never falls',
  );
  assert.is(summary.points.find(({ unstable, readout: [value] }) => unstable === 0 && value > 1)?.far, false);
  assert.is(summary.input, 'zeros');
  assert.throws(
    () => summariseFixedPoints(search, { pca: { dimension: 3 } as never, latents, readout, levels: null }),
    (error: unknown) => error instanceof ShapeError,
  );
});

async function variance(values: Float64Array): Promise<Float64Array> {
  return (await pcaOfRows(values, 2)).variances;
}

test('time constants, corners and read-outs of single values', () => {
  assert.is(timeConstant(1), null);
  assert.is(timeConstant(0), null);
  assertClose([timeConstant(Math.exp(-1 / 20)) as number], [20], { case: 'time constant', rtol: 1e-5 });
  assert.is(cornerOf([0.9, -0.2, 0.4], [0, 1]), '100');
  assert.is(cornerOf([0.9, -0.2, 0.4], [-1, 1]), '101');
  assert.equal(readoutOf([1, 2, 9], { weight: Float64Array.of(1, 2), bias: Float64Array.of(3), size: 1, sigmoid: false }), [8]);
});

test('options and data that cannot be are refused by name', async () => {
  const map = tanhNetwork(2);
  const fails = async (options: object, type: typeof ConfigError | typeof ShapeError | typeof NumericsError, pattern: RegExp) => {
    try {
      await findFixedPoints(map, options as never);
    } catch (error) {
      assert.ok(error instanceof type, String(error));
      assert.match((error as Error).message, pattern);
      return;
    }
    assert.unreachable(JSON.stringify(options));
  };
  await fails({}, ConfigError, /either trajectories to draw from or starts/);
  await fails({ starts: [0, 0], method: 'newton' }, ConfigError, /levenberg-marquardt, ctdb, golub-sussillo/);
  await fails({ starts: [0, 0], tolerance: -1, uniqueTolerance: 0, maxIterations: 1.5 }, ConfigError, /3 problems/);
  await fails({ starts: [0, 0], compat: 'ctdb' }, ConfigError, /method ctdb/);
  await fails({ starts: [0, 0, 0] }, ShapeError, /starts of 2 numbers/);
  await fails({ starts: [0, 0], inputs: [1] }, ShapeError, /inputs \[0\]/);
  await fails({ starts: [0, Number.NaN] }, NumericsError, /finite/);
  await fails({ trajectories: { trials: 1, steps: 1, width: 3, values: new Float64Array(3), lengths: null } }, ShapeError, /LSTM is \[h, c\]/);
  await fails({ starts: [5, 5], method: 'ctdb', learningRate: Number.POSITIVE_INFINITY }, NumericsError, /finite/);
});

test('a search can be aborted while it runs, by every method', async () => {
  for (const method of ['levenberg-marquardt', 'ctdb', 'golub-sussillo'] as const) {
    const controller = new AbortController();
    // never ends: the speed falls for ever towards a point at infinity
    const map = functionMap(([x = 0]) => [x + 1 / (1 + Math.log1p(x * x))], { stateSize: 1 });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    try {
      await findFixedPoints(map, { starts: new Float64Array(20).map((_, i) => i), method, maxIterations: 1e7, tolerance: 1e-300, signal: controller.signal });
      if (method !== 'levenberg-marquardt') assert.unreachable(method);
    } catch (error) {
      assert.is((error as Error).message, 'enough');
    }
  }
});

/** ∂F_i/∂x_j of a map by central differences. */
async function differences(map: StateMap, state: Float64Array, input: readonly number[], ofInput: boolean): Promise<Float64Array> {
  const moved = ofInput ? Float64Array.from(input) : state;
  const [S, columns] = [map.stateSize, moved.length];
  const jacobian = new Float64Array(S * columns);
  for (let j = 0; j < columns; j++) {
    const at = (by: number) => moved.map((value, i) => (i === j ? value + by : value));
    const step = async (by: number) => map.evaluate(ofInput ? state : at(by), ofInput ? at(by) : Float64Array.from(input));
    const [above, below] = [await step(1e-5), await step(-1e-5)];
    for (let i = 0; i < S; i++) jacobian[i * columns + j] = ((above[i] as number) - (below[i] as number)) / 2e-5;
  }
  return jacobian;
}

test.run();
