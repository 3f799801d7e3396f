// The closed loop on a backend: what the network sees and when, every source of noise channel by channel, gradients, evaluation, and the operation on the tape.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cartesianOf } from '../../src/arm/kinematics.js';
import { observationSize, type Plant } from '../../src/arm/plant.js';
import { bodyNumber, muscleNumber, muscleStride } from '../../src/backends/body-layout.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { createModel, type Model } from '../../src/models/model.js';
import type { ModelInput } from '../../src/models/options.js';
import { closedLoopTensor } from '../../src/rollout/closed-loop-operation.js';
import { evaluate } from '../../src/rollout/evaluate.js';
import { evaluationKeys, type NoiseKeys, sensorSources, trainingKeys, withoutNoise } from '../../src/rollout/noise.js';
import { rolloutBytes } from '../../src/rollout/plan.js';
import { Rollout } from '../../src/rollout/rollout.js';
import { Workspace } from '../../src/rollout/workspace.js';
import { selectTrials } from '../../src/tasks/data.js';
import { networkSize } from '../../src/tasks/task.js';
import { add, mean, multiply, square, subtract, sum, tensor, tidy, valueAndGradients } from '../../src/tensor/index.js';
import { addReachLoss } from '../../src/training/loss.js';
import { assertClose } from '../support/assert-close.js';
import { centralDifferences } from '../support/gradient-check.js';
import { armPlant, noisySenses, reachLoss, reachTask, reachTrials } from '../support/reaching.js';

const backend = createReferenceBackend();

function modelFor(plant: Plant, options: ModelInput = { cell: 'gru', hiddenSize: 5 }): Model {
  return createModel(options, ...networkSize(reachTask(plant, 1)));
}

/** What the network saw [B, T, I], and how the body moved, of random trials. */
async function observe(plant: Plant, model: Model, parameters: Float32Array, trials: number, steps: number, keys: Partial<NoiseKeys>, inputNoise = 0) {
  const set = reachTrials(plant, trials, steps);
  const workspace = new Workspace(backend);
  const rollout = new Rollout({ backend, model, plant, trials, steps, networkInputs: true, inputNoise });
  try {
    const result = rollout.forward({
      parameters: workspace.upload(parameters, [model.parameterCount]),
      inputs: workspace.upload(set.inputs, [trials, steps, 3]),
      joints: workspace.upload(set.joints as Float32Array, [trials, 4]),
      trialIndices: workspace.upload(
        Int32Array.from({ length: trials }, (_, trial) => trial),
        [trials],
        'i32',
      ),
      keys,
    });
    const read = async (argument: typeof result.joint) => Float64Array.from(await backend.read((argument as NonNullable<typeof argument>).buffer));
    return {
      set,
      seen: await read(result.networkInputs),
      joint: await read(result.joint),
      muscle: await read(result.muscle),
      actions: await read(result.outputs),
    };
  } finally {
    rollout.dispose();
    workspace.dispose();
  }
}

/** State whose sample the network sees at step k, with a delay of n frames: the rule of motor.md 6.3. */
const sampledState = (k: number, frames: number) => Math.max(0, k - (frames - 1));

/** What vision and proprioception say about state `state` of a trial, without noise [2 + 2M]. */
function sampleOf({ body }: Plant, joint: Float64Array, muscle: Float64Array, at: number): number[] {
  const { muscles, muscleRows } = body;
  const place = cartesianOf(body, joint.subarray(4 * at, 4 * at + 4), 1);
  const row = (r: number, by: number) =>
    Array.from({ length: muscles }, (_, m) => {
      const scale = body.table[bodyNumber.muscles + m * muscleStride + by] as number;
      return (muscle[(at * muscleRows.length + r) * muscles + m] as number) / scale;
    });
  return [place[0] as number, place[1] as number, ...row(1, muscleNumber.optimalLength), ...row(2, muscleNumber.maximumVelocity)];
}

