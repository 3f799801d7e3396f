import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EpochSnapshot } from '../../src/analysis/epoch-dynamics.js';
import { pageFigures } from '../../src/report/export-figures.js';
import { renderReport } from '../../src/report/report.js';
import { syntheticSummary } from './synthetic.js';
import { withDynamics } from './synthetic-dynamics.js';

function snapshot(epoch: number): EpochSnapshot {
  const values = Array.from({ length: 2 * 30 }, (_, i) => [Math.cos(0.1 * i) * Math.log(1 + epoch), Math.sin(0.2 * i), 0.01 * i]).flat();
  const points = [{ scores: [epoch / 500, 0, 0.1] as const, unstable: epoch > 100 ? 0 : 1, speed: 1e-25 }];
  return {
    epoch,
    validationLoss: 1 / epoch,
    explained: 0.8,
    latents: { shape: [2, 30, 3], values },
    outputs: { shape: [2, 30, 3], values },
    fixedPoints: { unique: 1, stable: epoch > 100 ? 1 : 0, points },
  };
}

const summary = withDynamics(syntheticSummary({ trials: 2, steps: 20, epochs: 3 }));
const [first, ...others] = summary.runs;
const run = first as (typeof summary.runs)[number];
const epochs = { basis: 'last' as const, stride: 1, input: 'zeros', epochs: [1, 20, 250, 500].map(snapshot) };
const page = renderReport({ ...summary, runs: [{ ...run, dynamics: { ...(run.dynamics as NonNullable<typeof run.dynamics>), epochs } }, ...others] });

test('every epoch has its latents and outputs behind one slider, and fixed points are counted over epochs', () => {
  const names = pageFigures(page).map(({ name }) => name);
  for (const epoch of [1, 20, 250, 500])
    for (const name of [`snapshots-latents-after-epoch-${epoch}`, `snapshots-outputs-after-epoch-${epoch}`]) assert.ok(names.includes(name), name);
  assert.ok(names.includes('snapshots-fixed-points-over-epochs'));
  assert.match(page, /<input type="range" min="0" max="3" step="1" value="3" aria-label="Epoch shown">/);
  assert.is(page.match(/data-step="/g)?.length, 4);
  assert.match(page, 'data-name="epoch 250, validation loss 0.00400"');
  assert.match(page, /80.% of the variance on these axes, 1 fixed point \(1 stable\)/);
  assert.not.match(page.replace(/<script[\s\S]*?<\/script>/g, ''), /NaN|undefined|Infinity/);
});

test('the page’s script knows the slider, and brings no helper of a build tool along', () => {
  const script = page.slice(page.lastIndexOf('<script>'));
  assert.match(script, 'data-scrub');
  assert.not.match(script, '__name');
});

test('without epochs there is no section', () => {
  assert.not.match(renderReport(summary), 'id="snapshots"');
});

test.run();
