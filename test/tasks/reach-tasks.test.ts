// The other reaching tasks: MotorNet's random targets, centre-out, delayed and cyclic reaching; and what is refused, all at once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingertipOf } from '../../src/arm/kinematics.js';
import { ConfigError } from '../../src/errors.js';
import { randomKey } from '../../src/random.js';
import { createTask } from '../../src/tasks/index.js';
import { taskOptions } from '../../src/tasks/options.js';
import { canReach } from '../../src/tasks/reach-checks.js';
import { networkSize, type Task, type TrialSet } from '../../src/tasks/task.js';

const key = randomKey(3, 'data');
const make = (name: string, changes: object = {}): Task => createTask(taskOptions.parse({ name, ...changes }));
const place = (values: Float32Array, { steps }: TrialSet, trial: number, step: number, channels = 2): [number, number] => {
  const at = (trial * steps + step) * channels;
  return [values[at] as number, values[at + 1] as number];
};
const near = (a: readonly number[], b: readonly number[], bound = 1e-6): boolean => a.every((value, i) => Math.abs(value - (b[i] as number)) < bound);

test('MotorNet’s tutorial: goals lead the observation from the first step on, uniform over the limits; 12 inputs, 4 outputs, L1 loss', () => {
  const task = make('random-target-reach', { effector: { effector: 'ReluPointMass24' } });
  assert.equal(networkSize(task), [12, 4]);
  assert.is(task.plant?.leadingInputs, 2);
  assert.equal(task.plant?.sensors, {
    visionDelay: 1,
    proprioceptionDelay: 1,
    visionNoise: 0,
    proprioceptionNoise: 0,
    actionNoise: 0,
    observationNoise: 0,
    actionFrames: 0,
    sensoryNoise: 'independent',
  });
  const { loss } = task;
  assert.ok(loss.kind === 'reach' && loss.position === 'absolute' && loss.positionWeight === 1 && loss.actionWeight === 0 && loss.rampEpochs === 0);
  const set = task.generate(key, 0, 1000);
  assert.equal(set.inputs, set.targets);
  assert.equal(set.inputs, set.trueInputs);
  assert.is(set.endpointLoads, undefined);
  for (const values of [set.joints as Float32Array, set.targets]) {
    const xs = Array.from({ length: 1000 }, (_, trial) => values[(trial * values.length) / 1000] as number);
    assert.ok(Math.min(...xs) < -0.95 && Math.max(...xs) > 0.95 && Math.min(...xs) >= -1 && Math.max(...xs) <= 1);
    assert.ok(Math.abs(xs.reduce((sum, x) => sum + x, 0) / 1000) < (4 * 2) / Math.sqrt(12_000));
  }
  // the mean of |dx| + |dy| of two uniform places in [−1, 1]² is 4/3
  const away = Array.from({ length: 1000 }, (_, trial) => {
    const [x, y] = place(set.targets, set, trial, 0);
    return Math.abs(x - (set.joints?.[4 * trial] as number)) + Math.abs(y - (set.joints?.[4 * trial + 1] as number));
  });
  assert.ok(Math.abs(away.reduce((sum, value) => sum + value, 0) / 1000 - 4 / 3) < 0.09);
});

test('centre-out: eight targets at 0.10 m around the middle of the limits, in turn, go at 0.2 s, the target stays', () => {
  const task = make('centre-out-reach');
  const set = task.generate(key, 3, 16);
  assert.equal([...set.conditions], [3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2]);
  const body = task.plant?.body as NonNullable<Task['plant']>['body'];
  const middle = [67.5, 77.5].map((angle) => (angle * Math.PI) / 180) as [number, number];
  const start = fingertipOf(body, middle, 1);
  const directions = new Set<string>();
  for (let trial = 0; trial < 16; trial++) {
    assert.ok(near([...(set.joints as Float32Array).subarray(4 * trial, 4 * trial + 4)], [...middle, 0, 0]));
    assert.equal([...set.extra.subarray(2 * trial, 2 * trial + 2)], [0, 20]);
    assert.ok(near(place(set.targets, set, trial, 19), [...start]));
    const goal = place(set.targets, set, trial, 20);
    const [dx, dy] = [goal[0] - (start[0] as number), goal[1] - (start[1] as number)];
    assert.ok(Math.abs(Math.hypot(dx, dy) - 0.1) < 1e-6);
    assert.ok(
      Math.abs(
        Math.atan2(dy, dx) -
          Math.atan2(Math.sin((set.conditions[trial] as number) * (Math.PI / 4)), Math.cos((set.conditions[trial] as number) * (Math.PI / 4))),
      ) < 1e-5 || dx < 0,
    );
    directions.add(goal.join());
    for (const step of [0, 50, 99]) assert.ok(near(place(set.trueInputs, set, trial, step, 3), goal));
  }
  assert.is(directions.size, 8);
  const hidden = make('centre-out-reach', { hideTarget: true }).generate(key, 0, 1);
  assert.equal(place(hidden.trueInputs, hidden, 0, 20, 3), [0, 0]);
});