for (const [vision, proprioception, leadingInputs, actionFrames] of [
  [1, 1, 0, 0],
  [5, 2, 2, 1],
  [2, 7, 1, 2],
] as const) {
  test(`delays of ${vision} and ${proprioception} frames show exactly that old a state; ${leadingInputs} inputs lead, ${actionFrames} earlier actions follow`, async () => {
    const sensors = { visionDelay: vision / 100, proprioceptionDelay: proprioception / 100, actionFrames };
    const plant = armPlant({ sensors, leadingInputs });
    const model = modelFor(plant);
    const [trials, steps, size] = [3, 12, observationSize(plant)];
    const { set, seen, joint, muscle, actions } = await observe(
      plant,
      model,
      model.initialise(1).map((value) => 3 * value),
      trials,
      steps,
      {},
    );
    for (let trial = 0; trial < trials; trial++) {
      for (let k = 0; k < steps; k++) {
        const x = Array.from(seen.subarray((trial * steps + k) * model.inputSize, (trial * steps + k + 1) * model.inputSize));
        const at = (frames: number) => sampleOf(plant, joint, muscle, trial * (steps + 1) + sampledState(k, frames));
        const earlier = Array.from({ length: actionFrames }, (_, i) => k - actionFrames + i).flatMap((step) =>
          step < 0 ? [0, 0, 0, 0, 0, 0] : Array.from(actions.subarray((trial * steps + step) * 6, (trial * steps + step + 1) * 6)),
        );
        const expected = [...at(vision).slice(0, 2), ...at(proprioception).slice(2), ...earlier];
        assertClose(x.slice(leadingInputs, leadingInputs + size), expected, { case: `trial ${trial}, step ${k}`, rtol: 1e-5, atol: 1e-6 });
        const external = Array.from(set.inputs.subarray((trial * steps + k) * 3, (trial * steps + k + 1) * 3));
        assert.equal([...x.slice(0, leadingInputs), ...x.slice(leadingInputs + size)], external);
      }
    }
    assert.is(backend.bytesInUse(), 0);
  });
}

/** Noise of each source as the network saw it [B][T][F]: what is left when the true samples are taken away. All actions are 0, so that stacked ones are noise. */
async function seenNoise(plant: Plant, trials: number, steps: number, keys: Partial<NoiseKeys>, inputNoise = 0) {
  const model = modelFor(plant, { cell: 'rnn', hiddenSize: 2, initialNoise: 0 });
  const { seen, joint, muscle } = await observe(plant, model, new Float32Array(model.parameterCount), trials, steps, keys, inputNoise);
  const { visionDelay, proprioceptionDelay } = plant.sensors;
  return (from: number, to: number) =>
    Array.from({ length: trials }, (_, trial) =>
      Array.from({ length: steps }, (__, k) => {
        const at = (frames: number) => sampleOf(plant, joint, muscle, trial * (steps + 1) + sampledState(k, frames));
        const truth = [...at(visionDelay).slice(0, 2), ...at(proprioceptionDelay).slice(2)];
        const x = seen.subarray((trial * steps + k) * model.inputSize, (trial * steps + k + 1) * model.inputSize);
        return Array.from({ length: to - from }, (___, i) => (x[from + i] as number) - (truth[from + i] ?? 0));
      }),
    );
}

const average = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
/** Standard errors that a statistic of seeded noise may be away from its expectation. */
const errors = 4.5;

/** No bias, the stated deviation, and no correlation: of every channel, between neighbouring steps, trials and channels. */
function checkNoise(noise: readonly (readonly (readonly number[])[])[], deviations: readonly number[], what: string): void {
  const pairs = (next: (trial: number, k: number, i: number) => number | undefined, i: number) => {
    const products = noise.flatMap((steps, trial) =>
      steps.flatMap((row, k) => {
        const other = next(trial, k, i);
        return other === undefined ? [] : [(row[i] as number) * other];
      }),
    );
    return { mean: average(products), count: products.length };
  };
  deviations.forEach((deviation, i) => {
    const values = noise.flatMap((steps) => steps.map((row) => row[i] as number));
    const [mean, variance] = [average(values), average(values.map((value) => value * value))];
    assert.ok(Math.abs(mean) < (errors * deviation) / Math.sqrt(values.length), `${what} ${i}: mean ${mean}`);
    assert.ok(Math.abs(variance / deviation ** 2 - 1) < errors * Math.sqrt(2 / values.length), `${what} ${i}: variance ${variance}`);
    for (const [name, next] of [
      ['steps', (trial: number, k: number) => noise[trial]?.[k + 1]?.[i]],
      ['trials', (trial: number, k: number) => noise[trial + 1]?.[k]?.[i]],
      ['channels', (trial: number, k: number) => noise[trial]?.[k]?.[i + 1]],
    ] as const) {
      const { mean, count } = pairs(next, i);
      if (count === 0) continue;
      const scale = deviation * (name === 'channels' ? (deviations[i + 1] as number) : deviation);
      assert.ok(Math.abs(mean / scale) < errors / Math.sqrt(count), `${what} ${i}: correlation ${mean / scale} between ${name}`);
    }
  });
}

