// Grids: what they span, and everything that is wrong with one at once; tests in other conditions.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseExperiment, testTask } from '../../src/config/experiment.js';
import { isSeedAxis, parseGrid } from '../../src/config/grid.js';
import { ConfigError } from '../../src/errors.js';

const base = { name: 'a', task: { name: 'flipflop', steps: 50 }, models: [{ cell: 'gru' }] };

function problemsOf(value: unknown): readonly string[] {
  try {
    parseGrid(value, 'a.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('points have folders named after their values; seeds are replicates', () => {
  const grid = parseGrid({ ...base, grid: { 'models.0.hiddenSize': [8, 16], seeds: [3, 4] } }, 'a.yaml');
  assert.equal(
    grid?.points.map(({ folder, values, experiment }) => [folder, values, experiment.seeds, experiment.data.seed, experiment.models[0]?.name]),
    [
      ['hiddenSize-8_seeds-3', [8, 3], [3], 0, 'GRU-8'],
      ['hiddenSize-8_seeds-4', [8, 4], [4], 0, 'GRU-8'],
      ['hiddenSize-16_seeds-3', [16, 3], [3], 0, 'GRU-16'],
      ['hiddenSize-16_seeds-4', [16, 4], [4], 0, 'GRU-16'],
    ],
  );
  assert.equal(grid?.axes.map(isSeedAxis), [false, true]);
  assert.is.not(grid?.hash, parseGrid({ ...base, grid: { 'models.0.hiddenSize': [8, 32], seeds: [3, 4] } }, 'a.yaml')?.hash);
  assert.is(parseGrid(base, 'a.yaml'), null);
  assert.equal(
    parseGrid({ ...base, grid: { 'training.optimizer': [{ name: 'sgd' }, { name: 'adam' }] } }, 'a.yaml')?.points.map(({ folder }) => folder),
    ['1', '2'],
  );
});

test('a bad grid names every problem', () => {
  const problems = problemsOf({
    ...base,
    grid: {
      'task.nois': [0.1, 0.2],
      'task.noise': [-1, 0.1, 'x'],
      'models.0.hiddenSize': [],
      'models.3.cell': ['gru'],
      seeds: [0, 0],
      'training.epochs': Array.from({ length: 1001 }, (_, i) => i + 1),
    },
  });
  assert.equal(problems, [
    'grid.models.0.hiddenSize: expected a list of at least one value, got an empty list',
    'grid.seeds.1: expected values that differ, got 0',
    'grid: expected at most 1000 combinations, got 12012 (2 × 3 × 1 × 2 × 1001); leave out values, or write several grids',
    "models.3.cell: expected 0 to 0 or one of GRU-128 below models, got '3'",
    'task.noise: expected a number of at least 0, got -1',
    'task.nois: expected a known option, got 0.1; did you mean noise?',
    'task.noise: expected a number of at least 0, got "x"',
  ]);
  assert.match(problemsOf({ ...base, grid: [] })[0] as string, /^grid: expected lists of values by path/);
});

test('axes may depend on one another; a combination that cannot be is named', () => {
  const cells = { 'models.0.cell': ['driscoll'], 'models.0.gamma': [0.1, 0.2] };
  assert.is(parseGrid({ ...base, grid: cells }, 'a.yaml')?.points.length, 2);
  assert.equal(problemsOf({ ...base, training: { schedule: { name: 'cosine', minimum: 0.01 } }, grid: { 'training.learningRate': [0.1, 0.001] } }), [
    'training.schedule.minimum: expected at most the learning rate 0.001, got 0.01 (learningRate-0.001)',
  ]);
});

test('tests change options of the task and are checked with the experiment', () => {
  const tests = [{ task: { noise: 0 } }, { name: 'loud', task: { noise: 0.45 }, trials: 20, seed: 9 }, {}];
  const experiment = parseExperiment({ ...base, seed: 4, tests }, 'a.yaml');
  assert.equal(experiment.tests, [
    { name: 'noise-0', task: { noise: 0 }, trials: 200, seed: 5 },
    { name: 'loud', task: { noise: 0.45 }, trials: 20, seed: 9 },
    { name: 'as-trained', task: {}, trials: 200, seed: 5 },
  ]);
  assert.is((testTask(experiment, { task: { noise: 0.45 } }) as { noise: number }).noise, 0.45);
  assert.equal(parseExperiment(JSON.parse(JSON.stringify(experiment)), 'a.yaml'), experiment);
  const bad = [{ task: { bits: 2 } }, { task: { nois: 0 } }, { task: { name: 'custom' } }, { task: { noise: 0 } }, { task: { noise: 0 } }];
  assert.throws(
    () => parseExperiment({ ...base, tests: bad }, 'a.yaml'),
    /tests\.0\.task: expected a task with the 3 inputs and 3 outputs[\s\S]*tests\.1\.task\.nois: expected a known option[\s\S]*tests\.2\.task\.name: expected options of the same task[\s\S]*tests\.4\.name: expected a name that differs/,
  );
});

test('tests do what the experiment does, or what they say instead; what cannot be done in a test is named with it', () => {
  const lesion = { kind: 'unit-lesion', units: { list: [1] }, from: 40, trials: { list: [900] } };
  const tests = [{}, { interventions: [] }, { task: { noise: 0 }, interventions: [{ ...lesion, trials: { every: 2 } }] }];
  const experiment = parseExperiment({ ...base, data: { trials: 1000 }, interventions: [lesion], tests }, 'a.yaml');
  assert.equal(
    experiment.tests?.map(({ name, interventions }) => [name, interventions?.length]),
    [
      ['as-trained', undefined],
      ['without-interventions', 0],
      ['noise-0_unit-lesion', 1],
    ],
  );
  assert.equal(parseExperiment(JSON.parse(JSON.stringify(experiment)), 'a.yaml'), experiment);
  const bad = [
    { task: { steps: 30 } },
    { interventions: [{ kind: 'unit-lesion', units: { list: [200] } }] },
    { interventions: [{ kind: 'input-pulse', chanel: 1 }] },
  ];
  assert.throws(
    () => parseExperiment({ ...base, data: { trials: 1000 }, interventions: [lesion], tests: bad }, 'a.yaml'),
    /tests\.0\.interventions\.0\.from: expected a time before the end of the trial, 30 steps, got 40[\s\S]*tests\.1\.interventions\.0\.units\.list\.0: expected a unit below 128[\s\S]*tests\.2\.interventions\.0\.height: expected a number, got nothing[\s\S]*tests\.2\.interventions\.0\.chanel: expected a known option, got 1; did you mean channel\?/,
  );
});

test.run();
