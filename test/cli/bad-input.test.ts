// Tests that the command line refuses bad input: exit code 2, a message in the house format, nothing written, nothing lost.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CliResult, motorloop, tinyExperiment, workFolder } from './cli.js';

/** The message names the place, what was expected and what was found; no stack. */
function assertRefused({ code, errors }: CliResult, ...mentioned: (string | RegExp)[]): void {
  assert.is(code, 2, errors);
  assert.match(errors, /expected .+ got/s);
  for (const text of mentioned) assert.ok(typeof text === 'string' ? errors.includes(text) : text.test(errors), `"${text}" in: ${errors}`);
  assert.not.match(errors, /\n\s+at .+:\d+:\d+/);
}

/** Runs an experiment file that must be refused before anything is written. */
async function refused(file: string | object, args: readonly string[], ...mentioned: (string | RegExp)[]): Promise<void> {
  const folder = workFolder({ 'experiment.yaml': file });
  try {
    const result = await motorloop(['run', 'experiment.yaml', '--out', 'out', ...args], folder.path);
    assertRefused(result, ...mentioned);
    assert.equal(folder.list(), ['experiment.yaml'], 'nothing written');
  } finally {
    folder.remove();
  }
}

test('an unknown key is refused by its path, with a suggestion', async () => {
  await refused(tinyExperiment({ training: { epochz: 2 } }), [], 'training', 'epochz', 'epochs');
});

test('a key of another cell is refused', async () => {
  await refused(tinyExperiment({ models: [{ cell: 'gru', layerSizes: [4] }] }), [], 'models.0', 'layerSizes');
});

test('a wrong type is refused with path and value', async () => {
  await refused(tinyExperiment({ task: { name: 'flipflop', steps: 'many' } }), [], 'task.steps', 'many');
});

test('a negative size is refused', async () => {
  await refused(tinyExperiment({ models: [{ cell: 'gru', hiddenSize: -5 }] }), [], 'models.0.hiddenSize', '-5');
});

test('NaN and infinity are refused', async () => {
  await refused(tinyExperiment(), ['--set', 'training.learningRate=.nan'], 'training.learningRate', /nan/i);
  await refused(tinyExperiment(), ['--set', 'task.noise=.inf'], 'task.noise', /inf/i);
});

test('all problems of an experiment are listed at once', async () => {
  await refused(tinyExperiment({ seed: -1, data: { trials: 1 }, training: { clip: 0 } }), [], 'seed', 'data.trials', 'training.clip');
});

test('bad YAML is refused with its line', async () => {
  await refused('name: tiny\ntask: [1, 2\n', [], 'line ');
});

test('a file that does not exist is refused', async () => {
  const folder = workFolder();
  try {
    assertRefused(await motorloop(['run', 'nowhere.yaml'], folder.path), 'nowhere.yaml');
    assert.equal(folder.list(), []);
  } finally {
    folder.remove();
  }
});

test('a frozen parameter that the model does not have is refused', async () => {
  await refused(tinyExperiment({ training: { freeze: ['cell.weight_xx'] } }), [], 'training.freeze', 'cell.weight_xx');
});

test('a task whose trials do not have the sizes that it states is refused', async () => {
  const module = `export default () => ({
    name: 'odd', parameters: {}, steps: 10, stepDuration: null, inputSize: 2, outputSize: 1, inputLabels: ['a', 'b'], outputLabels: ['y'],
    loss: { kind: 'squared error', scale: 0.1, weights: () => null },
    generate: (key, first, count) => ({ trials: count, steps: 10, inputs: new Float32Array(count * 10), trueInputs: new Float32Array(count * 10),
      targets: new Float32Array(count * 10), conditions: new Int32Array(count), extra: new Float32Array(0) }),
  });`;
  const folder = workFolder({ 'odd.mjs': module, 'experiment.yaml': tinyExperiment({ task: { name: 'custom', module: './odd.mjs' } }) });
  try {
    assertRefused(await motorloop(['run', 'experiment.yaml', '--out', 'out'], folder.path), 'inputs');
    assert.equal(folder.list(), ['experiment.yaml', 'odd.mjs']);
  } finally {
    folder.remove();
  }
});

test('an experiment that would not fit into memory is refused with the estimate', async () => {
  await refused(tinyExperiment({ data: { trials: 9_000_000 }, task: { name: 'flipflop', steps: 100_000 } }), [], 'data', /\d+(\.\d+)? [GT]i?B/);
  await refused(tinyExperiment({ models: [{ cell: 'gru', hiddenSize: 65536 }] }), [], /\d+(\.\d+)? [GT]i?B/);
});