const lengths = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06];
for (const [title, sensors] of [
  ['one deviation for all features', { visionNoise: 0.02, proprioceptionNoise: 0.03, actionNoise: 0.04 }],
  ['a deviation for every feature', { visionNoise: [0.01, 0.05], proprioceptionNoise: lengths, actionNoise: [0.01, 0.02, 0.03, 0.04, 0.05, 0.06] }],
] as const) {
  test(`vision, proprioception and action noise: ${title}, no bias, independent over channels, steps, trials and sources`, async () => {
    const plant = armPlant({ sensors: { ...sensors, actionFrames: 1 } as object });
    const noise = await seenNoise(plant, 600, 8, trainingKeys(3, 2));
    const features = (value: number | readonly number[], count: number) => (typeof value === 'number' ? new Array<number>(count).fill(value) : [...value]);
    const all = [...features(sensors.visionNoise, 2), ...features(sensors.proprioceptionNoise, 12)];
    // Neighbouring channels across the border of two sources are compared too.
    checkNoise(noise(0, 14), all, 'sensory noise');
    // At step 0 no action has been made.
    checkNoise(
      noise(14, 20).map((steps) => steps.slice(1)),
      features(sensors.actionNoise, 6),
      'action noise',
    );
    for (const steps of noise(14, 20)) assert.equal(steps[0], [0, 0, 0, 0, 0, 0]);
  });
}

test('observation noise is drawn at every step for every feature, and input noise joins it', async () => {
  const quiet = { visionNoise: 0, proprioceptionNoise: 0, actionNoise: 0 };
  const plant = armPlant({ sensors: { ...quiet, observationNoise: 0.03 } });
  checkNoise((await seenNoise(plant, 400, 8, trainingKeys(1, 1)))(0, 14), new Array(14).fill(0.03), 'observation noise');
  checkNoise((await seenNoise(plant, 400, 8, trainingKeys(1, 1), 0.04))(0, 14), new Array(14).fill(0.05), 'observation and input noise');
});

test('shared sensory noise is one draw a trial, step and sense; a delayed sample keeps its noise, and the two readings of the first state differ', async () => {
  const sensors = { visionNoise: 0.02, proprioceptionNoise: [...lengths], sensoryNoise: 'shared' as const, visionDelay: 0.03, proprioceptionDelay: 0.03 };
  const noise = await seenNoise(armPlant({ sensors }), 500, 6, trainingKeys(3, 2));
  for (const row of noise(0, 14).flat()) {
    assert.ok(Math.abs((row[0] as number) - (row[1] as number)) < 1e-6);
    for (let i = 0; i < 12; i++) assert.ok(Math.abs((row[2 + i] as number) / (lengths[i] as number) - (row[2] as number) / 0.01) < 1e-4);
  }
  // With three frames the first two steps see the first reading of the first state, the third step sees the second reading.
  for (const steps of noise(0, 14)) {
    assertClose(steps[0] as number[], steps[1] as number[], { case: 'first reading', atol: 1e-6 });
    assert.ok(Math.abs((steps[1]?.[0] as number) - (steps[2]?.[0] as number)) > 1e-5);
  }
  const drawn = noise(0, 3).map((steps) => steps.slice(1).map((row) => [row[0] as number, row[2] as number]));
  checkNoise(drawn, [0.02, 0.01], 'shared noise');
});

test('noise belongs to seed, epoch and trial: training draws anew in every epoch, evaluation always the same', async () => {
  const plant = armPlant();
  const draws = async (keys: NoiseKeys) => (await seenNoise(plant, 2, 4, keys))(0, 14).flat(2);
  const first = await draws(trainingKeys(1, 1));
  assert.equal(await draws(trainingKeys(1, 1)), first);
  for (const keys of [trainingKeys(1, 2), trainingKeys(2, 1), evaluationKeys(1)]) assert.not.equal(await draws(keys), first);
  const silent = (await seenNoise(withoutNoise(plant, sensorSources), 2, 4, trainingKeys(1, 1)))(0, 14).flat(2);
  assert.ok(silent.every((value) => Math.abs(value) < 1e-6));
});

