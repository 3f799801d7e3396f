// The drawings of trials: every axis there, targets and cube as the trial has them, the page whole and safe.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
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

test.run();
