// Interventions in rollouts against theory, on every backend: lesioned units are zero, clamps are constant inputs, fields are loads, channels hold the hand,
// and trials that nothing concerns keep every bit. WebGPU: test/kernels.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBackend } from '../../src/backends/create.js';
import { type Experiment, modelOptionsOf, parseExperiment } from '../../src/config/experiment.js';
import { intervenedExperiment, type PreparedExperiment, train } from '../../src/config/train.js';
import { createModel, type Model } from '../../src/models/model.js';
import { fingertipOf } from '../../src/arm/kinematics.js';
import { type Evaluation, evaluate } from '../../src/rollout/evaluate.js';
import { generateData } from '../../src/tasks/data.js';
import { createTask } from '../../src/tasks/index.js';
import { networkSize } from '../../src/tasks/task.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { skip } from '../support/skip.js';

const { available, missing } = await backendsUnderTest();
for (const { label, reason } of missing) skip(test, label, reason);
test.after(() => disposeBackends(available));

const trials = 6;
const flipflop = { name: 'flipflop', bits: 2, steps: 24 };
const reach = { name: 'centre-out-reach', steps: 30, goTime: 0.1, distance: 0.08 };

function experimentOf(task: object, model: object, interventions: readonly object[], changes: object = {}): Experiment {
  return parseExperiment({ name: 'x', task, data: { trials }, models: [{ hiddenSize: 6, ...model }], interventions, ...changes }, 'file');
}

/** What a network with its initial weights does under interventions; `change` edits weights and trials first. */
async function rollOut(
  backend: (typeof available)[number]['backend'],
  experiment: Experiment,
  change: (model: Model, parameters: Float32Array, prepared: PreparedExperiment) => PreparedExperiment = (_, __, prepared) => prepared,
): Promise<Evaluation & { model: Model; prepared: PreparedExperiment }> {
  const task = createTask(experiment.task);
  const [entry] = experiment.models as [Experiment['models'][number]];
  const model = createModel(modelOptionsOf(entry), ...networkSize(task));
  const parameters = model.initialise(3);
  const base = change(model, parameters, { task, data: generateData(task, experiment.data) });
  const prepared = intervenedExperiment(experiment, base, model.hiddenSize);
  const result = await evaluate(backend, model, parameters, prepared.data.set, { seed: 2, plant: prepared.task.plant, states: true });
  return { ...result, model, prepared };
}

const bits = (values: Float32Array) => new Uint32Array(Float32Array.from(values).buffer);
/** The arrays of one trial, to compare bit by bit. */
const ofTrial = ({ outputs, states, movement }: Evaluation, trial: number) =>
  [outputs, states as Float32Array, ...(movement ? [movement.actions, movement.joint, movement.muscle] : [])].map((values) =>
    bits(values.slice((trial * values.length) / trials, ((trial + 1) * values.length) / trials)),
  );

