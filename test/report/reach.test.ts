// The report of a task with a body: whole, labelled, safe with hostile names, the same drawing in the page as here, and readable at the edges.
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExperimentSummary, FigureArray, RunSummary } from '../../src/analysis/summary-data.js';
import { movingView, trialPlan } from '../../src/report/body-view.js';
import { bodyShapes, postureShapes, shapesSvg } from '../../src/report/draw-body.js';
import { drawScene } from '../../src/report/draw-scene.js';
import { metricLabel, metricNumber, metricText } from '../../src/report/metric-text.js';
import { moveBodies } from '../../src/report/page-motion.js';
import { renderReport } from '../../src/report/report.js';
import { goScene, goStates } from '../../src/report/space-figure.js';
import { checkMarkup } from './markup.js';
import { syntheticReach } from './synthetic-reach.js';

const still = (page: string) => page.replace(/(<script[^>]*>)[\s\S]*?<\/script>/g, '$1</script>');
const small = { trials: 3, steps: 60, epochs: 5 } as const;
const firstRun = ({ runs }: ExperimentSummary) => runs[0] as RunSummary;

/** The summary with some parts of every run's reach changed. */
function withReach(summary: ExperimentSummary, changes: Partial<NonNullable<RunSummary['reach']>>): ExperimentSummary {
  return { ...summary, runs: summary.runs.map((run) => ({ ...run, reach: run.reach && { ...run.reach, ...changes } })) };
}

