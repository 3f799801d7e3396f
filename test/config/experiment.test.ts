// Experiments: defaults, every problem at once with path and value, names, grids, the hash.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Experiment, experimentHash, modelOptionsOf, parseExperiment } from '../../src/config/experiment.js';
import { parseExperiments } from '../../src/config/grid.js';
import { ConfigError } from '../../src/errors.js';
import { createModel } from '../../src/models/model.js';

const minimal = { name: 'a', task: { name: 'flipflop' }, models: [{ cell: 'gru' }, { cell: 'node' }] };
const parse = (changes: object = {}): Experiment => parseExperiment({ ...minimal, ...changes }, 'a.yaml');

/** The problems that a value has. */
function problems(value: unknown): readonly string[] {
  try {
    parseExperiment(value, 'a.yaml');
  } catch (error) {
    assert.instance(error, ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
}
const changed = (changes: object): readonly string[] => problems({ ...minimal, ...changes });

test('a minimal experiment gets every default', () => {
  const { name, seed, replicates, seeds, task, data, training, models } = parse();
  assert.equal(
    { name, seed, replicates, seeds, data },
    { name: 'a', seed: 0, replicates: 1, seeds: [0], data: { trials: 1000, validationFraction: 0.2, fresh: false, seed: 0 } },
  );
  assert.equal(task, { name: 'flipflop', bits: 3, steps: 500, switchProbability: 0.015, noise: 0.15, transitionBlind: 4, stimulated: false });
  assert.is(training.learningRate, 0.001);
  assert.equal(
    models.map(({ name, hiddenSize, initialNoise, readoutInitialisation }) => ({ name, hiddenSize, initialNoise, readoutInitialisation })),
    [
      { name: 'GRU-128', hiddenSize: 128, initialNoise: 0.05, readoutInitialisation: 'linear' },
      { name: 'NODE-3', hiddenSize: 3, initialNoise: 0, readoutInitialisation: 'small' },
    ],
  );
});

test('a parsed experiment reads back as the same text', () => {
  for (const changes of [
    {},
    { seeds: [5, 3], training: { freeze: ['cell.weight_hh'], schedule: { name: 'cosine' } } },
    { models: ['lstm', 'rnn', 'driscoll'].map((cell) => ({ cell })) },
    { models: [{ cell: 'driscoll', compat: 'ctdb', name: 'x', training: { epochs: 2 } }], replicates: 2 },
    { task: { name: 'custom', module: './x.mjs', parameters: { a: [1, { b: 2 }] } } },
  ]) {
    const experiment = parse(changes);
    const text = JSON.stringify(experiment);
    assert.is(JSON.stringify(parseExperiment(JSON.parse(text), 'again')), text);
  }
});

test('the options of every parsed model make a model, with the known parameter counts', () => {
  const { models } = parse({ models: [...minimal.models, { cell: 'lstm' }] });
  assert.equal(
    models.map((model) => createModel(modelOptionsOf(model), 3, 3).parameterCount),
    [51587, 4818, 68739],
  );
});

test('all problems come at once, each with path, expectation and value', () => {
  const found = problems({
    name: 'b c',
    sead: 1,
    seed: -1,
    replicates: Number.NaN,
    task: { name: 'flipflop', nois: 3 },
    data: { trials: 1.5 },
    training: { epohcs: 3, learningRate: '0.1', optimizer: 'adam', schedule: { name: 'cosinus' }, clip: 0, earlyStopping: {} },
    models: [{ cell: 'gru', layerSizes: [2], hidenSize: 3 }, { cell: 'node', layerSizes: [0], training: { epochs: -1, foo: 1 } }, 5, {}],
  });
  assert.equal(found, [
    'name: expected a name matching ^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$, got "b c"',
    'seed: expected a whole number of at least 0, got -1',
    'replicates: expected a whole number above 0 and at most 1000, got NaN',
    'task.nois: expected a known option, got 3; did you mean noise?',
    'data.trials: expected a whole number of at least 2 and at most 10000000, got 1.5',
    'training.learningRate: expected a number above 0, got "0.1"',
    'training.optimizer: expected an object, got "adam"; write { name: adam }',
    'training.clip: expected a number above 0 or null, got 0',
    'training.schedule.name: expected one of constant, cosine, plateau, got "cosinus"; did you mean cosine?',
    'training.earlyStopping.patience: expected a whole number above 0, got nothing',
    'training.epohcs: expected a known option, got 3; did you mean epochs?',
    'models.0.layerSizes: expected an option of cell gru, got [2]; layerSizes belongs to node: remove it or change cell',
    'models.0.hidenSize: expected a known option, got 3; did you mean hiddenSize?',
    'models.1.layerSizes.0: expected a whole number above 0 and at most 65536, got 0',
    'models.1.training.epochs: expected a whole number above 0 and at most 1000000, got -1',
    'models.1.training.foo: expected a known option, got 1; known here: epochs, batchSize, sampler, learningRate, weightDecay, optimizer, clip, schedule, inputNoise, freeze, earlyStopping, checkpointEpochs, microBatchBytes',
    'models.2: expected an object, got 5',
    'models.3.cell: expected one of gru, lstm, rnn, node, driscoll, got nothing',
    'sead: expected a known option, got 1; did you mean seed?',
  ]);
});

test('a body, its senses and the times of a reaching task are checked with everything else', () => {
  const task = (changes: object): readonly string[] => changed({ task: { name: 'random-target', ...changes } });
  assert.equal(task({}), []);
  assert.equal(task({ effector: { effector: 'RigidTendonArm26', muscle: 'MujocoHil' }, sensors: { visionDelay: 0.013, noise: 1 } }), [
    'task.effector.muscle: expected one of Relu, MujocoHill, RigidTendonHill, RigidTendonHillThelen, CompliantTendonHill, got "MujocoHil"; did you mean MujocoHill?',
    'task.sensors.noise: expected a known option, got 1; known here: visionDelay, proprioceptionDelay, visionNoise, proprioceptionNoise, actionNoise, observationNoise, actionFrames, sensoryNoise',
  ]);
  assert.equal(task({ steps: 20, actionWeight: -1, sensors: { visionDelay: 0.013 } }), [
    'task.actionWeight: expected a number of at least 0, got -1',
    'task.sensors.visionDelay: expected a multiple of the time step, 0.01 s, got 0.013; the nearest is 0.01',
    'task.steps: expected at least 35, so that the go cue of every standard trial comes before its end, got 20',
  ]);
  assert.match(
    task({
      effector: {
        effector: 'Custom',
        skeleton: { type: 'TwoDofArm', mass1: 0 },
        muscle: 'Relu',
        muscles: [{ points: [{ body: 'world', at: [0, 0] }], maximumForce: -1 }],
      },
    }).join('\n'),
    /task\.effector\.skeleton\.mass1: expected a number above 0, got 0[\s\S]*task\.effector\.muscles\.0\.maximumForce[\s\S]*task\.effector\.muscles\.0\.points: expected at least two points, got 1/,
  );
  assert.equal(task({ effector: 'RigidTendonArm26' }), ['task.effector: expected an object, got "RigidTendonArm26"; write { effector: RigidTendonArm26 }']);
});

test('a reaching experiment reads back as the same text, body and senses resolved', () => {
  for (const name of ['random-target', 'random-target-reach', 'centre-out-reach', 'delayed-reach', 'cyclic-reach']) {
    const experiment = parse({ task: { name }, data: { fresh: true } });
    const text = JSON.stringify(experiment);
    assert.is(JSON.stringify(parseExperiment(JSON.parse(text), 'again')), text);
    assert.is(experiment.data.fresh, true);
  }
  const { task } = parse({ task: { name: 'random-target', sensors: { visionNoise: 0 } } });
  assert.ok(task.name === 'random-target' && task.sensors.visionDelay === 0.05 && task.sensors.visionNoise === 0 && task.sensors.actionNoise === 0.005);
});

test('the message names the file, and one problem needs no list', () => {
  assert.throws(() => parse({ models: [] }), /^a\.yaml: models: expected a list of at least 1, got an empty list$/);
  assert.throws(() => parseExperiment(null, 'a.yaml'), /^a\.yaml: expected an experiment with name, task and models, got null$/);
  assert.throws(() => parse({ models: [], seed: 0.5 }), /^a\.yaml: 2 problems\n {2}- seed: .*\n {2}- models: /);
});

test('numbers that are none, infinite, negative or of the wrong type are refused wherever they stand', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, '3', true, null, [], {}]) {
    for (const place of [
      (x: unknown) => ({ seed: x }),
      (x: unknown) => ({ task: { name: 'flipflop', bits: x } }),
      (x: unknown) => ({ task: { name: 'flipflop', noise: x } }),
      (x: unknown) => ({ data: { trials: x } }),
      (x: unknown) => ({ training: { learningRate: x } }),
      (x: unknown) => ({ models: [{ cell: 'gru', hiddenSize: x }] }),
      (x: unknown) => ({ models: [{ cell: 'gru', training: { batchSize: x } }] }),
    ])
      assert.is(changed(place(value)).length, 1, `${String(value)} in ${JSON.stringify(place(0))}: ${changed(place(value)).join(' | ')}`);
  }
});

