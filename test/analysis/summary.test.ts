// A summary of tiny runs on the reference backend: everything in it is checked against the same thing computed in another way.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pcaOfRows, project } from '../../src/analysis/pca.js';
import { summariseExperiment } from '../../src/analysis/summary.js';
import type { ExperimentSummary, RunSummary } from '../../src/analysis/summary-data.js';
import { writeSummary } from '../../src/analysis/write-summary.js';
import type { Backend } from '../../src/backends/backend.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { type Experiment, modelOptionsOf } from '../../src/config/experiment.js';
import { prepareExperiment, train } from '../../src/config/train.js';
import { RunFormatError } from '../../src/errors.js';
import { createModel } from '../../src/models/model.js';
import { evaluate } from '../../src/rollout/evaluate.js';
import { openExperimentDirectory } from '../../src/runs/experiment-directory.js';
import { memoryStorage } from '../../src/runs/memory-storage.js';
import { readNpy } from '../../src/runs/npy.js';
import { openRun } from '../../src/runs/open-run.js';
import type { Storage } from '../../src/runs/storage.js';
import { assertClose } from '../support/assert-close.js';
import { assertRejects } from '../support/storage.js';
import { tinyExperiment } from '../support/tiny-experiment.js';

const environment = { version: '0', commit: null, runtime: 'test', machine: 'test', command: null, date: null };

async function trained(experiment: Experiment, backend: Backend): Promise<Storage> {
  const storage = memoryStorage();
  const directory = await openExperimentDirectory(storage, experiment);
  for await (const event of train(experiment, { backend })) await directory.handle(event);
  await directory.finish();
  return storage;
}

test('agrees with a rollout of all trials at once', async () => {
  const backend = createReferenceBackend();
  const experiment = tinyExperiment({ replicates: 2, 'models.0.stateNoise': 0.1 });
  const storage = await trained(experiment, backend);
  const summary = await summariseExperiment({ experiment, storage, backend, environment, shownTrials: 3 });
  const { task, data } = await prepareExperiment(experiment);
  assert.equal(
    summary.runs.map(({ path }) => path),
    ['GRU-4/seed-7', 'GRU-4/seed-8', 'NODE-3/seed-7', 'NODE-3/seed-8'],
  );
  assert.equal(
    summary.runs.map(({ latents }) => latents !== null),
    [true, false, true, false],
  );
  for (const run of summary.runs) {
    const entry = experiment.models.find(({ name }) => name === run.model) as Experiment['models'][number];
    const model = createModel(modelOptionsOf(entry), task.inputSize, task.outputSize);
    const parameters = await (await openRun(storage, run.path)).parameters(model);
    const all = await evaluate(backend, model, parameters, data.set, { seed: run.seed, states: true });
    const pca = await pcaOfRows(all.states as Float32Array, model.stateSize);
    const ratios = [...pca.ratios.subarray(0, 10)];
    assertClose(run.scree.ratios, ratios, { case: `scree of ${run.path}`, atol: 2e-5 });
    assert.is(run.scree.samples, 20 * 12);
    // training recorded the same loss on the same trials with the same noise
    assertClose([run.evaluation.loss as number], [run.final.validationLoss as number], { case: `loss of ${run.path}`, rtol: 1e-4 });
    assertClose([run.evaluation.metrics.bitAccuracy as number], [run.final.metrics.bitAccuracy as number], { case: 'bit accuracy', rtol: 1e-4 });
    if (!run.latents || !run.outputs) continue;
    assert.equal(
      [run.latents.shape, run.outputs.shape],
      [
        [3, 12, 3],
        [3, 12, 2],
      ],
    );
    const trial = data.validationIndices[2] as number;
    const states = (all.states as Float32Array).subarray(trial * 12 * model.stateSize, (trial + 1) * 12 * model.stateSize);
    assertClose(run.latents.values.slice(2 * 12 * 3), project(pca, states, 3), { case: 'latents of the third trial', atol: 1e-4 });
    assertClose(run.outputs.values.slice(2 * 12 * 2), all.outputs.subarray(trial * 24, (trial + 1) * 24), {
      case: 'outputs of the third trial',
      rtol: 1e-4,
      atol: 1e-7,
    });
  }
  checkSimilarity(summary);
  assert.is(backend.bytesInUse(), 0);
  await backend.dispose();
});

