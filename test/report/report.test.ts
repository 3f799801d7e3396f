// The report: self-contained, safe with hostile names, the same every time, labelled, and readable at the edges of what an experiment can be.
import { readFileSync, writeFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExperimentSummary, RunSummary } from '../../src/analysis/summary-data.js';
import { drawScene } from '../../src/report/draw-scene.js';
import { drawTrace } from '../../src/report/draw-trace.js';
import { lossFigure, lossLimits } from '../../src/report/loss-figure.js';
import { packArray } from '../../src/report/pack.js';
import { renderReport } from '../../src/report/report.js';
import { screeFigure } from '../../src/report/scree-figure.js';
import { latentScene, memoryCodes } from '../../src/report/space-figure.js';
import { checkMarkup } from './markup.js';
import { syntheticSummary } from './synthetic.js';

const hostile = `</script><script>alert(1)</script><img src=x onerror="alert('2')">&\u0000\u2028`;

/** Every model, label and text of a summary replaced by a hostile one. */
function hostileSummary(): ExperimentSummary {
  const summary = syntheticSummary({ trials: 2, steps: 20, epochs: 3 });
  return {
    ...summary,
    name: hostile,
    task: { ...summary.task, parameters: { [hostile]: hostile }, inputLabels: [hostile, hostile, hostile], outputLabels: [hostile, hostile, hostile] },
    environment: { ...summary.environment, version: hostile, runtime: hostile, machine: hostile, command: hostile },
    runs: summary.runs.map((run) => ({ ...run, model: `${hostile}${run.model}`, description: hostile, recipe: hostile, status: hostile })),
    notes: [hostile],
  };
}

/** The page without its scripts' text: what a reader without scripts gets. */
const still = (page: string) => page.replace(/(<script[^>]*>)[\s\S]*?<\/script>/g, '$1</script>');