/** A rollout with loads, all noise and a reach loss on three trials; `value` gives the loss of some parameters, `gradient` its gradient. */
function lossOf(plant: Plant, model: Model, steps: number) {
  const trials = 3;
  const set = reachTrials(plant, trials, steps);
  const workspace = new Workspace(backend);
  const rollout = new Rollout({ backend, model, plant, trials, steps, gradients: true, inputGradients: true });
  const upload = (values: Float32Array | undefined, size: number) => workspace.upload(values as Float32Array, [trials, steps, size]);
  const given = {
    inputs: upload(set.inputs, 3),
    joints: workspace.upload(set.joints as Float32Array, [trials, 4]),
    endpointLoads: upload(set.endpointLoads, 2),
    jointLoads: upload(set.jointLoads, 2),
    trialIndices: workspace.upload([7, 1, 4], [trials], 'i32'),
    keys: trainingKeys(1, 1),
  };
  const target = upload(set.targets, 2);
  const value = async (parameters: Float64Array, wanted?: ReturnType<Workspace['allocate']>) => {
    const trialLoss = workspace.allocate([trials]);
    const { outputs, fingertip } = rollout.forward({ ...given, parameters: workspace.upload(parameters, [parameters.length]) });
    const { dOutputs, dFingertip } = rollout.clearGradients();
    const position = { prediction: fingertip as NonNullable<typeof fingertip>, target, weight: null, trialLoss, dPrediction: dFingertip };
    addReachLoss(backend, position, { prediction: outputs, target: null, weight: null, trialLoss, dPrediction: dOutputs }, reachLoss, 0, trials);
    if (wanted) rollout.backward(wanted);
    return Array.from(await backend.read(trialLoss.buffer)).reduce((total, loss) => total + loss, 0);
  };
  const gradient = async (parameters: Float64Array) => {
    const wanted = workspace.allocate([model.parameterCount]);
    await value(parameters, wanted);
    return Float64Array.from(await backend.read(wanted.buffer));
  };
  const dispose = () => {
    rollout.dispose();
    workspace.dispose();
  };
  return { set, value, gradient, dispose };
}

test('the gradient of every parameter through senses, delays, stacked actions and the arm is that of central differences', async () => {
  const plant = armPlant({ sensors: { ...noisySenses, actionFrames: 1, sensoryNoise: 'shared', visionNoise: [0.01, 0.02] } });
  const model = modelFor(plant, { cell: 'gru', hiddenSize: 3, stateNoise: 0.05, readoutBias: 0.3 });
  const { value, gradient, dispose } = lossOf(plant, model, 9);
  const parameters = Float64Array.from(model.initialise(3), (start, i) => start + 0.05 * Math.sin(i));
  const analytic = await gradient(parameters);
  const numeric = await centralDifferences(() => value(parameters), parameters, 1e-5);
  for (const { name, offset, length } of model.parameters) {
    const part = (values: Float64Array) => values.subarray(offset, offset + length);
    assertClose(part(analytic), part(Float64Array.from(numeric)), { case: name, rtolOfMax: 1e-5, atol: 1e-9 });
  }
  dispose();
  assert.is(backend.bytesInUse(), 0);
});

test('on the tape the loop has the same value and gradients as Rollout has, and joint and muscle states are differentiable too', async () => {
  const plant = armPlant({ sensors: {} });
  const model = modelFor(plant, { cell: 'gru', hiddenSize: 4, initialNoise: 0, readoutBias: 0.3 });
  const steps = 7;
  const direct = lossOf(plant, model, steps);
  const parameters = Float64Array.from(model.initialise(5));
  const { set } = direct;
  const loop = async (extra: boolean) =>
    tidy(() => {
      const of = (values: Float32Array | undefined, ...shape: number[]) => tensor(backend, values as Float32Array, [3, ...shape]);
      const inputs = of(set.inputs, steps, 3);
      const targets = of(set.targets, steps, 2);
      return valueAndGradients(
        (weights, given) => {
          const loads = { endpointLoads: of(set.endpointLoads, steps, 2), jointLoads: of(set.jointLoads, steps, 2) };
          const result = closedLoopTensor(model, plant, { parameters: weights, inputs: given, joints: of(set.joints, 4), ...loads });
          const loss = add(multiply(mean(square(subtract(result.fingertip, targets))), 10), mean(square(result.actions)));
          return extra ? add(loss, add(multiply(sum(square(result.joint)), 1e-3), multiply(mean(result.muscle), 1e-3))) : loss;
        },
        [tensor(backend, parameters), inputs],
      );
    });
  const { value, gradients } = await loop(false);
  assertClose(await value.data(), [await direct.value(parameters)], { case: 'loss', rtol: 1e-12 });
  assertClose(await (gradients[0] as (typeof gradients)[number]).data(), await direct.gradient(parameters), { case: 'gradient', rtolOfMax: 1e-12 });
  const inputGradient = await (gradients[1] as (typeof gradients)[number]).data();
  assert.ok(inputGradient.some((g) => g !== 0));
  for (const part of [value, ...gradients]) part.dispose();

  const whole = await loop(true);
  const analytic = await (whole.gradients[0] as (typeof gradients)[number]).data();
  const numeric = await centralDifferences(
    async () => {
      const { value, gradients } = await loop(true);
      const number = await value.item();
      for (const part of [value, ...gradients]) part.dispose();
      return number;
    },
    parameters.subarray(model.parameterCount - 8),
    1e-5,
  );
  assertClose(analytic.subarray(model.parameterCount - 8), Float64Array.from(numeric), { case: 'with joint and muscle states', rtolOfMax: 1e-5 });
  for (const part of [whole.value, ...whole.gradients]) part.dispose();
  direct.dispose();
  assert.is(backend.bytesInUse(), 0);
});