function checkSimilarity({ similarity, runs }: ExperimentSummary): void {
  assert.ok(similarity);
  assert.equal(similarity.runs, [0, 1, 2, 3]);
  runs.forEach((_, i) => assertClose([similarity.r2[i]?.[i] as number], [1], { case: 'a network and itself', atol: 1e-5 }));
  assert.ok(similarity.r2.flat().every((value) => value !== null && value <= 1));
  assert.is.not(similarity.r2[0]?.[2], similarity.r2[2]?.[0], 'the two directions differ');
  assert.equal([similarity.trainingSamples, similarity.validationSamples], [16 * 12, 4 * 12]);
}

test('counts memory states over the samples that the loss counts', async () => {
  const backend = createReferenceBackend();
  const experiment = tinyExperiment();
  const summary = await summariseExperiment({ experiment, storage: await trained(experiment, backend), backend, environment });
  const { task, data } = await prepareExperiment(experiment);
  const weights = task.loss.weights(data.set) as Float32Array;
  const run = summary.runs[0] as RunSummary;
  assert.equal(
    run.memory?.map(({ label }) => label),
    ['00', '01', '10', '11'],
  );
  let scored = 0;
  for (const trial of data.validationIndices)
    for (let step = 0; step < 12; step++) scored += weights[(trial * 12 + step) * 2] && weights[(trial * 12 + step) * 2 + 1] ? 1 : 0;
  assert.is(
    run.memory?.reduce((sum, { samples }) => sum + samples, 0),
    scored,
  );
  assert.ok(summary.constantLoss !== null && summary.constantLoss > 0 && summary.constantLoss < 0.5);
  await backend.dispose();
});

test('is plain data, the same each time, and lies beside the runs as JSON and NumPy arrays', async () => {
  const backend = createReferenceBackend();
  const experiment = tinyExperiment();
  const storage = await trained(experiment, backend);
  const summary = await summariseExperiment({ experiment, storage, backend, environment });
  const again = await summariseExperiment({ experiment, storage, backend, environment });
  assert.is(JSON.stringify(again), JSON.stringify(summary));
  assert.equal(JSON.parse(JSON.stringify(summary)), summary);
  await writeSummary(storage, summary);
  assert.equal(JSON.parse(new TextDecoder().decode(await storage.read('analysis.json'))), summary);
  const latents = readNpy(await storage.read('NODE-3/seed-7/arrays/latents_pca.npy'), 'latents');
  assert.equal([[...latents.shape], [...latents.data]], [summary.runs[1]?.latents?.shape, summary.runs[1]?.latents?.values]);
  await backend.dispose();
});

test('names runs that are missing, and refuses a directory without any', async () => {
  const backend = createReferenceBackend();
  const experiment = tinyExperiment();
  const storage = await trained(experiment, backend);
  const more = tinyExperiment({ replicates: 2 });
  const summary = await summariseExperiment({ experiment: more, storage, backend, environment });
  assert.is(summary.runs.length, 2);
  assert.equal(summary.notes, ['GRU-4, seed 8 was not trained yet.', 'NODE-3, seed 8 was not trained yet.']);
  await assertRejects(
    summariseExperiment({ experiment, storage: memoryStorage(), backend, environment }),
    RunFormatError,
    'at least one run with a checkpoint',
  );
  await backend.dispose();
});

test('stops when it is told to', async () => {
  const backend = createReferenceBackend();
  const experiment = tinyExperiment();
  const storage = await trained(experiment, backend);
  const reason = new RunFormatError('stop');
  await assertRejects(summariseExperiment({ experiment, storage, backend, environment, signal: AbortSignal.abort(reason) }), RunFormatError, 'stop');
  assert.is(backend.bytesInUse(), 0);
  await backend.dispose();
});

test.run();
