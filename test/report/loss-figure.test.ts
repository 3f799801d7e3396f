// The loss figure: an epoch whose loss has no value leaves a gap, not a broken path.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lossFigure, lossLimits } from '../../src/report/loss-figure.js';
import { syntheticSummary } from './synthetic.js';

test('an epoch without a loss is left out of the lines', () => {
  const [run] = syntheticSummary({ trials: 2, steps: 20, epochs: 5 }).runs;
  if (!run) throw new Error('expected a run');
  const from = (losses: readonly number[]) => [Number.NaN, ...losses.slice(1)];
  const gap = { ...run, curves: { ...run.curves, trainLoss: from(run.curves.trainLoss), validationLoss: from(run.curves.validationLoss) } };
  const { text: figure } = lossFigure('GRU', [gap], null, lossLimits([gap], null));
  assert.not.match(figure, /NaN/);
  assert.match(figure, /class="train" d="M[\d.]+,[\d.]+L/);
});

test.run();
