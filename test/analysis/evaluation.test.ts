// Evaluating trained networks in a changed environment: the same trials in both, what differs and what must not, the page and its files, and what is refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluateRun } from '../../src/analysis/evaluation.js';
import { openAnalyses } from '../../src/analysis/open-analysis.js';
import { isCurrent, readTests, testRuns } from '../../src/analysis/run-tests.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { type Experiment, type ExperimentTest, parseExperiment } from '../../src/config/experiment.js';
import { train } from '../../src/config/train.js';
import { ConfigError } from '../../src/errors.js';
import { evaluateAndWrite } from '../../src/jobs/evaluate.js';
import { openExperimentDirectory } from '../../src/runs/experiment-directory.js';
import { findExperiment } from '../../src/runs/find-experiment.js';
import { type MemoryStorage, memoryStorage } from '../../src/runs/memory-storage.js';
import { readNpy } from '../../src/runs/npy.js';
import { tinyExperiment } from '../support/tiny-experiment.js';

const backend = await createWasmBackend({ threads: 1 });
test.after(() => backend.dispose());

async function trained(experiment: Experiment): Promise<MemoryStorage> {
  const storage = memoryStorage();
  const directory = await openExperimentDirectory(storage, experiment);
  for await (const event of train(experiment, { backend })) await directory.handle(event);
  await directory.finish();
  return storage;
}

const flipflop = await trained(
  tinyExperiment({
    models: [
      { cell: 'gru', hiddenSize: 4 },
      { cell: 'lstm', hiddenSize: 3 },
    ],
  }),
);
const reaching = await trained(
  parseExperiment(
    {
      name: 'reach',
      task: { name: 'centre-out-reach', steps: 70, goTime: 0.1, effector: { effector: 'FreePointMass24' } },
      data: { trials: 16, validationFraction: 0.5 },
      training: { epochs: 1, batchSize: 8 },
      models: [{ cell: 'gru', hiddenSize: 5 }],
      interventions: [{ kind: 'curl-field', strength: 8, trials: { every: 2 } }],
    },
    'reach',
  ),
);