test('delayed reach: target at 0.1 s, go cue uniform on 0.3 to 0.8 s, fixation weighs more', () => {
  const task = make('delayed-reach');
  const set = task.generate(key, 0, 1000);
  const goes = Array.from({ length: 1000 }, (_, trial) => set.extra[2 * trial + 1] as number);
  assert.is(Math.min(...goes), 30);
  assert.is(Math.max(...goes), 80);
  assert.ok(Math.abs(goes.reduce((sum, go) => sum + go, 0) / 1000 - 55) < (4 * 50) / Math.sqrt(12_000));
  const weights = task.loss.weights(set) as Float32Array;
  for (let trial = 0; trial < 20; trial++) {
    const go = goes[trial] as number;
    assert.is(set.extra[2 * trial], 10);
    assert.equal(place(set.trueInputs, set, trial, 9, 3), [0, 0]);
    const goal = place(set.targets, set, trial, 149);
    assert.ok(near(place(set.trueInputs, set, trial, 10, 3), goal) && near(place(set.trueInputs, set, trial, 149, 3), goal));
    for (let step = 0; step < 150; step++) assert.is(weights[trial * 150 + step], step < go ? 2 : 1);
  }
  assert.is(make('delayed-reach', { fixationWeight: 1 }).loss.weights(set), null);
});

test('cyclic reach: from the go cue on the target runs round the ellipse at the speed of its condition', () => {
  const task = make('cyclic-reach', { speeds: [0.5, 1], semiAxes: [0.08, 0.05] });
  const set = task.generate(key, 0, 4);
  assert.equal([...set.conditions], [0, 1, 0, 1]);
  for (const [trial, speed] of [
    [0, 0.5],
    [1, 1],
  ] as const) {
    const start = place(set.targets, set, trial, 0);
    assert.equal(place(set.targets, set, trial, 20), start, 'it starts where the hand is');
    for (let step = 20; step < 300; step++) {
      const angle = 2 * Math.PI * speed * (step - 20) * 0.01;
      assert.ok(near(place(set.targets, set, trial, step), [start[0] - 0.08 + 0.08 * Math.cos(angle), start[1] + 0.05 * Math.sin(angle)]));
    }
    assert.ok(near(place(set.targets, set, trial, 20 + 100 / speed), start), 'and comes back after a cycle');
  }
  assert.is(set.trueInputs[19 * 3 + 2], 0);
  assert.is(set.trueInputs[20 * 3 + 2], Math.fround(0.15));
});

test('what an arm can reach is what its limits allow', () => {
  const body = make('centre-out-reach').plant?.body as NonNullable<Task['plant']>['body'];
  for (let i = 0; i < 50; i++) {
    const joint = [0.01 + (i / 49) * 2.34, 0.01 + (((i * 7) % 50) / 49) * 2.69] as const;
    const [x, y] = fingertipOf(body, joint, 1) as unknown as [number, number];
    assert.ok(canReach(body, [x, y]), joint.join());
  }
  for (const far of [
    [0.7, 0],
    [0, -0.3],
    [0.02, 0.02],
  ] as const)
    assert.not.ok(canReach(body, far), far.join());
});

const refused: [string, object, RegExp[]][] = [
  ['random-target', { steps: 34 }, [/^steps: expected at least 35, .*, got 34$/]],
  ['random-target', { variant: 'aligned', steps: 70 }, [/^steps: expected at least 71/]],
  ['random-target', { variant: 'move-bump', effector: { effector: 'FreePointMass24' } }, [/^variant: expected an effector that is an arm/]],
  ['random-target', { sensors: { visionDelay: 0.013 } }, [/^sensors\.visionDelay: expected a multiple of the time step, 0\.01 s, got 0\.013/]],
  [
    'random-target',
    {
      steps: 10,
      bumpLow: 20,
      sensors: { proprioceptionDelay: 0.001 },
      jointRange: [
        [0, 3],
        [2, 1],
      ],
    },
    [
      /^sensors\.proprioceptionDelay/,
      /^steps/,
      /^bumpLow: expected at most bumpHigh, 10, got 20/,
      /^jointRange\.0: expected positions inside the limits 0 to 2\.3562 of RigidTendonArm26, got \[0, 3\]/,
      /^jointRange\.1: expected the lower bound first/,
    ],
  ],
  ['random-target-reach', { effector: { effector: 'Reacher', positionUpper: [-1, 1] } }, [/^effector\.positionUpper\.0: expected more than positionLower/]],
  ['centre-out-reach', { goTime: 1, distance: 0.5 }, [/^goTime: expected a time before the end of the trial, 1 s, got 1/, /^distance: expected targets that/]],
  ['delayed-reach', { latestGo: 0.805, targetTime: 0.5 }, [/^latestGo: expected a whole number of time steps/, /^targetTime: expected at most earliestGo/]],
  ['cyclic-reach', { semiAxes: [0.5, 0.5] }, [/^semiAxes: expected an ellipse that RigidTendonArm26 can follow/]],
];
for (const [name, changes, patterns] of refused) {
  test(`${name} is refused with every problem named: ${JSON.stringify(changes)}`, () => {
    let problems: readonly string[] = [];
    try {
      make(name, changes);
    } catch (error) {
      assert.instance(error, ConfigError);
      problems = (error as ConfigError).problems;
    }
    assert.is(problems.length, patterns.length, problems.join('\n'));
    for (const pattern of patterns)
      assert.ok(
        problems.some((problem) => pattern.test(problem)),
        `${pattern} in ${problems.join('\n')}`,
      );
  });
}

test.run();
