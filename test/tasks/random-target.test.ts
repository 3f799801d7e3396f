// Random-target reaching against its definition: rows of the trials, distributions over 1000 trials, the three variants, purity.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingertipOf } from '../../src/arm/kinematics.js';
import { randomKey } from '../../src/random.js';
import { createTask } from '../../src/tasks/index.js';
import { taskOptions } from '../../src/tasks/options.js';
import { goCueOf, pushOf } from '../../src/tasks/reach-metrics.js';
import { networkSize, type Task, type TrialSet } from '../../src/tasks/task.js';

const key = randomKey(3, 'data');
const degrees = Math.PI / 180;
const make = (changes: object = {}): Task => createTask(taskOptions.parse({ name: 'random-target', ...changes }));
const count = 1000;
const standard = make({ steps: 300 });
const set = standard.generate(key, 0, count);
const trials = Array.from({ length: count }, (_, trial) => trial);
const at = (values: Float32Array, { steps }: TrialSet, trial: number, step: number, channels: number): number[] =>
  Array.from({ length: channels }, (_, channel) => values[(trial * steps + step) * channels + channel] as number);

/** Holds a mean against a uniform distribution of whole numbers or reals on [low, high], within four standard errors. */
function assertUniform(values: readonly number[], low: number, high: number, what: string): void {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const error = (high - low) / Math.sqrt(12 * values.length);
  assert.ok(Math.min(...values) >= low && Math.max(...values) <= high, `${what}: ${Math.min(...values)} to ${Math.max(...values)}`);
  assert.ok(Math.abs(mean - (low + high) / 2) < 4 * error, `${what}: mean ${mean}, expected ${(low + high) / 2}`);
  // the ends are reached to within a fortieth of the range, but once in 10¹⁰ samples of 1000
  const share = (high - low) / 40 + 1;
  assert.ok(Math.min(...values) < low + share && Math.max(...values) > high - share, `${what}: ${Math.min(...values)} to ${Math.max(...values)}`);
}

/** Holds a share against its probability, within four standard errors. */
function assertShare(hits: number, of: number, probability: number, what: string): void {
  assert.ok(Math.abs(hits / of - probability) < 4 * Math.sqrt((probability * (1 - probability)) / of), `${what}: ${hits} of ${of}`);
}

test('a network for the six-muscle arm has 17 inputs and 6 outputs', () => {
  assert.equal(networkSize(standard), [17, 6]);
  assert.equal(standard.plant?.sensors.visionDelay, 5);
  assert.equal(standard.plant?.sensors.proprioceptionDelay, 2);
});

test('times, shares, forces and postures have the stated distributions', () => {
  const goes = trials.filter((trial) => goCueOf(set, trial) !== null);
  assertShare(count - goes.length, count, 0.2, 'catch trials');
  assertUniform(
    trials.map((trial) => set.extra[2 * trial] as number),
    10,
    29,
    'target on',
  );
  // relative to its own bounds the go cue is uniform on [0, 1)
  assertUniform(
    goes.map((trial) => ((goCueOf(set, trial) as number) - (set.extra[2 * trial] as number) - 5) / (300 - 5 - (set.extra[2 * trial] as number))),
    0,
    1,
    'go cue',
  );
  const pushes = trials.flatMap((trial) => {
    const push = pushOf(set, trial);
    return push ? [{ trial, ...push, force: at(set.endpointLoads as Float32Array, set, trial, push.start, 2) as [number, number] }] : [];
  });
  // of the half that has one, a few move pushes come behind the end
  assert.ok(pushes.length < 0.5 * count + 4 * Math.sqrt(count / 4) && pushes.length > 0.48 * count - 4 * Math.sqrt(count / 4), `${pushes.length} pushes`);
  const whole = pushes.filter(({ end }) => end < 300);
  assertUniform(
    whole.filter(({ start }) => start < 270).map(({ start, end }) => end - start),
    15,
    29,
    'duration',
  );
  assertUniform(
    pushes.map(({ force }) => Math.hypot(...force)),
    5 - 1e-5,
    10 + 1e-5,
    'force',
  );
  assertUniform(
    pushes.map(({ force }) => Math.atan2(force[1], force[0])),
    -Math.PI,
    Math.PI,
    'direction',
  );
  for (const [joint, low, high] of [
    [0, 30, 105],
    [1, 30, 125],
  ] as const) {
    assertUniform(
      trials.map((trial) => (set.joints?.[4 * trial + joint] as number) / degrees),
      low - 1e-4,
      high + 1e-4,
      `start of joint ${joint}`,
    );
  }
  assert.ok(
    trials.every((trial) => set.joints?.[4 * trial + 2] === 0 && set.joints[4 * trial + 3] === 0),
    'at rest',
  );
});

test('half of the pushes come within 40 steps after the go cue, at any length of trial', () => {
  const all = make({ steps: 300, catchProbability: 0, bumpProbability: 1, moveBumpProbability: 1 }).generate(key, 0, 300);
  for (let trial = 0; trial < 300; trial++) {
    const push = pushOf(all, trial);
    const go = goCueOf(all, trial) as number;
    if (push === null) assert.ok(go > 300 - 40, 'a push behind the end is none');
    else assert.ok(push.start >= go && push.start < go + 40);
  }
  const none = make({ steps: 300, bumpProbability: 0 }).generate(key, 0, 300);
  assert.ok(Array.from({ length: 300 }, (_, trial) => pushOf(none, trial)).every((push) => push === null));
});