const problemsOf = async (options: Partial<Parameters<typeof evaluateRun>[1]>, storage = flipflop): Promise<string> => {
  try {
    await evaluateRun(storage, { backend, ...options });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
};

test('a lesion in half of the trials: scores side by side, the other half untouched bit for bit, the same on two threads', async () => {
  const options = { interventions: [{ kind: 'unit-lesion', units: { list: [0, 1] }, from: 4, until: 8, trials: { every: 2 } }] };
  const { summary, arrays, perturbed, trialIndices } = await evaluateRun(flipflop, { backend, phase: 'all', ...options });
  assert.equal(
    summary.networks.map(({ path }) => path),
    ['GRU-4/seed-7', 'LSTM-3/seed-7'],
  );
  assert.equal(
    Array.from(perturbed),
    Array.from(trialIndices, (trial) => (trial % 2 === 0 ? 1 : 0)),
  );
  assert.equal([summary.trials.count, summary.trials.perturbed, summary.name], [20, 10, 'unit-lesion']);
  for (const [i, { untouched, deviation, scores }] of summary.networks.entries()) {
    assert.equal(untouched, { trials: 10, identical: true });
    assert.is(deviation?.trials, 10);
    assert.is(deviation?.ending, 10);
    assert.ok((deviation?.mean[0] as number) > 0 && deviation?.across === null);
    assert.equal(
      scores.map(({ name }) => name),
      ['loss', 'bitAccuracy', 'trialAccuracy'],
    );
    assert.is.not(scores[0]?.own, scores[0]?.changed);
    assert.is(scores[0]?.difference?.trials, 20);
    assert.equal(arrays[i]?.own.shape, [20, 12, summary.task.outputLabels.length]);
  }
  // what a network does in its own environment is what every analysis sees
  const [analysis] = await openAnalyses(flipflop, { backend });
  const { controlled } = (await analysis?.getModelOutputs('all')) ?? {};
  assert.equal(Array.from(arrays[0]?.own.values ?? []), Array.from(controlled?.values ?? []));
  const two = await createWasmBackend({ threads: 2 });
  const again = await evaluateRun(flipflop, { backend: two, phase: 'all', ...options });
  await two.dispose();
  assert.equal(again.arrays, arrays);
  assert.equal(again.summary.networks, summary.networks);
});

test('options of the task may differ on the same trials, and those of the data in both environments', async () => {
  const { summary } = await evaluateRun(flipflop, { backend, set: { 'task.noise': 0.5, 'data.trials': 40, 'data.seed': 3 } });
  assert.equal([summary.trials.count, summary.trials.perturbed, summary.trials.seed], [8, 8, 3]);
  assert.equal(summary.changes, ['task.noise 0.5']);
  assert.is(summary.name, 'noise-0.5');
  assert.is(summary.networks[0]?.untouched.trials, 0);
  assert.equal(summary.shown.ownTargets, summary.shown.changedTargets);
});

test('without the field that it learned in: the trials of the field are concerned, the others are not', async () => {
  const { summary } = await evaluateRun(reaching, { backend, set: { interventions: [] } });
  assert.equal(summary.changes, ['without: curl field, clockwise 8 N·s/m, in every 2nd trial']);
  assert.is(summary.name, 'without-interventions');
  const [network] = summary.networks;
  assert.is((network?.deviation?.trials ?? 0) + (network?.untouched.trials ?? 0), 8);
  assert.is(network?.untouched.identical, true);
  assert.is(network?.deviation?.across?.length, 70);
  const sideways = network?.scores.find(({ name }) => name === 'sidewaysDeviation');
  assert.ok(sideways?.difference && sideways.difference.trials === 8);
  assert.is(summary.reach?.own.length, 8);
});

test('an intervention that the environment has already counts again; one that does nothing is told; outputs that are no numbers are refused', async () => {
  const field = { kind: 'curl-field', strength: 8, trials: { every: 2 } };
  const { summary } = await evaluateRun(reaching, { backend, interventions: [field], phase: 'all' });
  assert.equal(summary.changes, ['curl field, clockwise 8 N·s/m, in every 2nd trial']);
  assert.equal([summary.trials.perturbed, summary.networks[0]?.untouched], [8, { trials: 8, identical: true }]);
  const idle = { kind: 'fixed-field', force: [1, 0], phase: 'train' };
  const nothing = await evaluateRun(reaching, { backend, interventions: [idle] });
  assert.equal(nothing.summary.notes, [
    'fixed field (1, 0) N, in training: does nothing in any of the 8 trials evaluated; phase all evaluates every trial of the data set.',
  ]);
  const huge = [{ kind: 'stimulation', amplitude: 3e38 }];
  await evaluateRun(flipflop, { backend, interventions: [...huge, ...huge] }).then(
    () => assert.unreachable(),
    (error: Error) => {
      assert.is(error.name, 'NumericsError');
      assert.match(error.message, /GRU-4, seed 7: expected finite outputs in the changed environment, got (NaN|-?Infinity) in trial \d+ at step \d+/);
    },
  );
});

test('tests of an experiment do what it does, or what they say instead', async () => {
  const { experiment } = await findExperiment(reaching);
  const field = { kind: 'curl-field', strength: 8, trials: { every: 2 } };
  const asked = (interventions: object[], trials: number) => ({ interventions, trials, seed: 3 });
  const tests = [{ trials: 8, seed: 3 }, asked([field], 8), asked([], 8), asked([{ kind: 'strength', muscles: { all: 0 } }], 8)];
  const named = tests.map((test, i) => ({ ...test, name: `test-${i}` }));
  await testRuns({ backend, storage: reaching, experiment: parseExperiment({ ...experiment, tests: named }, 'reach') });
  const done = await readTests(reaching, 'GRU-5/seed-0');
  const [as, same, without, weak] = done?.tests ?? [];
  assert.equal([same?.loss, same?.metrics], [as?.loss, as?.metrics]);
  assert.is.not(without?.loss, as?.loss);
  assert.is(weak?.metrics.peakSpeed, 0);
  assert.equal([as?.interventions, without?.interventions], [undefined, []]);
  assert.is(isCurrent(done, named.map((test) => ({ ...test, task: {} })) as unknown as readonly ExperimentTest[], 1), false, 'defaults are filled in');
  assert.is(isCurrent(done, done?.tests ?? [], 1), true);
});

test('the page, its figures, tables and arrays are written; names are escaped; a directory that holds something is refused', async () => {
  const target = memoryStorage();
  const job = { storage: reaching, backend, png: null, name: 'jump', interventions: [{ kind: 'target-jump', by: [0.03, 0] }], target: async () => target };
  const { summary, written } = await evaluateAndWrite(job);
  for (const file of [
    'evaluation.html',
    'evaluation.json',
    'tables/scores.csv',
    'arrays/trials.npy',
    'arrays/GRU-5_seed-0_outputs_changed.npy',
    'figures/paths-gru-5-changed.svg',
  ])
    assert.ok(written.includes(file), `${file}\n${written.join('\n')}`);
  const { shape } = readNpy(await target.read('arrays/GRU-5_seed-0_outputs_own.npy'), 'own');
  assert.equal(shape, [8, 70, 2]);
  assert.equal(JSON.parse(new TextDecoder().decode(await target.read('evaluation.json'))), JSON.parse(JSON.stringify(summary)));
  const page = new TextDecoder().decode(await target.read('evaluation.html'));
  for (const words of ['reach: jump', 'target jumps by (0.03, 0) m', 'sideways deviation (cm)', 'Hand paths']) assert.ok(page.includes(words), words);
  assert.not.match(page.slice(page.indexOf('<body>'), page.indexOf('<script')), /NaN|undefined|null/);
  try {
    await evaluateAndWrite(job);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, 'expected a new or empty directory');
  }
});

test('what makes no environment for these networks is refused by name', async () => {
  assert.match(await problemsOf({}), 'expected something that differs from the trained environment, got nothing');
  assert.match(
    await problemsOf({ set: { 'training.epochs': 3, 'models.0.hiddenSize': 3 } }),
    'training.epochs: expected an option of task, data or interventions',
  );
  assert.match(await problemsOf({ set: { 'task.bits': 4 } }), 'expected an environment for networks with');
  assert.match(
    await problemsOf({
      interventions: [
        { kind: 'curl-field', strength: 1 },
        { kind: 'unit-lesion', units: { list: [3] } },
      ],
    }),
    'interventions.1.units.list.0: expected a unit below 3, as LSTM-3 has, got 3',
  );
  assert.match(await problemsOf({ interventions: [{ kind: 'channel' }], checkpoint: 77 }, reaching), 'expected a run with a checkpoint "77"');
});

test.run();