test('an occupied output directory is refused and left as it was', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment(), 'out/notes.txt': 'mine' });
  try {
    assertRefused(await motorloop(['run', 'experiment.yaml', '--out', 'out'], folder.path), 'out', 'notes.txt', '--resume');
    assert.equal(folder.list(), ['experiment.yaml', 'out', 'out/notes.txt']);
    assertRefused(await motorloop(['run', 'experiment.yaml', '--out', 'out', '--resume'], folder.path), 'experiment.json');
    assert.equal(folder.list(), ['experiment.yaml', 'out', 'out/notes.txt']);
  } finally {
    folder.remove();
  }
});

test('an output directory that cannot be made is refused', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment(), file: 'not a folder' });
  try {
    assertRefused(await motorloop(['run', 'experiment.yaml', '--out', 'file/out'], folder.path), 'file');
    assertRefused(await motorloop(['run', 'experiment.yaml', '--out', 'file'], folder.path), 'file');
    assert.equal(folder.list(), ['experiment.yaml', 'file']);
  } finally {
    folder.remove();
  }
});

test('a result file that cannot be written is refused before training', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment(), file: 'not a folder' });
  try {
    assertRefused(await motorloop(['run', 'experiment.yaml', '--out', 'out', '--json', 'file/result.json'], folder.path), 'file');
    assertRefused(await motorloop(['run', 'experiment.yaml', '--out', 'out', '--json', '.'], folder.path), 'folder');
    assert.equal(folder.list(), ['experiment.yaml', 'file']);
  } finally {
    folder.remove();
  }
});

test('a grid of experiments wants an empty directory as well', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment({ grid: { 'training.learningRate': [0.001, 0.01] } }), 'out/notes.txt': 'mine' });
  try {
    assertRefused(await motorloop(['run', 'experiment.yaml', '--out', 'out'], folder.path), 'out');
    assert.equal(folder.list(), ['experiment.yaml', 'out', 'out/notes.txt']);
  } finally {
    folder.remove();
  }
});

test('a run is not resumed with another experiment, and not a byte of it changes', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment({ models: [{ cell: 'gru', hiddenSize: 5 }] }) });
  try {
    const first = await motorloop(['run', 'experiment.yaml', '--out', 'out', '--quiet'], folder.path);
    assert.is(first.code, 0, first.errors);
    const before = folder.list();
    const resumed = await motorloop(['run', 'experiment.yaml', '--out', 'out', '--resume', '--set', 'training.learningRate=0.5'], folder.path);
    assertRefused(resumed, 'learningRate', '0.5');
    assert.equal(folder.list(), before);
  } finally {
    folder.remove();
  }
});

test('usage errors name the option and what it takes', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment() });
  try {
    const cases: [string[], string | RegExp][] = [
      [['run', 'experiment.yaml', '--epochs', '0'], '--epochs'],
      [['run', 'experiment.yaml', '--threads', 'two'], '--threads'],
      [['run', 'experiment.yaml', '--nope'], '--nope'],
      [['run'], 'file'],
      [['run', 'experiment.yaml', '--set', 'training.epochs'], 'PATH=VALUE'],
      [['run', 'experiment.yaml', '--backend', 'cuda'], 'cuda'],
      [['run', 'experiment.yaml', '--variant', 'fast'], 'fast'],
      [['run', 'experiment.yaml', '--in', 'firefox'], 'firefox'],
      [['run', 'experiment.yaml', '--resume'], '--out'],
      [['check', '.', '--in', 'firefox'], 'firefox'],
      [['check', '.', '--nope'], '--nope'],
      [['preview', 'nosuchtask'], 'nosuchtask'],
      [['preview', 'flipflop', '--trials', '0'], '--trials'],
      [['bench', 'train-step', '--batch', '-3'], '--batch'],
      [['bench', 'nosuchbench'], 'nosuchbench'],
      [['train', 'experiment.yaml'], 'train'],
    ];
    for (const [args, mentioned] of cases) {
      const { code, errors } = await motorloop(args, folder.path);
      assert.is(code, 2, `${args.join(' ')}: ${errors}`);
      assert.match(errors, mentioned);
      assert.not.match(errors, /\n\s+at .+:\d+:\d+/);
    }
    assert.equal(folder.list(), ['experiment.yaml']);
  } finally {
    folder.remove();
  }
});

test.run();