for (const { label, backend } of available) {
  test(`${label}: a lesioned unit is exactly zero in every latent, a clamped one its value; other trials keep every bit`, async () => {
    for (const cell of ['gru', 'lstm', 'rnn', 'node', 'driscoll']) {
      const model = { cell, stateNoise: 0.1, initialNoise: 0.05, ...(cell === 'node' ? { layerSizes: [8] } : {}) };
      const free = await rollOut(backend, experimentOf(flipflop, model, []));
      const acted = await rollOut(
        backend,
        experimentOf(flipflop, model, [
          { kind: 'unit-lesion', units: { list: [1, 4] }, trials: { every: 2 } },
          { kind: 'unit-clamp', units: { list: [2] }, value: 0.75, from: 8, until: 16, trials: { list: [2] } },
          { kind: 'stimulation', units: { range: [0, 1] }, amplitude: 0.3, from: 10, ramp: 4, trials: { list: [2] } },
        ]),
      );
      const size = acted.model.stateSize;
      const at = (trial: number, step: number, unit: number) => acted.states?.[(trial * 24 + step) * size + unit];
      for (let trial = 0; trial < trials; trial++) {
        if (trial % 2 === 1) {
          assert.equal(ofTrial(acted, trial), ofTrial(free, trial), `${cell}, trial ${trial}`);
          continue;
        }
        assert.not.equal(ofTrial(acted, trial), ofTrial(free, trial));
        for (let step = 0; step < 24; step++) {
          assert.is(at(trial, step, 1), 0, cell);
          assert.is(at(trial, step, 4), 0, cell);
          if (trial === 2 && step >= 8 && step < 16) assert.is(at(trial, step, 2), 0.75, cell);
        }
      }
    }
  });

  test(`${label}: a clamp equals a constant input through the weights of the unit`, async () => {
    const value = 0.6;
    const clamped = await rollOut(backend, experimentOf(flipflop, { cell: 'rnn', initialNoise: 0 }, [{ kind: 'unit-clamp', units: { list: [3] }, value }]));
    // the same network without the way from unit 3, and with what it would send as a bias
    const driven = await rollOut(backend, experimentOf(flipflop, { cell: 'rnn', initialNoise: 0 }, []), (model, parameters, prepared) => {
      const view = (name: string) => {
        const { offset, length } = model.parameters.find((one) => one.name === name) as { offset: number; length: number };
        return parameters.subarray(offset, offset + length);
      };
      const [recurrent, bias, weight, offset] = [view('cell.weight_hh'), view('cell.bias_hh'), view('readout.weight'), view('readout.bias')];
      for (let row = 0; row < 6; row++) {
        (bias[row] as number) += (recurrent[6 * row + 3] as number) * value;
        recurrent[6 * row + 3] = 0;
      }
      for (let row = 0; row < 2; row++) {
        (offset[row] as number) += (weight[6 * row + 3] as number) * value;
        weight[6 * row + 3] = 0;
      }
      return prepared;
    });
    clamped.outputs.forEach((output, i) => {
      assert.ok(Math.abs(output - (driven.outputs[i] as number)) < 1e-5);
    });
  });

  test(`${label}: a fixed field is a constant load, bit for bit; a field bends paths, a channel keeps them straight`, async () => {
    const model = { cell: 'gru', hiddenSize: 8 };
    const free = await rollOut(backend, experimentOf(reach, model, []));
    const field = await rollOut(backend, experimentOf(reach, model, [{ kind: 'fixed-field', force: [2, -3], trials: { every: 2 } }]));
    const load = await rollOut(backend, experimentOf(reach, model, [{ kind: 'load', endpoint: [2, -3], trials: { every: 2 } }]));
    const weak = await rollOut(backend, experimentOf(reach, model, [{ kind: 'strength', muscles: { all: 0 }, from: 5, trials: { every: 2 } }]));
    for (let trial = 0; trial < trials; trial++) {
      assert.equal(ofTrial(field, trial), ofTrial(load, trial));
      if (trial % 2 === 0) assert.not.equal(ofTrial(field, trial), ofTrial(free, trial));
      else for (const result of [field, weak]) assert.equal(ofTrial(result, trial), ofTrial(free, trial));
    }
    const { body } = weak.prepared.task.plant as NonNullable<PreparedExperiment['task']['plant']>;
    const [rows, muscles] = [body.muscleRows.length, body.muscles];
    const force = (trial: number, state: number, muscle: number) => weak.movement?.muscle[((trial * 31 + state) * rows + rows - 1) * muscles + muscle];
    for (let muscle = 0; muscle < muscles; muscle++) {
      assert.is(force(2, 10, muscle), 0);
      assert.ok((force(1, 10, muscle) as number) >= 0);
    }
    assert.ok(Math.max(...Array.from({ length: muscles }, (_, muscle) => force(1, 10, muscle) as number)) > 0);

    // a passive arm is pushed aside, but not out of a stiff channel: at most force over stiffness, and as much again while it settles
    const fine = {
      ...reach,
      steps: 100,
      goTime: 0.02,
      effector: { effector: 'RigidTendonArm26', timeStep: 0.002 },
      sensors: { visionDelay: 0.05, proprioceptionDelay: 0.02 },
    };
    const strayed = async (interventions: readonly object[]) => {
      const { outputs, prepared } = await rollOut(backend, experimentOf(fine, model, interventions), (_, parameters, base) => {
        parameters.fill(0);
        return base;
      });
      const { joints, targets } = prepared.data.set;
      return Array.from({ length: trials }, (_, trial) => {
        const [x, y] = fingertipOf(body, (joints as Float32Array).subarray(4 * trial, 4 * trial + 4), 1) as unknown as [number, number];
        const [dx, dy] = [(targets[200 * trial + 198] as number) - x, (targets[200 * trial + 199] as number) - y];
        const across = (at: number) => Math.abs(((outputs[at] as number) - x) * dy - ((outputs[at + 1] as number) - y) * dx) / Math.hypot(dx, dy);
        return Math.max(...Array.from({ length: 100 }, (_, step) => across(200 * trial + 2 * step)));
      });
    };
    const push = { kind: 'load', endpoint: [4, 4] };
    const [without, within] = [await strayed([push]), await strayed([push, { kind: 'channel', stiffness: 20000, damping: 200 }])];
    assert.ok(Math.min(...without) > 0.01, String(without));
    assert.ok(Math.max(...within) < 0.001, String(within));
  });
}

test('training under interventions: the same bytes on one thread and on two, and other ones than without', async () => {
  const of = async (interventions: readonly object[], threads: number) => {
    const changes = { training: { epochs: 2, batchSize: 4 }, data: { trials: 10, fresh: true } };
    const experiment = experimentOf(reach, { cell: 'gru', hiddenSize: 8 }, interventions, changes);
    const backend = await createBackend('wasm', { threads });
    try {
      let state: Float32Array | undefined;
      for await (const event of train(experiment, { backend }))
        if (event.type === 'checkpoint' && event.kind === 'last') state = event.state.tensors['cell.weight_hh']?.data;
      return state as Float32Array;
    } finally {
      await backend.dispose();
    }
  };
  const acting = [
    { kind: 'curl-field', strength: 15, from: 'go', trials: { fraction: 0.7 } },
    { kind: 'unit-lesion', units: { list: [2] }, trials: { fraction: 0.5 } },
    { kind: 'strength', muscles: { biceps: 0.5 }, phase: 'train' },
  ];
  const one = await of(acting, 1);
  assert.equal(bits(await of(acting, 2)), bits(one));
  assert.not.equal(await of([], 1), one);
});

test.run();
