// Experiments as text: YAML and JSON, syntax errors with their place, texts that mean harm, and overrides.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyOverrides, parseExperimentsText, parseExperimentText, parseYaml } from '../../src/config/yaml.js';
import { ConfigError } from '../../src/errors.js';

const text = '{ name: a, task: { name: flipflop }, models: [{ cell: gru }, { cell: gru, training: { epochs: 3 } }] }';
const refuses = (message: RegExp) => (error: unknown) => error instanceof ConfigError && message.test(error.message);
const set = (...overrides: string[]) => parseExperimentText(text, 'a.yaml', overrides);

test('YAML and JSON give the same experiment', () => {
  assert.equal(
    parseExperimentText('{"name":"a","task":{"name":"flipflop"},"models":[{"cell":"gru"},{"cell":"gru","training":{"epochs":3}}]}', 'a.json'),
    parseExperimentText(text, 'a.yaml'),
  );
});

test('the core schema reads what people write: exponents, nulls, no surprises', () => {
  assert.equal(parseYaml('a: 1e-3\nb: 1.0e-8\nc: null\nd: ~\ne: yes\nf: 0x10\ng: 2026-11-22\nh: 012', 'x'), {
    a: 0.001,
    b: 1e-8,
    c: null,
    d: null,
    e: 'yes',
    f: 16,
    g: '2026-11-22',
    h: 12,
  });
  assert.equal(parseYaml('a: &x { b: 1 }\nc: *x', 'x'), { a: { b: 1 }, c: { b: 1 } });
});

test('bad syntax is named with line and column', () => {
  assert.throws(() => parseYaml('a: {b: 1\nc: 2', 'a.yaml'), refuses(/^a\.yaml: line 2, column 1: expected valid YAML, got: /));
  assert.throws(() => parseYaml('a: 1\na: 2', 'a.yaml'), refuses(/line 2, column 1: .*unique/));
  assert.throws(() => parseYaml('--- 1\n--- 2', 'a.yaml'), refuses(/multiple documents/));
  assert.throws(() => parseYaml('a: !!js/function x', 'a.yaml'), refuses(/Unresolved tag/));
  assert.throws(() => parseYaml('a: *b', 'a.yaml'), refuses(/a\.yaml: .*b/));
});

test('alias bombs, deep nesting, cycles and endless texts are refused quickly', () => {
  const start = performance.now();
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdef'[i]}`).join(',')}]`).join('\n')}`;
  assert.throws(() => parseYaml(bomb, 'a.yaml'), refuses(/Excessive alias count/));
  assert.throws(() => parseYaml('['.repeat(50_000), 'a.yaml'), refuses(/a\.yaml: /));
  assert.throws(() => parseYaml(' '.repeat(1_000_001), 'a.yaml'), refuses(/expected at most 1000000 characters, got 1000001/));
  assert.throws(() => parseExperimentText('a: &x [*x]', 'a.yaml'), refuses(/a\.yaml: /));
  assert.throws(
    () => parseExperimentText('{ name: a, models: [{ cell: gru, __proto__: { polluted: 1 } }] }', 'a.yaml'),
    refuses(/models\.0\.__proto__: expected a known option, got a reserved key/),
  );
  assert.is(({} as Record<string, unknown>).polluted, undefined);
  assert.ok(performance.now() - start < 5000);
});

test('overrides set values of every kind, by index and by name of the model', () => {
  assert.is(set('training.epochs=12').models[0]?.training.epochs, 12);
  assert.is(set('models.1.hiddenSize=5').models[1]?.hiddenSize, 5);
  assert.is(set('models.GRU-128-2.training.epochs=4').models[1]?.training.epochs, 4);
  assert.is(set('training.clip=null').training.clip, null);
  assert.equal(set('training.schedule.name=cosine', 'training.schedule.warmupEpochs=2').training.schedule, { name: 'cosine', minimum: 0, warmupEpochs: 2 });
  assert.equal(set('models.0={ cell: node, layerSizes: [8, 8] }').models[0]?.name, 'NODE-3');
  assert.is(set('name= b ').name, 'b');
  assert.is(set('task.noise=0.3', 'task.noise=0.4').task.name === 'flipflop' && (set('task.noise=0.3', 'task.noise=0.4').task as { noise: number }).noise, 0.4);
});

test('an override leaves the value that it was given alone', () => {
  const value = { training: { epochs: 1 }, models: [{ cell: 'gru' }] };
  const copy = structuredClone(value);
  applyOverrides(value, ['training.epochs=2', 'models.0.hiddenSize=3']);
  assert.equal(value, copy);
});

test('a wrong path or value is an error that names it', () => {
  for (const [override, message] of [
    ['training.epocs=3', /a\.yaml: training\.epocs: expected a known option, got 3; did you mean epochs\?/],
    ['foo.bar=1', /foo: expected a known option/],
    ['models.7.hiddenSize=1', /--set: models\.7\.hiddenSize: expected 0 to 1 or one of GRU-128, GRU-128-2 below models, got '7'/],
    ['models.GRU-12.hiddenSize=1', /got 'GRU-12'; did you mean GRU-128\?/],
    ['models.0.cell.x=1', /--set: models\.0\.cell\.x: expected options below models\.0\.cell, got "gru"/],
    ['training.epochs', /--set: expected PATH=VALUE, e\.g\. training\.epochs=100, got 'training\.epochs'/],
    ['=3', /--set: expected PATH=VALUE/],
    ['training..epochs=3', /got an empty name/],
    ['__proto__.polluted=1', /--set: __proto__\.polluted: .*got '__proto__'/],
    ['models.0.constructor.x=1', /got 'constructor'/],
    ['training.epochs=[1', /--set training\.epochs: line 1, column \d+: expected valid YAML/],
    ['training.epochs=ten', /training\.epochs: expected a whole number above 0 and at most 1000000, got "ten"/],
    ['training.epochs=', /training\.epochs: expected a whole number .*, got null/],
  ] as const)
    assert.throws(() => set(override), refuses(message), override);
});

test('overrides reach every point of a grid', () => {
  const experiments = parseExperimentsText(text.replace('{ name: a,', '{ name: a, grid: { task.noise: [0, 1] },'), 'a.yaml', ['training.epochs=2']);
  assert.equal(
    experiments.map(({ name, training }) => [name, training.epochs]),
    [
      ['a_noise-0', 2],
      ['a_noise-1', 2],
    ],
  );
});

test.run();