test('keys that reach for prototypes are refused and reach nothing', () => {
  for (const text of [
    '{"__proto__":{"polluted":1}}',
    '{"task":{"name":"flipflop","constructor":{"prototype":{"polluted":1}}}}',
    '{"models":[{"cell":"gru","__proto__":{"polluted":1}}]}',
  ]) {
    assert.match(
      changed({ ...(JSON.parse(text) as object), ...(text.startsWith('{"__') ? {} : {}) }).join() || problems(JSON.parse(text)).join(),
      /expected a known option, got a reserved key/,
    );
  }
  assert.is(({} as Record<string, unknown>).polluted, undefined);
});

test('a freeze name must be a parameter of the model, and something must train', () => {
  assert.equal(
    parse({ training: { freeze: ['cell.weight_hh', 'readout.'] } }).models.map((model) => model.training.freeze),
    [['cell.weight_hh', 'readout.'], ['readout.']],
  );
  assert.match(
    changed({ training: { freeze: ['cell.weight_hhh'] } }).join(),
    /training\.freeze\.0: expected a parameter of the model.*, got "cell\.weight_hhh"; did you mean cell\.weight_hh\?/,
  );
  assert.match(
    changed({ models: [{ cell: 'node', training: { freeze: ['cell.'] } }] }).join(),
    /models\.0\.training\.freeze\.0: .*there are generator\.vf_net\.0\.weight/,
  );
  assert.match(
    changed({ models: [{ cell: 'rnn', training: { freeze: ['cell.', 'readout.'] } }] }).join(),
    /models\.0: expected at least one parameter that trains/,
  );
});

