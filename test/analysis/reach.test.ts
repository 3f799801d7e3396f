// What the summary says of reaching networks, against the same things computed in another way: trials, movements, pushes, go cues, kept epochs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bumpResponses, type Course } from '../../src/analysis/bump-response.js';
import { bodySummary, reachDirection, type reachTrial, withTellingTrials } from '../../src/analysis/reach-trials.js';
import { summariseExperiment } from '../../src/analysis/summary.js';
import type { ReachRun, RunSummary } from '../../src/analysis/summary-data.js';
import type { Body } from '../../src/arm/body.js';
import { createBody } from '../../src/arm/create-body.js';
import { fingertipOf } from '../../src/arm/kinematics.js';
import { musclePaths } from '../../src/arm/muscle-paths.js';
import type { Plant } from '../../src/arm/plant.js';
import type { Backend } from '../../src/backends/backend.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { type Experiment, modelOptionsOf, parseExperiment } from '../../src/config/experiment.js';
import { prepareExperiment, train } from '../../src/config/train.js';
import { createModel } from '../../src/models/model.js';
import { evaluate } from '../../src/rollout/evaluate.js';
import { openExperimentDirectory } from '../../src/runs/experiment-directory.js';
import { memoryStorage } from '../../src/runs/memory-storage.js';
import { openRun } from '../../src/runs/open-run.js';
import { selectTrials } from '../../src/tasks/data.js';
import { networkSize, type TrialSet } from '../../src/tasks/task.js';
import { assertClose } from '../support/assert-close.js';

const environment = { version: '0', commit: null, runtime: 'test', machine: 'test', command: null, date: null };
const steps = 60;

const tinyReach = (length = steps): Experiment =>
  parseExperiment(
    {
      name: 'tiny-reach',
      seed: 3,
      task: { name: 'random-target', steps: length, rampEpochs: 1 },
      data: { trials: 40, validationFraction: 0.5 },
      training: { epochs: 3, batchSize: 20, learningRate: 0.01, checkpointEpochs: [1, 2] },
      models: [{ cell: 'gru', hiddenSize: 4 }],
    },
    'test',
  );

async function trained(experiment: Experiment, backend: Backend) {
  const storage = memoryStorage();
  const directory = await openExperimentDirectory(storage, experiment);
  for await (const event of train(experiment, { backend })) await directory.handle(event);
  await directory.finish();
  return storage;
}

test('movements, epochs and trials agree with rollouts of the same trials', async () => {
  const backend = createReferenceBackend();
  const experiment = tinyReach();
  const storage = await trained(experiment, backend);
  const summary = await summariseExperiment({ experiment, storage, backend, environment, shownTrials: 5 });
  const { task, data } = await prepareExperiment(experiment);
  const { body } = task.plant as Plant;
  const run = summary.runs[0] as RunSummary;
  const reach = run.reach as ReachRun;
  const model = createModel(modelOptionsOf(experiment.models[0] as Experiment['models'][number]), ...networkSize(task));
  const stored = await openRun(storage, run.path);
  const set = selectTrials(data.set, summary.trials.indices);
  const all = { seed: run.seed, plant: task.plant, trialIndices: Int32Array.from(summary.trials.indices) };
  const { outputs, movement } = await evaluate(backend, model, await stored.parameters(model), set, all);
  assert.ok(movement);
  const near = { rtol: 1e-4, atol: 1e-6 };
  assertClose(run.outputs?.values ?? [], outputs, { case: 'hand', ...near });
  const states = (values: Float32Array, size: number, first: number, width: number) =>
    Array.from({ length: 5 * steps * width }, (_, i) => {
      const sample = Math.floor(i / width);
      return values[(Math.floor(sample / steps) * (steps + 1) + (sample % steps) + 1) * size + first + (i % width)] as number;
    });
  assertClose(reach.joint?.values ?? [], states(movement.joint, 4, 0, 2), { case: 'joints', ...near });
  assertClose(reach.activation?.values ?? [], states(movement.muscle, 42, 0, 6), { case: 'activations', ...near });
  assertClose(reach.force?.values ?? [], states(movement.muscle, 42, 36, 6), { case: 'forces', rtol: 1e-4, atol: 1e-3 });
  const motion = reach.motion?.values ?? [];
  for (let step = 1; step < steps; step++) {
    const [q1, q2, w1, w2] = movement.joint.subarray(4 * (step + 1), 4 * (step + 2)) as unknown as [number, number, number, number];
    const [x, y] = [1e-4, -1e-4].map((dt) => fingertipOf(body, [q1 + w1 * dt, q2 + w2 * dt], 1)) as [Float32Array, Float32Array];
    const speed = Math.hypot((x[0] as number) - (y[0] as number), (x[1] as number) - (y[1] as number)) / 2e-4;
    assertClose([speed], [motion[2 * step] as number], { case: `speed after step ${step}`, rtol: 1e-3, atol: 2e-3 });
    const target = [0, 1].map((axis) => (set.targets[2 * step + axis] as number) - (outputs[2 * step + axis] as number)) as [number, number];
    assertClose([motion[2 * step + 1] as number], [Math.hypot(...target)], { case: 'distance', ...near });
  }
  assert.equal(
    reach.epochs.map(({ epoch }) => epoch),
    [1, 2, 3],
  );
  assert.equal(reach.epochs[2]?.hand, run.outputs);
  const earlier = await evaluate(backend, model, await stored.parameters(model, 1), set, all);
  assertClose(reach.epochs[0]?.hand.values ?? [], earlier.outputs, { case: 'hand after epoch 1', ...near });
  assertClose([run.evaluation.loss as number], [run.final.validationLoss as number], { case: 'loss', rtol: 1e-3 });
  for (const [name, value] of Object.entries(run.final.metrics))
    assertClose([run.evaluation.metrics[name] as number], [value], { case: name, rtol: 1e-3, atol: 1e-6 });
  assertClose([(run.evaluation.metrics.positionLoss as number) + (run.evaluation.metrics.actionLoss as number)], [run.evaluation.loss as number], {
    case: 'the terms make the loss',
    rtol: 1e-3,
  });
  assert.is(summary.constantLoss, null);
  checkTrials(summary.reach?.trials ?? [], set, body);
  assert.equal(JSON.parse(JSON.stringify(summary)), summary);
  assert.is(backend.bytesInUse(), 0);
  await backend.dispose();
});

