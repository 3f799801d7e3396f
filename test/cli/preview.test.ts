// motorloop preview: draws a built-in task, an experiment's and a third party's, says what it did, refuses what makes no sense.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { motorloop, tinyExperiment, workFolder } from './cli.js';

const example = readFileSync('examples/sine-wave.mjs', 'utf8');

async function inFolder(files: Record<string, string | object>, use: (folder: string, list: () => string[]) => Promise<void>): Promise<void> {
  const folder = workFolder(files);
  try {
    await use(folder.path, folder.list);
  } finally {
    folder.remove();
  }
}

test('a built-in task is drawn with its parameters changed, and the numbers are told', async () => {
  await inFolder({}, async (folder, list) => {
    const { code, output, errors } = await motorloop(
      ['preview', 'flipflop', '--trials', '2', '--seed', '3', '--set', 'task.bits=4', '--set', 'task.noise=0.3', '--json', 'told.json'],
      folder,
    );
    assert.is(code, 0, errors);
    assert.match(output, /pulse probability +3\.0 % per channel and step/);
    assert.match(output, join(folder, 'preview-flipflop.html'));
    assert.equal(list(), ['preview-flipflop.html', 'told.json']);
    const told = JSON.parse(readFileSync(join(folder, 'told.json'), 'utf8')) as {
      seed: number;
      parameters: { bits: number };
      statistics: { inputNoise: number };
    };
    assert.is(told.seed, 3);
    assert.is(told.parameters.bits, 4);
    assert.ok(Math.abs(told.statistics.inputNoise - 0.3) < 0.01);
  });
});

test('an experiment’s task is drawn with the seed that its data have, and a module is found beside it', async () => {
  const experiment = tinyExperiment({ task: { name: 'custom', module: './sine-wave.mjs', parameters: { steps: 20 } }, data: { seed: 9 } });
  await inFolder({ 'deep/sine-wave.mjs': example, 'deep/experiment.yaml': experiment }, async (folder) => {
    const { code, output, errors } = await motorloop(['preview', 'deep/experiment.yaml', '--out', 'new/sheet.svg'], folder);
    assert.is(code, 0, errors);
    assert.match(output, 'sine-wave, seed 9');
    assert.match(readFileSync(join(folder, 'new/sheet.svg'), 'utf8'), /^<svg xmlns/);
  });
});

test('a reaching task is drawn in time and space, and its body and senses are told', async () => {
  await inFolder({}, async (folder) => {
    const { code, output, errors } = await motorloop(
      ['preview', 'random-target', '--trials', '3', '--set', 'task.steps=60', '--set', 'task.catchProbability=1', '--out', 'sheet.svg', '--json', 'told.json'],
      folder,
    );
    assert.is(code, 0, errors);
    assert.match(output, /catch share +100\.0 % of the trials have no go cue/);
    const sheet = readFileSync(join(folder, 'sheet.svg'), 'utf8');
    assert.match(sheet, 'RigidTendonArm26: 6 muscles (pectoralis,');
    assert.match(sheet, 'vision 0.05 s, proprioception 0.02 s');
    assert.is(sheet.match(/class="workspace"/g)?.length, 3);
    assert.match(sheet, 'target (catch trial: stay)');
    assert.not.match(sheet, /NaN|undefined/);
    const told = JSON.parse(readFileSync(join(folder, 'told.json'), 'utf8')) as { parameters: { effector: { effector: string } } };
    assert.is(told.parameters.effector.effector, 'RigidTendonArm26');
    const page = await motorloop(['preview', 'cyclic-reach', '--trials', '1'], folder);
    assert.is(page.code, 0, page.errors);
    assert.match(readFileSync(join(folder, 'preview-cyclic-reach.html'), 'utf8'), 'class="way"');
  });
});

test('what makes no sense is refused with exit code 2 and nothing written', async () => {
  await inFolder({ 'experiment.yaml': tinyExperiment() }, async (folder, list) => {
    for (const [args, message] of [
      [['flipflap'], /preview: expected a task \(flipflop, .*random-target, .*\) or an experiment file, got "flipflap"/],
      [['nowhere.yaml'], /nowhere\.yaml: expected a file that can be read/],
      [['flipflop', '--set', 'task.bitz=3'], /task\.bitz: expected a known option, got 3; did you mean bits\?/],
      [['random-target', '--set', 'task.sensors.visionDelay=0.013'], /task\.sensors\.visionDelay: expected a multiple of the time step, 0\.01 s, got 0\.013/],
      [['flipflop', '--set', 'task.noise=-1'], /task\.noise: expected a number of at least 0, got -1/],
      [['experiment.yaml', '--out', 'x.png'], /--out: expected a file ending in \.html or \.svg, got "x\.png"/],
      [['experiment.yaml', '--trials', '101'], /--trials: expected at most 100, got 101/],
      [['experiment.yaml', '--trials', '0'], /expected a whole number of at least 1, got "0"/],
    ] as const) {
      const { code, errors } = await motorloop(['preview', ...args], folder);
      assert.is(code, 2, `${args.join(' ')}: ${errors}`);
      assert.match(errors, message);
    }
    assert.equal(list(), ['experiment.yaml']);
  });
});

test.run();