test('model names are told apart, unless both were given', () => {
  const gru = { cell: 'gru' };
  assert.equal(
    parse({ models: [gru, gru, { cell: 'gru', name: 'GRU-128-2' }, { cell: 'gru', hiddenSize: 8 }] }).models.map((model) => model.name),
    ['GRU-128', 'GRU-128-3', 'GRU-128-2', 'GRU-8'],
  );
  assert.match(
    changed({
      models: [
        { cell: 'gru', name: 'x' },
        { cell: 'gru', name: 'X' },
      ],
    }).join(),
    /models\.1\.name: expected a name that differs from models\.0's/,
  );
  for (const name of ['../x', 'a/b', '', '.', 'a.b', 'x'.repeat(65)]) assert.is(changed({ models: [{ cell: 'gru', name }] }).length, 1, name);
});

test('seeds and replicates agree, and seeds differ', () => {
  assert.equal(parse({ seed: 4, replicates: 3 }).seeds, [4, 5, 6]);
  assert.is(parse({ seed: 4, replicates: 3 }).data.seed, 4);
  assert.match(changed({ seeds: [1, 2, 1] }).join(), /seeds\.2: expected seeds that differ, got 1/);
  assert.match(changed({ seeds: [1, 2], replicates: 3 }).join(), /replicates: expected 2, the number of seeds, got 3/);
});