test('inputs show the target from its onset to the go cue, which then stays; in a catch trial to the step before the last', () => {
  const { trueInputs, targets } = set;
  const starts = fingertipOf(standard.plant?.body as never, set.joints as Float32Array, count);
  for (const trial of trials.slice(0, 200)) {
    const start = [starts[2 * trial], starts[2 * trial + 1]];
    const on = set.extra[2 * trial] as number;
    const go = goCueOf(set, trial);
    const goal = at(trueInputs, set, trial, on, 3).slice(0, 2);
    for (let step = 0; step < 300; step++) {
      const shown = step >= on && step < (go ?? 299);
      const going = go !== null && step >= go;
      assert.equal(at(trueInputs, set, trial, step, 3), [...(shown ? goal : [0, 0]), going ? Math.fround(0.15) : 0], `trial ${trial}, step ${step}`);
      assert.equal(at(targets, set, trial, step, 2), going ? goal : start, `trial ${trial}, step ${step}`);
    }
    assert.is(set.conditions[trial], go === null ? 1 : 0);
  }
});

test('context noise has the stated deviation on every channel, and none where it is 0', () => {
  for (const channel of [0, 1, 2]) {
    let [sum, squares, n] = [0, 0, 0];
    for (let i = channel; i < set.inputs.length; i += 3) {
      const noise = (set.inputs[i] as number) - (set.trueInputs[i] as number);
      sum += noise;
      squares += noise * noise;
      n++;
    }
    assert.ok(Math.abs(sum / n) < (4 * 0.04) / Math.sqrt(n), `mean ${sum / n}`);
    assert.ok(Math.abs(Math.sqrt(squares / n) / 0.04 - 1) < 4 / Math.sqrt(2 * n), `deviation ${Math.sqrt(squares / n)}`);
  }
  const quiet = make({ steps: 60, contextNoise: 0 }).generate(key, 0, 5);
  assert.equal(quiet.inputs, quiet.trueInputs);
});

test('aligned trials have fixed times and no catch trials', () => {
  const aligned = make({ variant: 'aligned', steps: 155 }).generate(key, 0, 400);
  const starts: number[] = [];
  for (let trial = 0; trial < 400; trial++) {
    assert.equal([...aligned.extra.subarray(2 * trial, 2 * trial + 2)], [30, 70]);
    const push = pushOf(aligned, trial);
    if (push) starts.push(push.start);
  }
  assertShare(starts.length, 400, 0.5, 'pushes');
  assertShare(starts.filter((start) => start >= 70).length, starts.length, 0.5, 'pushes after the go cue');
  assert.ok(starts.every((start) => start < 67 || (start >= 70 && start < 110)));
});

test('move-bump repeats one reach with a push along x of 15 to 40 N to either side', () => {
  const bumps = make({ variant: 'move-bump', steps: 120 }).generate(key, 0, 400);
  const forces: number[] = [];
  for (let trial = 0; trial < 400; trial++) {
    assert.equal(pushOf(bumps, trial), { start: 60, end: 70 });
    const [x, y] = at(bumps.endpointLoads as Float32Array, bumps, trial, 60, 2) as [number, number];
    assert.is(y, 0);
    forces.push(x);
    const [fromX, fromY] = at(bumps.targets, bumps, trial, 0, 2) as [number, number];
    const [toX, toY] = at(bumps.targets, bumps, trial, 50, 2) as [number, number];
    assert.ok(Math.abs(toX - fromX) < 1e-6 && Math.abs(toY - fromY - 0.4) < 1e-6);
    assert.equal([...bumps.extra.subarray(2 * trial, 2 * trial + 2)], [10, 50]);
  }
  assertShare(forces.filter((force) => force > 0).length, 400, 0.5, 'pushes to the right');
  assertUniform(
    forces.map((force) => Math.abs(force)),
    15,
    40,
    'force',
  );
});

test('trial k is the same whatever is generated around it, and another key gives other trials', () => {
  const task = make({ steps: 80 });
  const many = task.generate(key, 0, 12);
  const few = task.generate(key, 7, 3);
  for (const name of ['inputs', 'trueInputs', 'targets', 'conditions', 'extra', 'joints', 'endpointLoads'] as const) {
    const whole = many[name] as Float32Array;
    const size = whole.length / 12;
    assert.equal([...whole.subarray(7 * size, 10 * size)], [...(few[name] as Float32Array)], name);
  }
  assert.not.equal(task.generate(randomKey(4, 'data'), 0, 12).joints, many.joints);
});

test('a point mass starts and ends in the middle of its limits, or where it is told to', () => {
  const mass = make({ steps: 80, effector: { effector: 'FreePointMass24' } }).generate(key, 0, 300);
  assert.ok(Math.max(...(mass.joints as Float32Array)) <= 0.48 + 1e-6 && Math.max(...(mass.joints as Float32Array)) > 0.45);
  const corner = make({
    steps: 80,
    effector: { effector: 'FreePointMass24' },
    jointRange: [
      [0.1, 0.2],
      [-0.3, -0.3],
    ],
  }).generate(key, 0, 50);
  for (let trial = 0; trial < 50; trial++) {
    const [x, y] = (corner.joints as Float32Array).subarray(4 * trial, 4 * trial + 2) as unknown as [number, number];
    assert.ok(x >= 0.1 - 1e-6 && x <= 0.2 + 1e-6 && Math.abs(y + 0.3) < 1e-6);
  }
});

test.run();