test('is one well-formed file that names no address outside itself', () => {
  const page = renderReport(syntheticSummary({ trials: 2, steps: 20, epochs: 3 }));
  checkMarkup(page);
  assert.not.match(page, /https?:|<link|@import|url\(|fetch\(|XMLHttpRequest|import\(/);
  assert.not.match(still(page), /\/\/[a-z]/i);
  const sources = [...page.matchAll(/\s(?:src|href|action|poster|data)="([^"]*)"/g)].map((match) => match[1] as string);
  assert.ok(sources.length > 5);
  for (const source of sources) assert.match(source, /^(#|data:text\/csv)/);
});

test('stays below two megabytes for three models of 128 units and twelve trials of 500 steps', () => {
  const models = ['GRU', 'LSTM', 'RNN'].map((name) => ({ name, description: name, hiddenSize: 128, quality: 1 }));
  assert.ok(renderReport(syntheticSummary({ models, epochs: 500 })).length < 2e6);
});

test('is the same text every time', () => {
  const summary = syntheticSummary({ trials: 2, steps: 20, epochs: 3 });
  assert.is(renderReport(summary), renderReport(JSON.parse(JSON.stringify(summary))));
});

test('shows hostile names as text and lets none of them become markup', () => {
  const page = renderReport(hostileSummary());
  checkMarkup(page);
  assert.not.match(page, /<img|onerror="|<script>alert/);
  assert.is(page.match(/<script/g)?.length, 2);
  assert.match(page, /&lt;script&gt;alert/);
  assert.not.ok(page.includes(String.fromCharCode(0)));
});

test('labels both axes of every chart, with units', () => {
  const page = renderReport(syntheticSummary({ trials: 2, steps: 20, epochs: 3 }));
  const charts = [...page.matchAll(/<svg class="(chart|trial|space)"[\s\S]*?<\/svg>/g)];
  assert.is(charts.length, 2 * 5);
  for (const [svg, kind] of charts) {
    assert.match(svg, /<title>[^<]{10,}<\/title>/);
    if (kind === 'space') {
      assert.is(svg.match(/class="axis-name"/g)?.length, 3);
      assert.match(svg, /class="scale-name"[^>]*>[\d.]+ \(dimensionless\)/);
      continue;
    }
    const labels = [...svg.matchAll(/class="label"[^>]*>([^<]*)</g)].map((match) => match[1] as string);
    assert.is(labels.length, kind === 'trial' ? 5 : 2);
    for (const label of labels) assert.match(label, /\((dimensionless|step|s|epoch|%|number)\)$/);
  }
});

test('gives time in seconds where a task has them', () => {
  const summary = syntheticSummary({ trials: 2, steps: 20, epochs: 3 });
  assert.match(renderReport({ ...summary, task: { ...summary.task, stepDuration: 0.01 } }), />time \(s\)</);
});

test('says in words what each network learned', () => {
  const page = renderReport(syntheticSummary({ trials: 2, steps: 20, epochs: 40 }));
  assert.match(page, /GRU-128 holds all three bits: each is on the right side of one half in at least 97\.0/);
  assert.match(page, /NODE-3 does not hold its bits yet/);
  assert.match(page, /explains 97\u202f% of the variance/);
  const idle = renderReport(syntheticSummary({ trials: 2, steps: 20, epochs: 3, models: [{ name: 'RNN', description: 'RNN', hiddenSize: 8, quality: 0 }] }));
  assert.match(idle, /RNN has not begun to use its input/);
});

test('draws tasks without bits, single models, one bit, seven outputs, one epoch and one trial', () => {
  const one = [{ name: 'GRU', description: 'GRU', hiddenSize: 2, quality: 1 }];
  for (const bits of [1, 2, 4, 7]) {
    const page = renderReport(syntheticSummary({ models: one, bits, trials: 1, steps: 6, epochs: 1 }));
    checkMarkup(page);
    assert.not.match(still(page), /NaN|undefined|Infinity/);
    assert.is(page.includes('id="cube"'), bits > 1);
  }
  const summary = syntheticSummary({ models: one, trials: 2, steps: 6, epochs: 3 });
  const runs = summary.runs.map((run) => ({ ...run, memory: null, evaluation: { ...run.evaluation, accuracyPerOutput: null } }));
  const page = renderReport({ ...summary, runs, similarity: null, constantLoss: null, task: { ...summary.task, name: 'sine', binary: false } });
  checkMarkup(page);
  assert.not.match(still(page), /NaN|undefined|id="cube"|id="similarity"/);
});

test('draws losses that are enormous, zero or missing without leaving the figure', () => {
  const summary = syntheticSummary({ trials: 1, steps: 6, epochs: 4 });
  const run = summary.runs[0] as RunSummary;
  const curves = { ...run.curves, trainLoss: [1e9, 1, 0, 0.5], validationLoss: [293, 2, 0.3, 0] };
  const page = renderReport({ ...summary, runs: [{ ...run, curves, final: { ...run.final, trainLoss: null, validationLoss: null } }], similarity: null });
  assert.not.match(still(page), /NaN|Infinity/);
});

test("the page's copy of the drawing code needs nothing around it and draws the same", () => {
  const summary = syntheticSummary({ trials: 3, steps: 30, epochs: 3 });
  const run = summary.runs[0] as RunSummary;
  const scene = latentScene(run);
  const values = run.latents?.values ?? [];
  const states = memoryCodes(summary)?.values ?? null;
  const bare = runInNewContext(`({ scene: ${drawScene.toString()}, trace: ${drawTrace.toString()} })`, {});
  assert.is(bare.scene(scene, values, states, 1, 0.3, 0.2), drawScene(scene, values, states, 1, 0.3, 0.2));
  // what comes back from a packed array is not exactly whole
  const unpacked = states?.map((state, i) => state + (i % 2 ? 1e-6 : -1e-6)) ?? null;
  assert.is(bare.scene(scene, values, unpacked, 1, 0.3, 0.2), drawScene(scene, values, states, 1, 0.3, 0.2));
  assert.is(bare.trace(values, [3, 30, 3], 2, 1, 10, 300, 50, 4), drawTrace(values, [3, 30, 3], 2, 1, 10, 300, 50, 4));
});

test('packed arrays come back to within half a step', () => {
  const values = [-3, 0.25, 7.5, 1e-3];
  const { low, high, data } = packArray({ shape: [4], values });
  const bytes = atob(data);
  values.forEach((value, i) => {
    const level = bytes.charCodeAt(2 * i) + 256 * bytes.charCodeAt(2 * i + 1);
    assert.ok(Math.abs(low + (level / 65535) * (high - low) - value) <= (high - low) / 131069);
  });
});

test('figures match their snapshots (UPDATE_SNAPSHOTS=1 writes them anew)', () => {
  const summary = syntheticSummary({ trials: 1, steps: 6, epochs: 12 });
  const run = summary.runs[0] as RunSummary;
  const figures = { loss: lossFigure(run.model, [run], summary.constantLoss, lossLimits(summary.runs, summary.constantLoss)), scree: screeFigure(run) };
  for (const [name, { text }] of Object.entries(figures)) {
    const file = new URL(`snapshots/${name}.svg`, import.meta.url);
    if (process.env.UPDATE_SNAPSHOTS === '1') writeFileSync(file, `${text}\n`);
    assert.is(`${text}\n`, readFileSync(file, 'utf8'), `${name}.svg`);
  }
});

test.run();
