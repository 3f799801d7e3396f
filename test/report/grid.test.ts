// The page of a grid: intervals over seeds, findings that follow from the numbers, and what is shown where analyses are missing.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GridNetwork, GridSummary } from '../../src/report/grid-data.js';
import { renderGrid } from '../../src/report/grid-page.js';
import { noiseFindings } from '../../src/report/grid-sentences.js';
import { logSpreadOf, spreadOf, tQuantile } from '../../src/report/grid-statistics.js';

const levels = [0.15, 0.45];
const constantLoss = 0.233;

/** A grid of three models at two levels of noise with two seeds; `loss` of a model trained at one level and tested at another. */
function noiseGrid(loss: (model: string, trained: number, tested: number) => number): GridSummary {
  const models = ['GRU-8', 'LSTM-8', 'NODE-3'];
  const networks = models.flatMap((name, model) =>
    levels.flatMap((trained, group) =>
      [0, 1].map((seed): GridNetwork => {
        const scored = (tested: number) => loss(name, trained, tested) + 0.002 * (seed - 0.5);
        return {
          ...{
            group,
            model,
            name,
            seed,
            folder: `noise-${trained}`,
            path: `${name}/seed-${seed}`,
            status: 'completed',
            error: null,
            parameterCount: 100,
            epochs: 2,
            seconds: 1,
          },
          ...{ trainLoss: 0.2, validationLoss: scored(trained), metrics: { bitAccuracy: 0.7 }, run: null },
          curves: { epoch: [1, 2], trainLoss: [0.3, 0.2], validationLoss: [0.3, scored(trained)] },
          tests: [0, ...levels].map((noise) => ({
            name: `noise-${noise}`,
            task: { noise },
            trials: 200,
            loss: scored(noise),
            metrics: { bitAccuracy: 0.7 },
            constantLoss,
            ideal: { loss: noise / 3, metrics: { bitAccuracy: 1 - noise } },
          })),
        };
      }),
    ),
  );
  return {
    name: 'a <grid>',
    environment: { version: '0', commit: null, runtime: 'node', machine: 'machine', command: 'motorloop run a.yaml', date: null },
    axes: [{ path: 'task.noise', label: 'noise', values: levels }],
    models,
    groups: levels.map((noise) => ({ label: `noise ${noise}`, values: [noise], folders: [`noise-${noise}`], summary: null })),
    networks,
    failures: ['noise-0.45/GRU-8/seed-7: expected finite numbers'],
  };
}

test('intervals are those of Student', () => {
  // Abramowitz & Stegun 1964, table 26.10
  for (const [freedom, quantile] of [
    [1, 12.706],
    [2, 4.303],
    [10, 2.228],
    [120, 1.98],
  ] as const)
    assert.ok(Math.abs(tQuantile(freedom) - quantile) < 6e-4 * quantile, `${freedom}: ${tQuantile(freedom)}`);
  const spread = spreadOf([1, 2, 3, null, Number.NaN]);
  assert.is(spread?.mean, 2);
  assert.is(spread?.deviation, 1);
  assert.ok(Math.abs((spread?.half as number) - 4.3027 / Math.sqrt(3)) < 1e-3);
  assert.equal(spreadOf([5]), { count: 1, mean: 5, deviation: null, half: null });
  assert.is(spreadOf([null]), null);
  const logs = logSpreadOf([0.1, 10]);
  assert.ok(Math.abs((logs?.mean as number) - 1) < 1e-12 && Math.abs((logs?.low as number) * (logs?.high as number) - 1) < 1e-9);
});

test('findings follow from the numbers; flat near the constant answer is not robust', () => {
  const findings = noiseFindings(
    noiseGrid((model, trained, tested) =>
      model === 'NODE-3' ? 0.23 : model === 'LSTM-8' ? 0.05 + 0.1 * tested : trained === 0.15 ? 0.02 + 0.6 * tested : 0.15 + 0.05 * tested,
    ),
  );
  assert.equal(
    findings?.map(({ claim, verdict }) => [claim, verdict]),
    [
      ['GRU-8 tolerates noise', 'did not hold'],
      ['LSTM-8 tolerates noise', 'held'],
      ['NODE-3 tolerates noise', 'cannot be said'],
      ['NODE and LSTM tolerate noise at comparable performance', 'did not hold'],
      ['Training with noise buys robustness to it and costs accuracy without it', 'held for GRU-8 only'],
    ],
  );
  assert.match(
    findings?.[0]?.text as string,
    /0\.0200 ± 0\.001 at 0, 0\.110 ± 0\.001 at 0\.15 and 0\.290 ± 0\.001 at 0\.45 \(2 seeds; the best constant answer has 0\.233\)/,
  );
  assert.match(findings?.[3]?.text as string, /the ideal observer: 0\.0500 at 0\.15 and 0\.150 at 0\.45/);
  assert.is(noiseFindings({ ...noiseGrid(() => 0.1), axes: [{ path: 'models.0.hiddenSize', label: 'hiddenSize', values: [1, 2] }] }), null);
});

test('a page needs no analyses, escapes names and says what failed', () => {
  const page = renderGrid(noiseGrid(() => 0.1));
  assert.match(page, /<h1>a &lt;grid&gt;<\/h1>/);
  assert.is(page.match(/>ideal observer</g)?.length, 3 * 2);
  assert.match(page, /1 piece of work failed: noise-0\.45\/GRU-8\/seed-7/);
  for (const id of ['findings', 'learning', 'tests', 'heat', 'networks', 'method']) assert.match(page, new RegExp(`<section id="${id}">`));
  for (const id of ['latents', 'trial', 'readable']) assert.not.match(page, new RegExp(`<section id="${id}">`));
});

test.run();