function checkTrials(trials: readonly ReturnType<typeof reachTrial>[], set: TrialSet, body: Body): void {
  const starts = fingertipOf(body, set.joints as Float32Array, set.trials);
  trials.forEach(({ start, goal, targetOn, goCue, bump }, k) => {
    assertClose(start, starts.subarray(2 * k, 2 * k + 2), { case: 'start', rtol: 1e-4, atol: 1e-5 });
    const seen = (step: number, channel: number) => set.trueInputs[(k * steps + step) * 3 + channel] as number;
    assertClose(goal, [seen(targetOn as number, 0), seen(targetOn as number, 1)], { case: 'goal', rtol: 1e-4 });
    assert.is(seen((targetOn as number) - 1, 0), 0);
    const cue = Array.from({ length: steps }, (_, step) => seen(step, 2) > 0).indexOf(true);
    assert.is(goCue, cue < 0 ? null : cue);
    const loads = set.endpointLoads as Float32Array;
    const pushed = Array.from({ length: steps }, (_, step) => loads[2 * (k * steps + step)] !== 0);
    assert.is(bump === null, !pushed.includes(true));
    if (!bump) return;
    assert.equal([bump.onset, bump.steps], [pushed.indexOf(true), pushed.filter(Boolean).length]);
    assertClose(bump.force, loads.subarray(2 * (k * steps + bump.onset), 2 * (k * steps + bump.onset) + 2), { case: 'force', rtol: 1e-4 });
  });
}

test('shown trials begin with a reach and hold every kind; none is lost', async () => {
  const { data } = await prepareExperiment(tinyReach(200));
  const { validationIndices } = withTellingTrials(data, 6);
  assert.equal([...validationIndices].sort(), [...data.validationIndices].sort());
  const go = (trial: number) => data.set.extra[2 * trial + 1] as number;
  const first = validationIndices[0] as number;
  assert.ok(go(first) >= 0 && go(first) <= 160);
  assert.ok(validationIndices.subarray(0, 6).some((trial) => go(trial) < 0));
});

const arm = createBody({ effector: 'RigidTendonArm26', muscle: 'MujocoHill' });

test('bodies are drawn where their muscles run; without paths by the joints that they turn', () => {
  const mass = createBody({ effector: 'ReluPointMass24' });
  assert.equal(
    bodySummary(mass).paths.map((path) => path.map(({ part, at }) => [part, ...at])),
    [
      [
        [0, 2, 2],
        [1, 0, 0],
      ],
      [
        [0, -2, 2],
        [1, 0, 0],
      ],
      [
        [0, 2, -2],
        [1, 0, 0],
      ],
      [
        [0, -2, -2],
        [1, 0, 0],
      ],
    ],
  );
  const [q1, q2] = [0.7, 1.3];
  const { paths, lengths } = bodySummary(arm);
  const elbow = [lengths[0] * Math.cos(q1), lengths[0] * Math.sin(q1)];
  const placed = paths.map((path) =>
    path.map(({ part, at: [x, y] }) => {
      const angle = [0, q1, q1 + q2][part] as number;
      const [bx, by] = part === 2 ? elbow : [0, 0];
      return [(bx as number) + x * Math.cos(angle) - y * Math.sin(angle), (by as number) + x * Math.sin(angle) + y * Math.cos(angle)];
    }),
  );
  assertClose(placed.flat(2), (musclePaths(arm, [q1, q2]) as number[][][]).flat(2), { case: 'paths', atol: 1e-12 });
  const sides = bodySummary(createBody({ effector: 'Reacher', muscle: 'Relu' })).paths.map((path) => [path.at(-1)?.part, Math.sign(path.at(-1)?.at[1] ?? 0)]);
  assert.equal(sides, [
    [1, 1],
    [1, -1],
    [2, 1],
    [2, -1],
  ]);
  const pulls = bodySummary(createBody({ effector: 'FreePointMass24', muscle: 'Relu' })).paths.map((path) => path[1]?.at.map(Math.sign));
  assert.equal(
    pulls.map((at) => at?.map((value) => value + 0)),
    [
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ],
  );
});

