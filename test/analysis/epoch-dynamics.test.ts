// Learning over time of a small network: epochs that were kept, one basis or each its own, fixed points, and the page's slider.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { analyseDynamics } from '../../src/analysis/dynamics.js';
import { analyseEpochs } from '../../src/analysis/epoch-dynamics.js';
import { project } from '../../src/analysis/pca.js';
import { openAnalysis } from '../../src/analysis/open-analysis.js';
import type { RunAnalysis } from '../../src/analysis/run-analysis.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { train } from '../../src/config/train.js';
import { openExperimentDirectory } from '../../src/runs/experiment-directory.js';
import { memoryStorage } from '../../src/runs/memory-storage.js';
import { tinyExperiment } from '../support/tiny-experiment.js';

const backend = createReferenceBackend();
const storage = memoryStorage();
let analysis: RunAnalysis;

test.before(async () => {
  const experiment = tinyExperiment({ models: [{ cell: 'gru', hiddenSize: 4 }], 'training.epochs': 3, 'training.checkpointEpochs': [1, 2] });
  const directory = await openExperimentDirectory(storage, experiment);
  for await (const event of train(experiment, { backend })) await directory.handle(event);
  await directory.finish();
  analysis = await openAnalysis(storage, { backend });
});

test.after(async () => {
  await analysis.dispose();
  assert.is(backend.bytesInUse(), 0);
  await backend.dispose();
});

test('a run opens at the epochs that were kept', async () => {
  assert.equal(analysis.keptEpochs, [1, 2]);
  const early = await analysis.atEpoch(1);
  assert.equal([early.checkpoint.epoch, early.path], [1, analysis.path]);
  assert.not.equal(early.parameters, analysis.parameters);
  await early.dispose();
});

test('interventions of an experiment reach the trials of an earlier epoch once, as they do those of the last', async () => {
  const experiment = tinyExperiment({
    models: [{ cell: 'gru', hiddenSize: 4 }],
    interventions: [{ kind: 'input-pulse', channel: 0, height: 2, from: 3, duration: 4 }],
    'training.epochs': 2,
    'training.checkpointEpochs': [1],
  });
  const pulsed = memoryStorage();
  const directory = await openExperimentDirectory(pulsed, experiment);
  for await (const event of train(experiment, { backend })) await directory.handle(event);
  await directory.finish();
  const last = await openAnalysis(pulsed, { backend });
  const early = await last.atEpoch(1);
  assert.equal((await early.getTrueInputs()).values, (await last.getTrueInputs()).values);
  await early.dispose();
  await last.dispose();
});

test('latents of every epoch lie on the axes of the last, or each on its own, with the share of variance along them', async () => {
  const shared = await analyseEpochs(analysis, { starts: 4 });
  assert.equal(
    shared.epochs.map(({ epoch }) => epoch),
    [1, 2, 3],
  );
  const own = await analyseEpochs(analysis, { basis: 'own', starts: 0 });
  const early = await analysis.atEpoch(1);
  const latents = await early.getLatents('validation');
  const first = latents.values.subarray(0, latents.steps * latents.width);
  for (const [found, pca] of [
    [shared, await analysis.getPca('validation')],
    [own, await early.getPca('validation')],
  ] as const) {
    const [snapshot] = found.epochs;
    project(pca, first).forEach((value, i) => assert.ok(Math.abs(value - (snapshot?.latents.values[i] as number)) < 1e-4 * Math.max(1, Math.abs(value))));
  }
  const ratios = (await early.getPca('validation')).ratios;
  const leading = (ratios[0] as number) + (ratios[1] as number) + (ratios[2] as number);
  assert.ok(Math.abs((own.epochs[0]?.explained as number) - leading) < 1e-4);
  assert.ok((shared.epochs[0]?.explained as number) <= leading + 1e-9, 'no axes hold more than its own');
  await early.dispose();
  for (const { fixedPoints } of shared.epochs)
    assert.ok(fixedPoints && fixedPoints.unique === fixedPoints.points.length && fixedPoints.stable <= fixedPoints.unique);
  assert.is(own.epochs[0]?.fixedPoints, null);
});

test('analyse measures epochs where it is asked for them only', async () => {
  assert.is((await analyseDynamics(analysis, { only: ['decoding'] })).summary.epochs, null);
  assert.is((await analyseDynamics(analysis, { only: ['epochs'], starts: 2 })).summary.epochs?.epochs.length, 3);
});

test('a run without kept epochs is refused with what to do', async () => {
  const early = await analysis.atEpoch(1);
  let message = '';
  await analyseEpochs(early).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, /epochs: expected a run with checkpoints of chosen epochs, got none; name them in training\.checkpointEpochs/);
  await early.dispose();
});

test.run();
