// The multitask battery in report and preview: scores and choices of networks that are known, and figures of trials by phase.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { multitaskExamples, summariseMultitask } from '../../src/analysis/multitask.js';
import type { ExperimentSummary, MultitaskRun, RunSummary } from '../../src/analysis/summary-data.js';
import { parseExperiment } from '../../src/config/experiment.js';
import { previewTask } from '../../src/jobs/preview.js';
import { randomKey } from '../../src/random.js';
import { multitaskSections, multitaskVerdict } from '../../src/report/multitask-sections.js';
import { createMultitask } from '../../src/tasks/multitask.js';
import { multitaskOptions } from '../../src/tasks/multitask-options.js';
import type { Task } from '../../src/tasks/task.js';

const task = createMultitask(multitaskOptions.parse({ name: 'multitask', binSize: 50 }));
const set = task.generate(randomKey(3, 'data'), 0, 300);
const summarise = (outputs: Float32Array) => summariseMultitask(task, set, outputs, true) as MultitaskRun;

test('a perfect network succeeds in everything, chooses the stronger stimulus and responds where it should', () => {
  const { scores, examples } = summarise(set.targets);
  assert.is(scores.length, 15);
  assert.is(examples.length, 15);
  for (const { task: name, trials, success, published, psychometric } of scores) {
    assert.equal([trials, success, published], [20, 1, 1], name);
    if (/Int/.test(name)) for (const { at, share } of psychometric) assert.is(share, at >= 0 ? 1 : 0, `${name} at ${at}`);
    if (name === 'NonMatch2Sample') assert.is(psychometric.find(({ at }) => at === 90)?.share ?? 0, 0);
    if (/Delay|Memory|React/.test(name)) assert.equal(psychometric, []);
  }
  const match = scores.find(({ task: name }) => name === 'Match2Sample');
  assert.ok(match?.psychometric.every(({ at, share }) => (at >= 30 ? share === 0 : share > 0.5)));
});

test('a silent network succeeds in the match trials that ask for no response, and elsewhere by chance alone', () => {
  const { scores } = summarise(new Float32Array(set.targets.length));
  for (const { task: name, success } of scores) {
    // The direction of nothing is 0°: one trial in ten has its target within 18° of it.
    if (/atch/.test(name)) assert.ok((success as number) > 0.2, `${name}: ${success}`);
    else assert.ok((success as number) <= 0.3, `${name}: ${success}`);
  }
});

test('sections show every task, with finite coordinates, and one sentence sums up', () => {
  const multitask = summarise(set.targets);
  const curves = {
    epoch: [1, 2],
    trainLoss: [2, 1],
    validationLoss: [2, 1],
    metrics: Object.fromEntries(multitask.scores.map((score) => [`success ${score.task}`, [0.1, 1]])),
  };
  const run = { model: 'GRU-8', multitask, curves } as unknown as RunSummary;
  const summary = {
    task,
    examples: multitaskExamples(
      task,
      set,
      Int32Array.from({ length: 300 }, (_, i) => i),
    ),
  } as unknown as ExperimentSummary;
  const sections = multitaskSections(summary, [run]);
  assert.equal(
    sections.map(({ id }) => id),
    ['tasks', 'battery', 'choices', 'responses'],
  );
  for (const { id, body } of sections) {
    assert.not.match(body.text, /NaN|undefined|Infinity/, id);
    if (id !== 'choices') for (const name of task.conditionLabels as string[]) assert.ok(body.text.includes(name), `${id}: ${name}`);
  }
  assert.match(multitaskVerdict(run) ?? '', /^GRU-8 succeeds in 100.* of 300 validation trials of 15 tasks/);
  assert.equal(multitaskSections({ task } as unknown as ExperimentSummary, [run]), []);
  assert.is(summariseMultitask({ ...task, name: 'other' } as Task, set, set.targets, true), null);
});

test('the preview draws the trials of any tasks, under their names', async () => {
  const experiment = parseExperiment({ name: 'p', task: { name: 'multitask', tasks: ['ReactAnti', 'IntMod2'], binSize: 50 }, models: [{ cell: 'gru' }] }, 'p');
  for (const format of ['svg', 'html'] as const) {
    const { sheet, statistics } = await previewTask({ experiment, trials: 3, format });
    assert.match(sheet, /Trial 1: ReactAnti/);
    assert.match(sheet, /Trial 2: IntMod2/);
    assert.not.match(sheet, /NaN|undefined/);
    assert.ok(statistics.some(({ name, value }) => name === 'inputNoise' && Math.abs(value - 0.3) < 0.01));
    assert.is(statistics.find(({ name }) => name === 'silentShare')?.value, 0);
  }
});

test.run();