test('directions are eighths of the circle, counter-clockwise', () => {
  const towards = (x: number, y: number) => reachDirection({ start: [0.1, 0.2], goal: [0.1 + x, 0.2 + y] });
  assert.equal([towards(1, 0.1), towards(0.1, 1), towards(-1, 0.1), towards(-0.1, -1), towards(1, -0.1)], [0, 1, 3, 5, 7]);
});

/** Trials of 200 steps whose hands rest, and the same with a given shift after their push. */
function pushedTrials(pushes: readonly { onset: number; go: number; force: readonly [number, number] }[], shift: (i: number) => readonly [number, number]) {
  const length = 200;
  const count = pushes.length;
  const rest = (): Course => ({
    outputs: new Float32Array(count * length * 2),
    movement: { actions: new Float32Array(0), joint: new Float32Array(count * (length + 1) * 4), muscle: new Float32Array(count * (length + 1) * 42) },
  });
  const [pushed, free] = [rest(), rest()];
  const loads = new Float32Array(count * length * 2);
  pushes.forEach(({ onset, force }, trial) => {
    for (let step = onset; step < length; step++) {
      const i = step - onset + 1;
      if (i <= 20) loads.set(force, 2 * (trial * length + step));
      pushed.outputs.set(shift(i), 2 * (trial * length + step));
      const state = (trial * (length + 1) + step + 1) * 42;
      // the first muscle answers and is stretched, the second is shortened
      pushed.movement.muscle[state] = 0.001 * i;
      pushed.movement.muscle[state + 6] = 0.002;
      pushed.movement.muscle[state + 7] = -0.002;
    }
  });
  const empty = new Float32Array(0);
  const set: TrialSet = {
    trials: count,
    steps: length,
    inputs: empty,
    trueInputs: empty,
    targets: empty,
    conditions: new Int32Array(count),
    extra: Float32Array.from(pushes.flatMap(({ go }) => [10, go])),
    endpointLoads: loads,
  };
  return bumpResponses(pushed, free, set, arm);
}

test('a push is measured along and across its direction, by when it comes', () => {
  // 3 cm along −y, then 1 cm to the left of the push, then back
  const shift = (i: number): readonly [number, number] => (i <= 30 ? [0.01, -0.03] : i <= 50 ? [0, -0.01] : [0, -0.001]);
  const responses = pushedTrials(
    [
      { onset: 20, go: 60, force: [0, -8] },
      { onset: 40, go: -1, force: [0, -6] },
      { onset: 60, go: 50, force: [0, -5] },
      { onset: 119, go: 50, force: [0, -5] },
      { onset: 150, go: 20, force: [0, -5] },
    ],
    shift,
  );
  assert.equal(
    responses.map(({ phase, trials }) => [phase, trials]),
    [
      ['delay', 2],
      ['movement', 1],
      ['later', 1],
    ],
    'the last one comes too late for the window',
  );
  const [delay] = responses as [(typeof responses)[number]];
  assert.equal([delay.force, delay.steps, delay.parallel.length], [7, 20, 81]);
  assertClose([delay.parallel[0] as number, delay.parallel[1] as number, delay.parallel[40] as number], [0, 0.03, 0.01], { case: 'along', atol: 1e-6 });
  assertClose([delay.perpendicular[1] as number, delay.perpendicular[40] as number], [0.01, 0], { case: 'across, to the left', atol: 1e-6 });
  assertClose(
    delay.parallelSpread,
    delay.parallelSpread.map(() => 0),
    { case: 'no spread', atol: 1e-9 },
  );
  assertClose([delay.peak, delay.returnTime as number], [Math.hypot(0.03, 0.01), 0.31], { case: 'peak and return', atol: 1e-5 });
  assertClose([delay.stretched[0]?.[10] as number], [0.01], { case: 'answer of the stretched muscle', atol: 1e-6 });
  assert.equal([delay.shortened[0], delay.stretched[1], delay.stretched[2]], [null, null, null]);
  assert.is(delay.shortened[1]?.length, 81);
});

test('a hand that does not come back has no time of return', () => {
  const responses = pushedTrials([{ onset: 20, go: -1, force: [4, 0] }], () => [0.02, 0]);
  assert.is(responses[0]?.returnTime, null);
});

test.run();
