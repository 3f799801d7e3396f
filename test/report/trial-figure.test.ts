// The drawings of trials: every axis there, targets and cube as the trial has them, the page whole and safe.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseExperiment } from '../../src/config/experiment.js';
import { previewTask } from '../../src/jobs/preview.js';
import { trialCube, trialFigure, trialScene, type TrialView } from '../../src/report/trial-figure.js';
import { trialPage, trialSheet } from '../../src/report/trial-page.js';
import { generateTrials } from '../../src/tasks/data.js';
import { createTask } from '../../src/tasks/index.js';
import { taskOptions } from '../../src/tasks/options.js';

const view = (bits = 3, trial = 0): TrialView => {
  const task = createTask(taskOptions.parse({ name: 'flipflop', bits, steps: 80, switchProbability: 0.05 }));
  return { task, set: generateTrials(task, 0, 0, 3), trial };
};
const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;
const balanced = (text: string): boolean => {
  const open: string[] = [];
  for (const [, end, name, self] of text.replace(/<script>[\s\S]*?<\/script>/g, '').matchAll(/<(\/?)([a-z]+[a-z0-9]*)(?:"[^"]*"|[^">])*?(\/?)>/g)) {
    if (self === '/' || name === 'meta') continue;
    if (end === '/') {
      if (open.pop() !== name) return false;
    } else open.push(name as string);
  }
  return open.length === 0;
};

test('n + 1 panels share one labelled time axis', () => {
  for (const bits of [1, 3, 5]) {
    const { text } = trialFigure(view(bits));
    assert.is(count(text, /class="frame"/g), bits + 1);
    for (let bit = 0; bit < bits; bit++) assert.match(text, `State ${bit}`);
    assert.is(count(text, /class="line noisy"/g), bits, 'all inputs overlaid');
    assert.match(text, 'Time (steps)');
    assert.match(text, '>Inputs<');
    assert.ok(balanced(text));
  }
});

test('the path in the cube visits corners only, as often as the target changes', () => {
  const shown = view();
  const { values } = trialScene(shown) as { values: readonly number[] };
  assert.ok(values.every((value) => value === 0 || value === 1));
  let changes = 0;
  for (let step = 1; step < 80; step++) if ([0, 1, 2].some((bit) => shown.set.targets[step * 3 + bit] !== shown.set.targets[step * 3 - 3 + bit])) changes++;
  assert.is(values.length / 3, changes + 1);
  assert.is(count((trialCube(shown) as { text: string }).text, /class="mark/g), 8);
});

test('fewer than three bits have no cube; more show the first three', () => {
  assert.is(trialCube(view(2)), null);
  assert.ok(trialCube(view(6)));
});

test('every trial is another drawing', () => {
  assert.is(new Set([0, 1, 2].map((trial) => trialFigure(view(3, trial)).text.replace(/<title>.*?<\/title>/, ''))).size, 3);
});

test('the page and the sheet stand alone, hold every trial and escape what they are told', () => {
  const views = [view(3, 0), view(3, 1)];
  const text = { title: '<b>&', facts: ['"quoted" <script>'] };
  for (const sheet of [trialPage(views, text), trialSheet(views, text)]) {
    assert.ok(balanced(sheet));
    assert.is(count(sheet, /Trial [12]</g), 2);
    assert.match(sheet, '&lt;b&gt;&amp;');
    assert.not.match(sheet, /<b>|"quoted"|https?:\/\/(?!www\.w3\.org)/);
    assert.not.match(sheet, /NaN|undefined/);
  }
  assert.match(trialPage(views, text), '(document,', 'the script that turns cubes');
  assert.not.match(trialPage([view(2)], text), '<script');
});

test('a preview shows what interventions do, in which trials and when; what a task does not allow is refused', async () => {
  const interventions = [
    { kind: 'unit-lesion', units: { list: [1] }, from: 5, until: 9, trials: { every: 2 } },
    { kind: 'input-pulse', channel: 0, height: 40, from: 12, duration: 2, phase: 'train' },
  ];
  const given = { name: 'x', task: { name: 'flipflop', bits: 2, steps: 20 }, models: [{ cell: 'gru', hiddenSize: 4 }] };
  const draw = (experiment: object, format: 'svg' | 'html') => previewTask({ experiment: parseExperiment(experiment, 'x'), trials: 3, format });
  const told = await draw({ ...given, data: { trials: 200, validationFraction: 0.25 }, interventions }, 'html');
  assert.equal(told.interventions, [
    { says: 'unit 1 lesioned, from step 5 until step 9, in every 2nd trial', trials: 100 },
    { says: 'pulse of 40 on input 0, from step 12 for 2 steps, in training', trials: 150 },
  ]);
  assert.is(told.sheet.match(/<rect fill="#0072b2"/g)?.length, 2, 'trials 0 and 2 of 3 are shaded');
  assert.match(told.sheet, 'lesioned, from step 5 until step 9, in every 2nd trial (12 of 24)');
  const plain = await draw(given, 'svg');
  assert.equal([plain.interventions, plain.sheet.includes('What is done')], [[], false]);
  assert.match((await draw({ ...given, interventions }, 'svg')).sheet, 'What is done, and when');
  assert.equal(told.statistics, plain.statistics, 'of the task as it is');
});

test.run();