test('data that cannot be split or would not fit into memory are refused before anything runs', () => {
  assert.match(changed({ data: { trials: 2, validationFraction: 0.9 } }).join(), /data\.validationFraction: expected a fraction that leaves trials/);
  assert.match(changed({ data: { trials: 9_000_000 } }).join(), /data\.trials: expected data of at most 8\.00 GiB, got 9000000 trials of 500 steps, 201 GiB/);
  assert.match(
    changed({ training: { schedule: { name: 'cosine', minimum: 1 } } }).join(),
    /training\.schedule\.minimum: expected at most the learning rate 0\.001, got 1/,
  );
});

test('models take the shared training options and their own', () => {
  const { models } = parse({
    training: { epochs: 7, batchSize: 5 },
    models: [{ cell: 'gru' }, { cell: 'node', training: { epochs: 9, optimizer: { name: 'sgd' } } }],
  });
  assert.equal(
    models.map(({ training }) => [training.epochs, training.batchSize, training.optimizer.name]),
    [
      [7, 5, 'adam'],
      [9, 5, 'sgd'],
    ],
  );
});

test('a grid spans one experiment per combination, the last path fastest', () => {
  const value = { ...minimal, grid: { 'task.noise': [0.15, 0.3], 'models.0.hiddenSize': [8, 16] } };
  const experiments = parseExperiments(value, 'a.yaml');
  assert.equal(
    experiments.map(({ name, task, models }) => [name, (task as { noise: number }).noise, models[0]?.name]),
    [
      ['a_noise-0.15_hiddenSize-8', 0.15, 'GRU-8'],
      ['a_noise-0.15_hiddenSize-16', 0.15, 'GRU-16'],
      ['a_noise-0.3_hiddenSize-8', 0.3, 'GRU-8'],
      ['a_noise-0.3_hiddenSize-16', 0.3, 'GRU-16'],
    ],
  );
  assert.equal(
    parseExperiments({ ...minimal, grid: { 'training.optimizer': [{ name: 'sgd' }, { name: 'adam' }] } }, 'a').map(({ name }) => name),
    ['a_1', 'a_2'],
  );
  assert.is(parseExperiments(minimal, 'a').length, 1);
  assert.throws(() => parseExperiments({ ...minimal, grid: { 'task.nois': [1] } }, 'a.yaml'), /a\.yaml: task\.nois: .*did you mean noise/);
  assert.throws(
    () => parseExperiments({ ...minimal, grid: { 'task.noise': [] } }, 'a.yaml'),
    /grid\.task\.noise: expected a list of at least one value, got an empty list/,
  );
  assert.throws(() => parseExperiments({ ...minimal, grid: { a: Array(40).fill(1), b: Array(40).fill(1) } }, 'a.yaml'), /at most 1000 combinations, got 1600/);
  assert.throws(() => parseExperiment(value, 'a.yaml'), /a\.yaml: grid: expected a single experiment/);
});

test('the hash follows what shapes results and nothing else', () => {
  const hash = (changes: object = {}) => experimentHash(parse(changes));
  assert.match(hash(), /^[0-9a-f]{16}$/);
  assert.is(hash({ name: 'b', $schema: 'x' }), hash());
  assert.is(
    hash({
      models: [
        { hiddenSize: 128, cell: 'gru' },
        { cell: 'node', name: 'NODE-3' },
      ],
      training: { epochs: 500 },
    }),
    hash(),
    'stated defaults and order do not count',
  );
  const others = [
    { seed: 1 },
    { replicates: 2 },
    { data: { seed: 1 } },
    { data: { trials: 999 } },
    { task: { name: 'flipflop', transitionBlind: 5 } },
    { training: { epochs: 501 } },
    { training: { microBatchBytes: 1 } },
    { models: [{ cell: 'gru' }] },
    { models: [{ cell: 'gru', initialNoise: 0 }, { cell: 'node' }] },
  ].map(hash);
  assert.is(new Set([hash(), ...others]).size, others.length + 1);
});

test.run();
