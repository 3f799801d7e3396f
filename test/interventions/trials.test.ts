// What interventions do to trials before anything is rolled out: schedules, changed arrays, tables, and what is refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { experimentHash, parseExperiment } from '../../src/config/experiment.js';
import { ConfigError } from '../../src/errors.js';
import { intervene, intervenedTask, interveneTrials, interventionWindows } from '../../src/interventions/apply.js';
import { describeIntervention } from '../../src/interventions/describe.js';
import type { Intervention } from '../../src/interventions/options.js';
import { generateData, generateTrials } from '../../src/tasks/data.js';
import { createTask } from '../../src/tasks/index.js';
import type { TaskOptions } from '../../src/tasks/options.js';
import type { TrialInterventions, TrialSet } from '../../src/tasks/task.js';

const experimentOf = (task: object, interventions: readonly object[], changes: object = {}) =>
  parseExperiment({ name: 'x', task, data: { trials: 20 }, models: [{ cell: 'gru', hiddenSize: 6 }], interventions, ...changes }, 'file');
const flipflop = { name: 'flipflop', bits: 2, steps: 30 };
const centreOut = { name: 'centre-out-reach', steps: 60, goTime: 0.2, effector: { effector: 'FreePointMass24' } };

/** A task, some of its trials, and interventions checked and filled in. */
function given(options: object, interventions: readonly object[], trials = 12) {
  const experiment = experimentOf(options, interventions);
  const task = createTask(experiment.task as TaskOptions);
  return { task, set: generateTrials(task, 1, 0, trials), options: experiment.interventions as readonly Intervention[] };
}
const applied = (options: object, interventions: readonly object[], trials = 12): { before: TrialSet; after: TrialSet } => {
  const { task, set, options: all } = given(options, interventions, trials);
  return { before: set, after: interveneTrials(all, { task, set, hiddenSize: 6 }) };
};
const rowOf = (values: Float32Array, trial: number, trials: number) => values.slice((trial * values.length) / trials, ((trial + 1) * values.length) / trials);
const problemsOf = (call: () => unknown): readonly string[] => {
  try {
    call();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test('schedules choose trials and steps: every n-th, fractions by seed, lists, conditions, inverted; steps, seconds, events', () => {
  const windows = (option: object, task: object = centreOut) => {
    const { task: made, set, options } = given(task, [option], 40);
    return { windows: interventionWindows(options, { task: made, set })[0] as ({ from: number; until: number } | null)[], set };
  };
  const chosen = (trials: object) => windows({ kind: 'fixed-field', force: [1, 0], trials }).windows.flatMap((window, trial) => (window ? [trial] : []));
  assert.equal(chosen({ every: 4, offset: 1 }), [1, 5, 9, 13, 17, 21, 25, 29, 33, 37]);
  assert.equal(chosen({ list: [3, 0] }), [0, 3]);
  assert.equal(chosen({ list: [3, 0], invert: true }).length, 38);
  assert.equal(chosen({ conditions: [2] }), [2, 10, 18, 26, 34]);
  const half = chosen({ fraction: 0.5 });
  assert.ok(half.length > 10 && half.length < 30);
  assert.equal(chosen({ fraction: 0.5, seed: 0 }), half);
  assert.not.equal(chosen({ fraction: 0.5, seed: 1 }), half);
  assert.equal(
    [...half, ...chosen({ fraction: 0.5, invert: true })].sort((a, b) => a - b),
    Array.from({ length: 40 }, (_, k) => k),
  );

  const at = (schedule: object) => windows({ kind: 'fixed-field', force: [1, 0], ...schedule }).windows[0];
  assert.equal(at({}), { from: 0, until: 60 });
  assert.equal(at({ from: 'go' }), { from: 20, until: 60 });
  assert.equal(at({ from: 'go - 0.05 s', duration: '0.1 s' }), { from: 15, until: 25 });
  assert.equal(at({ from: '0.3 s', until: 'go + 15' }), { from: 30, until: 35 });
  assert.equal(at({ from: 'go + 38', duration: 10 }), { from: 58, until: 60 });
  assert.is(at({ from: 'go + 50' }), null);
  assert.equal(windows({ kind: 'target-jump', by: [0, 0.05] }).windows[0], { from: 20, until: 60 });
  // a catch trial has no go cue, so that nothing happens relative to it
  const { windows: reach, set } = windows({ kind: 'fixed-field', force: [1, 0], from: 'go', duration: 5 }, { name: 'random-target', steps: 80 });
  reach.forEach((window, trial) => {
    const go = set.extra[2 * trial + 1] as number;
    assert.equal(window, go < 0 ? null : { from: go, until: Math.min(80, go + 5) });
  });
  assert.ok(reach.some((window) => window === null) && reach.some((window) => window !== null));
});

test('trials that nothing concerns keep every bit, and arrays that nothing changes stay what they are', () => {
  const everything = [
    { kind: 'load', endpoint: [1, 2], joint: [0.1, 0] },
    { kind: 'target-jump', by: [0.02, 0] },
    { kind: 'input-pulse', channel: 'Go cue', height: 0.5, from: 10, duration: 5 },
    { kind: 'noise', target: 'input', deviation: 0.1 },
    { kind: 'curl-field', strength: 10 },
    { kind: 'unit-lesion', units: { list: [2] } },
    { kind: 'strength', muscles: { u: 0.5 } },
  ].map((option) => ({ ...option, trials: { every: 3 } }));
  const { before, after } = applied({ ...centreOut, contextNoise: 0.04 }, everything);
  for (const name of ['inputs', 'trueInputs', 'targets', 'endpointLoads', 'jointLoads'] as const) {
    for (let trial = 0; trial < 12; trial++) {
      const original = before[name] ? rowOf(before[name], trial, 12) : new Float32Array(120);
      (trial % 3 === 0 ? assert.not.equal : assert.equal)(rowOf(after[name] as Float32Array, trial, 12), original, `${name}, trial ${trial}`);
    }
  }
  const { units, fields, strengths } = after.interventions ?? {};
  for (const [tables, width] of [
    [units, 61],
    [fields, 60],
    [strengths, 60],
  ] as const) {
    for (let trial = 0; trial < 12; trial++) {
      const rows = tables?.rows.slice(trial * width, (trial + 1) * width) as Int32Array;
      assert.is(
        rows.every((row) => (trial % 3 === 0 ? row === 1 : row === 0)),
        true,
      );
    }
  }
  assert.equal(Array.from(strengths?.values ?? []), [0, 0, 0, 0, 1, 0.5, 1, 1]);
  const untouched = applied(centreOut, [{ kind: 'load', endpoint: [1, 0], trials: { list: [15] } }]);
  assert.is(untouched.after, untouched.before);
});

test('a target jump is a data set with the moved target; what is seen keeps its noise', () => {
  for (const hideTarget of [false, true]) {
    const { before, after } = applied({ ...centreOut, contextNoise: 0, hideTarget }, [{ kind: 'target-jump', by: [0.03, -0.02], from: 0 }]);
    const expected = { inputs: before.inputs.slice(), targets: before.targets.slice() };
    for (let at = 0; at < 12 * 60; at++) {
      const shown = expected.inputs[3 * at] !== 0 || expected.inputs[3 * at + 1] !== 0;
      if (shown) expected.inputs.set([(expected.inputs[3 * at] as number) + 0.03, (expected.inputs[3 * at + 1] as number) - 0.02], 3 * at);
      if (at % 60 >= 20) expected.targets.set([(expected.targets[2 * at] as number) + 0.03, (expected.targets[2 * at + 1] as number) - 0.02], 2 * at);
    }
    assert.equal(after.inputs, expected.inputs);
    assert.equal(after.trueInputs, expected.inputs);
    assert.equal(after.targets, expected.targets);
  }
  const noisy = applied({ ...centreOut, contextNoise: 0.04, hideTarget: true }, [{ kind: 'target-jump', to: [0.1, 0.2], from: 'go + 10', show: true }]);
  for (let at = 0; at < 12 * 60; at++) {
    const [inputs, trueInputs] = [noisy.after.inputs, noisy.after.trueInputs];
    const late = at % 60 >= 30;
    if (late) assert.equal(Array.from(trueInputs.slice(3 * at, 3 * at + 2)), Array.from(Float32Array.of(0.1, 0.2)));
    const change =
      (inputs[3 * at] as number) - (trueInputs[3 * at] as number) - ((noisy.before.inputs[3 * at] as number) - (noisy.before.trueInputs[3 * at] as number));
    assert.ok(Math.abs(change) < 1e-7);
  }
});

test('pulses, loads and noise change what they say, and draws belong to trial and seed', () => {
  const pulse = applied(flipflop, [{ kind: 'input-pulse', channel: 'Input 1', height: 0.5, from: 4, duration: 3, trials: { list: [2] } }]);
  const differences = Array.from(pulse.after.trueInputs, (value, i) => value - (pulse.before.trueInputs[i] as number));
  assert.equal(
    differences.flatMap((value, i) => (value === 0 ? [] : [[i, value]])),
    [4, 5, 6].map((step) => [(2 * 30 + step) * 2 + 1, 0.5]),
  );
  assert.is(pulse.after.targets, pulse.before.targets);
  const load = applied(centreOut, [{ kind: 'load', endpoint: [3, -1], from: 10, until: 12, trials: { list: [0] } }]).after.endpointLoads as Float32Array;
  assert.equal(Array.from(load.slice(18, 26)), [0, 0, 3, -1, 3, -1, 0, 0]);
  const noise = { kind: 'noise', target: 'input', deviation: 0.2 };
  const few = applied(flipflop, [noise], 3);
  const many = applied(flipflop, [noise], 12);
  assert.equal(few.after.inputs, many.after.inputs.slice(0, few.after.inputs.length));
  assert.is(few.after.trueInputs, few.before.trueInputs);
  const added = Array.from(many.after.inputs, (value, i) => value - (many.before.inputs[i] as number));
  const deviation = Math.sqrt(added.reduce((sum, value) => sum + value * value, 0) / added.length);
  assert.ok(Math.abs(deviation - 0.2) < 0.02);
  assert.not.equal(applied(flipflop, [{ ...noise, seed: 1 }]).after.inputs, many.after.inputs);
});

test('rows of units: ramps rise, holds come last, and noise on the state has mean 0 and its deviation', () => {
  const { after } = applied(flipflop, [
    { kind: 'unit-clamp', units: { list: [0] }, value: 0.7, from: 10 },
    { kind: 'stimulation', units: { range: [0, 1] }, amplitude: 2, pattern: [1, 0.5], ramp: 4, from: 8, until: 14 },
  ]);
  const { rows, gains, shifts } = (after.interventions as TrialInterventions).units as NonNullable<TrialInterventions['units']>;
  const row = (entry: number) => Array.from(shifts.subarray(6 * (rows[entry] as number), 6 * (rows[entry] as number) + 2), (value) => Number(value.toFixed(4)));
  assert.is(rows[8], 0);
  assert.equal([9, 10, 11, 12, 13, 14, 15].map(row), [
    [0.5, 0.25],
    [1, 0.5],
    [0.7, 0.75],
    [0.7, 1],
    [0.7, 1],
    [0.7, 1],
    [0.7, 0],
  ]);
  assert.is(gains[6 * (rows[12] as number)], 0);
  assert.is(gains[6 * (rows[12] as number) + 1], 1);
  const noisy = applied(flipflop, [{ kind: 'noise', target: 'state', deviation: 0.3, from: 5 }], 40).after.interventions?.units;
  const draws = Array.from(noisy?.rows ?? []).flatMap((number) => (number === 0 ? [] : Array.from(noisy?.shifts.subarray(6 * number, 6 * number + 6) ?? [])));
  assert.is(draws.length, 40 * 25 * 6);
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  const spread = Math.sqrt(draws.reduce((sum, value) => sum + value * value, 0) / draws.length);
  assert.ok(Math.abs(mean) < 0.02 && Math.abs(spread - 0.3) < 0.01, `${mean} ${spread}`);
});

test('a curl field does no work, over any closed path and at every moment; a channel pulls across its line alone', () => {
  const fields = (option: object) => applied(centreOut, [option]).after.interventions?.fields?.values.slice(12) as Float32Array;
  const force = (row: Float32Array, [x, y]: number[], [vx, vy]: number[]) => {
    const [fx, fy, cx, cy, axx, axy, ayx, ayy, bxx, bxy, byx, byy] = Array.from(row) as number[];
    const [dx, dy] = [(x as number) - (cx as number), (y as number) - (cy as number)];
    return [
      (fx as number) + (axx as number) * dx + (axy as number) * dy + (bxx as number) * (vx as number) + (bxy as number) * (vy as number),
      (fy as number) + (ayx as number) * dx + (ayy as number) * dy + (byx as number) * (vx as number) + (byy as number) * (vy as number),
    ] as const;
  };
  const curl = fields({ kind: 'curl-field', strength: 13 });
  let [work, size] = [0, 0];
  for (let i = 0; i < 1000; i++) {
    const t = (2 * Math.PI * i) / 1000;
    const velocity = [-2 * Math.sin(t), 3 * Math.cos(t)];
    const [fx, fy] = force(curl, [2 * Math.cos(t), 3 * Math.sin(t)], velocity);
    work += fx * (velocity[0] as number) + fy * (velocity[1] as number);
    size = Math.max(size, Math.hypot(fx, fy) / Math.hypot(...velocity));
  }
  assert.ok(Math.abs(work) < 1e-9);
  assert.ok(Math.abs(size - 13) < 1e-6);
  assert.equal(force(curl, [0, 0], [0, 1]), [13, 0]); // clockwise: a way up is pushed to the right
  assert.equal(force(fields({ kind: 'curl-field', strength: 13, direction: 'counter-clockwise' }), [0, 0], [0, 1]), [-13, 0]);
  const both = applied(centreOut, [
    { kind: 'channel', stiffness: 1000, damping: 10 },
    { kind: 'fixed-field', force: [0, 5] },
  ]);
  const { before, after } = both;
  const row = Array.from(after.interventions?.fields?.values.slice(12, 24) ?? []);
  const along = [(before.targets[118] as number) - (before.targets[0] as number), (before.targets[119] as number) - (before.targets[1] as number)];
  const [fx, fy] = force(
    Float32Array.from(row),
    [(before.targets[0] as number) + 3 * (along[0] as number), (before.targets[1] as number) + 3 * (along[1] as number)],
    along,
  );
  assert.ok(Math.abs(fx) < 1e-4 && Math.abs(fy - 5) < 1e-4, `${fx} ${fy}`);
});

test('delays and noise of the senses change the task, for whole runs', () => {
  const { task, options } = given(centreOut, [
    { kind: 'delay', vision: 0.15 },
    { kind: 'noise', target: 'vision', deviation: 0.012 },
  ]);
  const changed = intervenedTask(options, task);
  assert.is(changed.plant?.sensors.visionDelay, 15);
  assert.is(changed.plant?.sensors.proprioceptionDelay, task.plant?.sensors.proprioceptionDelay);
  assert.ok(Math.abs((changed.plant?.sensors.visionNoise as number) - 0.013) < 1e-9);
  assert.is(task.plant?.sensors.visionDelay, 5);
  assert.is(changed.generate, task.generate);
});

test('phases tell training from validation, and fresh trials are changed in every epoch', () => {
  const experiment = experimentOf(flipflop, [{ kind: 'unit-lesion', units: { fraction: 0.5 }, phase: 'validation', trials: { fraction: 0.5 } }], {
    data: { trials: 20, fresh: true },
  });
  const task = createTask(experiment.task);
  const base = generateData(task, { ...experiment.data, seed: 0 });
  const { data } = intervene(experiment.interventions as readonly Intervention[], task, base, 6);
  const rows = data.set.interventions?.units?.rows as Int32Array;
  const touched = Array.from({ length: 20 }, (_, trial) => rows.subarray(31 * trial, 31 * trial + 31).some((row) => row > 0));
  for (const trial of data.trainingIndices) assert.is(touched[trial], false);
  assert.ok(touched.some(Boolean));
  const { gains } = (data.set.interventions as TrialInterventions).units as NonNullable<TrialInterventions['units']>;
  assert.is(gains.subarray(6).filter((gain) => gain === 0).length, 3);
  const next = data.epochSet?.(1) as TrialSet;
  assert.ok(next.interventions?.units);
  assert.equal(next.inputs, base.epochSet?.(1).inputs);
  assert.is(intervene([], task, base, 6).data, base);
});

test('everything that is wrong is named at once, with its path', () => {
  const problems = problemsOf(() =>
    experimentOf(centreOut, [
      { kind: 'curl-field' },
      { kind: 'unit-lesion', units: { list: [6] }, from: 'stop' },
      { kind: 'strength', muscles: { biceps: 1 } },
      { kind: 'delay', vision: 0.013, from: 3 },
      { kind: 'target-jump' },
      { kind: 'load', from: '0.033 s' },
      { kind: 'target-jump', by: [0.1, 0], from: 30, until: 20 },
    ]),
  );
  for (const expected of [
    'interventions.0.strength: expected a number, got nothing',
    'interventions.1.units.list.0: expected a unit below 6, as GRU-6 has, got 6',
    'interventions.1.from: expected an event of the task among target, go, response, got "stop"',
    'interventions.2.muscles: expected muscles among r, u, l, d, all, got "biceps"',
    'interventions.3.vision: expected a multiple of the time step, 0.01 s, got 0.013',
    'interventions.3.from: expected nothing, got 3; delays can only change for all trials and steps',
    'interventions.4: expected either by or to, got nothing',
    'interventions.5.from: expected a multiple of the time step, 0.01 s, got "0.033 s"',
    'interventions.6.until: expected a time behind from, 30 steps, got 20',
    'interventions.5: expected endpoint (N) or joint (N·m), got nothing',
  ])
    assert.ok(problems.includes(expected), `${expected}\n${problems.join('\n')}`);
});

test('tasks without a body refuse by name what needs one', () => {
  const kinds = [
    { kind: 'curl-field', strength: 1 },
    { kind: 'channel' },
    { kind: 'load', endpoint: [1, 0] },
    { kind: 'target-jump', by: [1, 0] },
    { kind: 'delay', vision: 0.1 },
    { kind: 'strength', muscles: { all: 0.5 } },
  ];
  const problems = problemsOf(() =>
    experimentOf(flipflop, [...kinds, { kind: 'noise', target: 'vision', deviation: 1 }, { kind: 'unit-lesion', units: { range: [0, 2] }, from: 'go' }]),
  );
  kinds.forEach(({ kind }, k) => {
    assert.ok(
      problems.some((text) => text.startsWith(`interventions.${k}.kind: expected a task with a body, got "${kind}"; task flipflop has none`)),
      kind,
    );
  });
  assert.ok(problems.some((text) => text.startsWith('interventions.6.target: expected input or state, got "vision"')));
  assert.ok(problems.some((text) => text.startsWith('interventions.7.from: expected a step or a time: this task has no events, got "go"')));
});

test('an experiment keeps its interventions, and one without them keeps its hash', () => {
  const plain = experimentOf(flipflop, []);
  assert.is('interventions' in plain, false);
  const changed = experimentOf(flipflop, [{ kind: 'unit-clamp', units: { list: [1] }, value: 0.2, from: 5 }]);
  assert.equal(parseExperiment(JSON.parse(JSON.stringify(changed)), 'again'), changed);
  assert.not.equal(experimentHash(changed), experimentHash(plain));
  assert.is(
    experimentHash(plain),
    experimentHash(parseExperiment({ name: 'y', task: flipflop, data: { trials: 20 }, models: [{ cell: 'gru', hiddenSize: 6 }] }, 'file')),
  );
  assert.is(describeIntervention(changed.interventions?.[0] as Intervention), 'unit 1 clamped at 0.2, from step 5');
});

test('descriptions say what is done, when and where, one way for one meaning', () => {
  const said = (option: object, task: object = flipflop) => describeIntervention(experimentOf(task, [option]).interventions?.[0] as Intervention);
  const lesion = { kind: 'unit-lesion', units: { list: [4, 1, 4] } };
  assert.is(
    said({ ...lesion, from: '10', duration: 1, trials: { every: 3, offset: 7 } }),
    'units 1 and 4 lesioned, from step 10 for 1 step, in every 3rd trial from trial 1 on',
  );
  assert.is(
    said({ kind: 'stimulation', units: { range: [2, 2] }, ramp: '4 steps', trials: { invert: true } }),
    'unit 2 stimulated by 1, rising over 4 steps, in no trial',
  );
  const field = {
    kind: 'linear-field',
    velocity: [
      [0, 13],
      [-13, 0],
    ],
    force: [1, 0],
  };
  assert.is(said({ ...field, from: 'go + 10' }, centreOut), 'linear force field, (1, 0) N, velocity [0 13; -13 0] N·s/m, from go + 10');
});

test('everything that is wrong with an entry, and beside a mistake in the task, is told at once', () => {
  const entries = [
    { kind: 'unit-lesion', units: { list: [-1] }, from: 'gogo' },
    { kind: 'unit-clamp', units: { list: [6], seed: 1 }, value: 1e39, until: 99.5 },
    { kind: 'strength', muscles: { all: -1 } },
    { kind: 'unit-lesion', units: { list: [6] }, duration: 0 },
  ];
  assert.equal(
    problemsOf(() => experimentOf({ ...flipflop, noise: -1 }, entries)),
    [
      'task.noise: expected a number of at least 0, got -1',
      'interventions.0.units.list.0: expected a whole number of at least 0, got -1',
      'interventions.1.until: expected a whole number of at least 0 or a text, got 99.5',
      'interventions.2.muscles.all: expected a number of at least 0, got -1',
      'interventions.0.from: expected a step or a time: this task has no events, got "gogo"',
      'interventions.1.units.seed: expected fraction as well, got 1',
      'interventions.1.value: expected a number between −3.4e38 and 3.4e38, got 1e+39',
      'interventions.2.kind: expected a task with a body, got "strength"; task flipflop has none; its inputs and the units of the network can be changed',
      'interventions.3.duration: expected at least one step, got 0',
      'interventions.3.units.list.0: expected a unit below 6, as GRU-6 has, got 6',
    ],
  );
});

test.run();
