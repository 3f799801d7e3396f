// The experiment under edit: a setting changes its place in the text and nothing else; forms offer what the schema says. In Node: it reads experiments/.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { problemsAt, readDraft, trainingPath, valueAt, withValue } from '../../lab/draft.js';
import { cellNames, modelField, muscleNames, optionField, taskFields, taskNames, taskParts } from '../../lab/fields.js';
import { parseExperiment } from '../../src/config/experiment.js';

const quickstart = readFileSync('experiments/quickstart.yaml', 'utf8');

test('a number that is there is replaced where it stands, and every other character stays', () => {
  const changed = withValue(quickstart, ['task', 'noise'], 0.3);
  assert.is(changed, quickstart.replace('noise: 0.15', 'noise: 0.3'));
  assert.is(withValue(changed, ['task', 'noise'], 0.15), quickstart);
});

test('an option that was not there is added, one that is taken out leaves no trace, and comments stay', () => {
  const added = withValue(quickstart, ['data', 'seed'], 7);
  assert.is(valueAt(readDraft(added, 'x').raw, ['data', 'seed']), 7);
  const taken = withValue(added, ['data', 'seed'], undefined);
  assert.equal(readDraft(taken, 'x').raw, readDraft(quickstart, 'x').raw);
  for (const line of quickstart.split('\n').filter((each) => each.startsWith('#'))) assert.ok(taken.includes(line), line);
  const deep = withValue('name: x\ntask:\nmodels: [{ cell: gru }]\n', ['task', 'sensors', 'visionNoise'], 0.1);
  assert.is(valueAt(readDraft(deep, 'x').raw, ['task', 'sensors', 'visionNoise']), 0.1);
});

test('models are added and removed, and a JSON text stays JSON', () => {
  const json = JSON.stringify({ name: 'x', task: { name: 'flipflop' }, models: [{ cell: 'gru' }] });
  const two = withValue(json, ['models', 1], { cell: 'lstm', hiddenSize: 8 });
  assert.equal(JSON.parse(two).models, [{ cell: 'gru' }, { cell: 'lstm', hiddenSize: 8 }]);
  assert.equal(JSON.parse(withValue(two, ['models', 0], undefined)).models, [{ cell: 'lstm', hiddenSize: 8 }]);
});

test('a text that cannot be read, or says wrong things, tells all of them at once', () => {
  const broken = readDraft('name: [', 'file.yaml');
  assert.is(broken.raw, undefined);
  assert.is(broken.problems.length, 1);
  const wrong = readDraft('name: x\ntask: { name: flipflop, bits: 0, noise: -1 }\nmodels: [{ cell: gru, hiddenSize: 0 }]\n', 'file.yaml');
  assert.is(wrong.experiments.length, 0);
  assert.equal(wrong.problems.length, 3);
  assert.is(problemsAt(wrong.problems, ['task', 'bits']).length, 1);
  assert.is(problemsAt(wrong.problems, ['task']).length, 2);
  assert.is(problemsAt(wrong.problems, ['task', 'bit']).length, 0);
});

test('a training option of one model among several is its own; of the only one, the experiment’s', () => {
  const one = { training: { epochs: 5 }, models: [{ cell: 'gru' }] };
  assert.equal(trainingPath(one, 0, 'epochs'), ['training', 'epochs']);
  assert.equal(trainingPath({ models: [{ cell: 'gru', training: { epochs: 2 } }] }, 0, 'epochs'), ['models', 0, 'training', 'epochs']);
  assert.equal(trainingPath({ models: [{ cell: 'gru' }, { cell: 'node' }] }, 1, 'epochs'), ['models', 1, 'training', 'epochs']);
});

test('every default that a form shows is the default of the experiment', () => {
  for (const name of taskNames()) {
    const { task, training } = parseExperiment({ name: 'x', task: { name }, models: [{ cell: 'gru' }] }, 'x');
    const { own, senses } = taskFields(name);
    assert.ok(own.length > 0);
    for (const { path, preset } of [...own, ...senses]) if (preset !== undefined) assert.equal(valueAt({ task }, path), preset, `${name} ${path.join('.')}`);
    for (const option of ['epochs', 'batchSize', 'learningRate'] as const) assert.is(optionField(['training', option]).preset, training[option]);
  }
  for (const cell of cellNames()) {
    const [model] = parseExperiment({ name: 'x', task: { name: 'flipflop' }, models: [{ cell }] }, 'x').models;
    assert.is(modelField(0, cell, 'hiddenSize')?.preset, model?.hiddenSize);
  }
  assert.ok(muscleNames('random-target', 'RigidTendonArm26').includes('MujocoHill'));
  assert.is(taskParts('multitask').length, 15);
  assert.equal(taskParts('flipflop'), []);
  assert.ok(!taskFields('random-target').bodies.includes('Custom'));
});

test('the limits of the flip-flop’s four parameters reach the form', () => {
  const limits = Object.fromEntries(taskFields('flipflop').own.map(({ path, minimum, maximum }) => [path[1], [minimum, maximum]]));
  assert.equal(limits.bits, [1, 64]);
  assert.equal(limits.steps, [6, 100000]);
  assert.equal(limits.switchProbability, [0, 0.5]);
  assert.equal(limits.noise, [0, null]);
});

test('the page brings every experiment of the package, but for grids, which the command line spreads over processes', () => {
  const listed = readFileSync('lab/bundled.ts', 'utf8');
  const single = (name: string) => name.endsWith('.yaml') && !/^grid:/m.test(readFileSync(`experiments/${name}`, 'utf8'));
  for (const file of readdirSync('experiments').filter(single)) assert.ok(listed.includes(`name: '${file}'`), file);
});

test.run();