test('evaluation gives end points and movement, trial by trial the same in any order and pass; sources of noise can be off', async () => {
  const plant = armPlant();
  const model = modelFor(plant);
  const parameters = model.initialise(2);
  const set = reachTrials(plant, 40, 6);
  const options = { seed: 1, plant, noise: { input: 0.1 } };
  const all = await evaluate(backend, model, parameters, set, { ...options, states: true });
  const { actions, joint, muscle } = all.movement as NonNullable<typeof all.movement>;
  assert.equal([all.outputs.length, actions.length, joint.length, muscle.length], [40 * 6 * 2, 40 * 6 * 6, 40 * 7 * 4, 40 * 7 * 7 * 6]);
  const place = cartesianOf(plant.body, joint.subarray(4 * 7 * 3 + 4, 4 * 7 * 3 + 8), 1);
  assertClose(all.outputs.subarray(36, 38), place.subarray(0, 2), { case: 'first end point of trial 3', atol: 1e-6 });
  const chosen = Int32Array.from([39, 3, 17]);
  const some = await evaluate(backend, model, parameters, selectTrials(set, chosen), { ...options, trialIndices: chosen });
  chosen.forEach((trial, i) => {
    assert.equal(some.outputs.slice(12 * i, 12 * i + 12), all.outputs.slice(12 * trial, 12 * trial + 12));
    assert.equal(some.movement?.actions.slice(36 * i, 36 * i + 36), actions.slice(36 * trial, 36 * trial + 36));
  });
  const off = Object.fromEntries(['initial', 'state', ...sensorSources].map((source) => [source, false]));
  const quiet = (seed: number, noise: object = off) => evaluate(backend, model, parameters, selectTrials(set, [1, 2]), { seed, plant, noise });
  assert.equal(await quiet(1), await quiet(2));
  for (const source of sensorSources) assert.not.equal(await quiet(1, { ...off, [source]: true }), await quiet(2, { ...off, [source]: true }), source);
  assert.is(backend.bytesInUse(), 0);
});

test('memory is what the estimate says, noise, trajectories and body included; a loop must be told where bodies start', () => {
  const single = createReferenceBackend({ precision: 'f32' });
  const plant = armPlant({ sensors: { ...noisySenses, visionNoise: [0.1, 0.2] } });
  const model = modelFor(plant, { cell: 'gru', hiddenSize: 4, stateNoise: 0.1 });
  const base = { backend: single, model, plant, trials: 9, steps: 11 };
  for (const options of [base, { ...base, gradients: true, states: true, bodyGradients: true, inputGradients: true, networkInputs: true, inputNoise: 1 }]) {
    const rollout = new Rollout(options);
    assert.ok(Math.abs(single.bytesInUse() - rolloutBytes(options)) <= 4 * 2, `${single.bytesInUse()} in use, ${rolloutBytes(options)} estimated`);
    const any = { buffer: single.allocate(1, 'f32'), shape: [1, 11, 3], dtype: 'f32' as const };
    assert.throws(() => rollout.forward({ parameters: any, inputs: any, trialIndices: any, keys: {} }), /expected the initial joint states \[1, 4\]/);
    single.free(any.buffer);
    rollout.dispose();
  }
  assert.is(single.bytesInUse(), 0);
});

test.run();