test('is one well-formed file that names no address outside itself, for arms and masses, one network and two', () => {
  for (const summary of [syntheticReach(small), syntheticReach({ ...small, models: ['GRU', 'NODE'] }), syntheticReach({ ...small, body: 'pointMass' })]) {
    const page = renderReport(summary);
    checkMarkup(page);
    assert.not.match(page, /https?:|<link|@import|url\(|fetch\(|XMLHttpRequest|import\(/);
    assert.not.match(still(page), /NaN|undefined|Infinity|\/\/[a-z]/i);
    assert.is(page, renderReport(JSON.parse(JSON.stringify(summary))));
  }
});

test('has a section for everything that a body shows', () => {
  const page = renderReport(syntheticReach(small));
  for (const id of ['learning', 'body', 'movement', 'paths', 'latents', 'pushes', 'epochs', 'metrics', 'dimensions', 'runs'])
    assert.match(page, `<section id="${id}">`);
  assert.not.match(page, /id="trials"|id="cube"/);
  assert.match(page, 'movement-GRU-128.gif');
});

test('hand paths with and without interventions are other trials than those that the page chooses from', () => {
  const base = syntheticReach(small);
  const trials = (base.reach as NonNullable<ExperimentSummary['reach']>).trials;
  const summary: ExperimentSummary = {
    ...base,
    interventions: {
      names: ['curl field of 10 N·s/m from go'],
      trials: [4, 9],
      windows: [[[20, 60], null]],
      counts: [120, 80],
      reach: { perturbed: trials, unperturbed: trials.slice(1) },
    },
    runs: base.runs.map((run) => {
      const { values } = run.outputs as FigureArray;
      const hand = (first: number): FigureArray => ({ shape: [3 - first, 60, 2], values: values.slice(first * 120) });
      return {
        ...run,
        perturbed: { perturbed: { endPointError: 0.04 }, unperturbed: { endPointError: 0.02 }, hands: { perturbed: hand(0), unperturbed: hand(1) } },
      };
    }),
  };
  const page = renderReport(summary);
  checkMarkup(page);
  const [section = ''] = /<section id="interventions">[\s\S]*?<\/section>/.exec(page) ?? [];
  assert.is([...section.matchAll(/<g class="reach chosen">/g)].length, 2);
  assert.is([...section.matchAll(/<g class="reach">/g)].length, 3);
  assert.not.match(section, 'data-trial');
  assert.match(section, /120[\s\S]*of all 200|of all 200[\s\S]*120/);
});

test('labels the axes of every chart, with units', () => {
  const page = renderReport(syntheticReach(small));
  const charts = [...page.matchAll(/<svg class="(chart|trial|chart place)" viewBox[\s\S]*?<\/svg>/g)];
  assert.ok(charts.length > 15);
  for (const [svg] of charts) {
    assert.match(svg, /<title>[^<]{10,}<\/title>/);
    const labels = [...svg.matchAll(/class="label"[^>]*>([^<]*)</g)].map((match) => match[1] as string);
    assert.ok(labels.length >= 2);
    for (const label of labels) assert.match(label, /\((dimensionless|s|m|m\/s|cm|N|epoch|%|number)\)$/);
  }
});

test('says in words and numbers how well a network reaches', () => {
  const page = renderReport(syntheticReach(small));
  assert.match(page, /GRU-128 reaches: its hand ends 2\.31 cm from its target/);
  assert.match(page, /end-point error \(cm\)<\/th>/);
  assert.match(page, />2\.31</);
  const summary = syntheticReach(small);
  const far = { ...summary, runs: summary.runs.map((run) => ({ ...run, evaluation: { ...run.evaluation, metrics: { endPointError: 0.2 } } })) };
  assert.match(renderReport(far), /GRU-128 does not reach well yet: its hand ends 20\.00 cm/);
  const none = { ...summary, runs: summary.runs.map((run) => ({ ...run, evaluation: { ...run.evaluation, metrics: {} } })) };
  assert.match(renderReport(none), /no validation trial has enough steps after its go cue/);
});

test('tells metrics in units that people use', () => {
  assert.equal(
    [metricLabel('endPointError'), metricText('endPointError', 0.02314), metricNumber('endPointError', 0.02314)],
    ['end-point error (cm)', '2.31 cm', '2.31'],
  );
  assert.equal([metricText('peakSpeed', 1.2), metricText('effort', 0.02)], ['1.20 m/s', '0.0200']);
  assert.equal(
    [metricLabel('bitAccuracy'), metricNumber('bitAccuracy', 0.5), metricText('effort', null), metricText('effort', undefined)],
    ['bitAccuracy', '0.5000', '', ''],
  );
});

test('leaves out pushes, epochs and go cues where there are none, and draws a summary of one step', () => {
  const bare = withReach(syntheticReach(small), { bumps: [], epochs: [], goAligned: null, endPointErrors: [] });
  const page = renderReport(bare);
  checkMarkup(page);
  assert.not.match(still(page), /NaN|undefined|id="pushes"|id="epochs"|around the go cue<|Infinity/);
  const tiny = renderReport(syntheticReach({ trials: 1, steps: 2, epochs: 1 }));
  checkMarkup(tiny);
  assert.not.match(still(tiny), /NaN|undefined/);
});

test('shows hostile names as text', () => {
  const hostile = `</script><script>alert(1)</script><img src=x onerror="alert('2')">&`;
  const summary = syntheticReach(small);
  const reach = summary.reach as NonNullable<ExperimentSummary['reach']>;
  const page = renderReport({
    ...summary,
    name: hostile,
    reach: { ...reach, body: { ...reach.body, name: hostile, muscleNames: reach.body.muscleNames.map(() => hostile) } },
    runs: summary.runs.map((run) => ({ ...run, model: hostile })),
  });
  checkMarkup(page);
  assert.not.match(page, /<img|onerror="|<script>alert/);
  assert.is(page.match(/<script/g)?.length, 2);
});

test('stays below 700 kB for one network of twelve trials of 300 steps', () => {
  const { length } = renderReport(syntheticReach());
  assert.ok(length < 7e5, `${length}`);
});

const drawing = () => {
  const summary = syntheticReach(small);
  const reach = summary.reach as NonNullable<ExperimentSummary['reach']>;
  const run = firstRun(summary);
  const view = movingView(summary, [run]);
  const arrays = [run.reach?.joint, run.reach?.activation, run.outputs, summary.trials.targets].map((array) => (array as FigureArray).values);
  return { summary, run, view, plans: reach.trials.map((trial) => trialPlan(trial, 1)), arrays: arrays as [number[], number[], number[], number[]] };
};

test('draws the hand at the end of the arm, the target after its cue and the push while it lasts', () => {
  const { view, plans, arrays } = drawing();
  const [joint, activation, hand, targets] = arrays;
  plans.forEach((plan, trial) => {
    for (let step = 0; step < 60; step++) {
      const shapes = bodyShapes(view, plan, joint, activation, hand, targets, 60, trial, step);
      const of = (kind: string) => shapes.filter((shape) => shape.kind === kind);
      const bone = of('bone')[0]?.points.slice(-2) as number[];
      const tip = of('hand')[0]?.points as number[];
      assert.ok(Math.hypot((bone[0] as number) - (tip[0] as number), (bone[1] as number) - (tip[1] as number)) < 0.05);
      assert.ok(tip.every((value, axis) => value > 0 && value < (axis === 0 ? view.width : view.height)));
      assert.is(of('muscle').length, 6);
      assert.is(of('target').length, plan.goCue !== null && step >= plan.goCue ? 1 : 0);
      assert.is(of('push').length, plan.bump && step >= plan.bump[0] && step < plan.bump[1] ? 2 : 0);
      assert.is(of('trail')[0]?.points.length, 2 * (step + 1));
      of('muscle').forEach(({ share }, m) => assert.is(share, Math.min(1, (activation[(trial * 60 + step) * 6 + m] as number) / view.fullActivation)));
    }
  });
});

test("the page's copy of the drawing code needs nothing around it and draws the same", () => {
  const { run, view, plans, arrays } = drawing();
  const [joint, activation, hand, targets] = arrays;
  const bare = runInNewContext(
    `({ body: ${bodyShapes.toString()}, postures: ${postureShapes.toString()}, svg: ${shapesSvg.toString()}, scene: ${drawScene.toString()}, move: ${moveBodies.toString()} })`,
    {},
  );
  const plan = plans[1] as (typeof plans)[number];
  const body = bodyShapes(view, plan, joint, activation, hand, targets, 60, 1, 40);
  assert.is(bare.svg(bare.body(view, plan, joint, activation, hand, targets, 60, 1, 40)), shapesSvg(body));
  const postures = postureShapes(view, plan, joint, hand, 60, 1);
  assert.is(bare.svg(bare.postures(view, plan, joint, hand, 60, 1)), shapesSvg(postures));
  const aligned = run.reach?.goAligned as NonNullable<NonNullable<RunSummary['reach']>['goAligned']>;
  const scene = goScene(aligned);
  const states = goStates(aligned).values;
  assert.is(bare.scene(scene, aligned.values.values, states, -1, 0.2, 0.3), drawScene(scene, aligned.values.values, states, -1, 0.2, 0.3));
  assert.is(typeof bare.move, 'function');
});

test('postures go from the start to the end of a trial and share the colours of its time', () => {
  const { view, plans, arrays } = drawing();
  const [joint, , hand] = arrays;
  const postures = postureShapes(view, plans[0] as (typeof plans)[number], joint, hand, 60, 0).filter(({ kind }) => kind === 'time posture');
  assert.is(postures.length, 13);
  const shares = postures.map(({ share }) => share);
  assert.equal(
    shares,
    [...shares].sort((a, b) => a - b),
  );
  assert.equal([shares[0], shares.at(-1)], [0, 1]);
});

test.run();
