// Phases of a small network on two memory tasks: arrays know the lengths and phases of trials, parts have their points, ways begin and end at those, spikes stop with the trial.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { analysePhases, type PhaseDynamics } from '../../src/analysis/phase-dynamics.js';
import { openAnalysis } from '../../src/analysis/open-analysis.js';
import type { RunAnalysis } from '../../src/analysis/run-analysis.js';
import { trialParts } from '../../src/analysis/trial-parts.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { parseExperiment } from '../../src/config/experiment.js';
import { prepareExperiment, train } from '../../src/config/train.js';
import type { ConfigError } from '../../src/errors.js';
import { openExperimentDirectory } from '../../src/runs/experiment-directory.js';
import { memoryStorage } from '../../src/runs/memory-storage.js';
import { NeuralSimulator } from '../../src/simulator/simulator.js';
import { simulateRun } from '../../src/simulator/simulate-run.js';
import { datasetArrays } from '../../src/simulator/dataset.js';

const backend = createReferenceBackend();
const experiment = parseExperiment(
  {
    name: 'memory',
    task: { name: 'multitask', tasks: ['MemoryPro', 'MemoryAnti', 'ReactPro'], binSize: 50 },
    data: { trials: 20, validationFraction: 0.5 },
    training: { epochs: 1, batchSize: 10 },
    models: [{ cell: 'gru', hiddenSize: 5 }],
  },
  'memory',
);
let analysis: RunAnalysis;
let found: PhaseDynamics;

test.before(async () => {
  const storage = memoryStorage();
  const directory = await openExperimentDirectory(storage, experiment);
  for await (const event of train(experiment, { backend })) await directory.handle(event);
  await directory.finish();
  analysis = await openAnalysis(storage, { backend });
  found = await analysePhases(analysis, { trialPhases: ['mem1', 'response'], starts: 6, steps: 3, noise: { noiseless: true } });
});

test.after(async () => {
  await analysis.dispose();
  await backend.dispose();
});

test('arrays of trials of different length know them, in the order of phases of the data', async () => {
  const { data } = await prepareExperiment(experiment);
  const order = await analysis.getTrialIndices();
  assert.equal(order, Int32Array.from([...data.trainingIndices, ...data.validationIndices]));
  const lengths = Int32Array.from(order, (trial) => data.set.lengths?.[trial] as number);
  for (const array of [await analysis.getLatents(), await analysis.getInputs(), await analysis.getTargets()]) assert.equal(array.lengths, lengths);
  assert.equal(await analysis.getTrialLengths('validation'), lengths.slice(10));
  assert.equal((await analysis.getLatents('validation')).lengths, lengths.slice(10));
  assert.equal(
    await analysis.getTrialPhases('train'),
    Array.from(data.trainingIndices, (trial) => data.set.phases?.[trial]),
  );
});

test('conditions and phases of a battery cover every step of its trials exactly once', async () => {
  const parts = await trialParts(analysis);
  assert.equal([...parts.conditionNames].sort(), ['MemoryAnti', 'MemoryPro', 'ReactPro']);
  assert.equal(parts.phaseNames, ['context', 'stim1', 'mem1', 'response']);
  const cover = new Uint8Array(20 * analysis.trials.steps);
  for (const part of parts.parts())
    parts.mask(part).forEach((value, i) => {
      cover[i] = (cover[i] as number) + value;
    });
  const lengths = await analysis.getTrialLengths();
  cover.forEach((value, i) => assert.is(value, i % analysis.trials.steps < (lengths[Math.floor(i / analysis.trials.steps)] as number) ? 1 : 0));
});

test('fixed points are found for each condition and phase, under the input of its first trial', async () => {
  assert.equal(found.conditions, ['MemoryPro', 'MemoryAnti']);
  assert.equal(
    found.parts.map(({ condition, phase }) => [condition, phase]),
    ['MemoryPro', 'MemoryAnti'].flatMap((condition) => ['mem1', 'response'].map((phase) => [condition, phase])),
  );
  for (const part of found.parts) {
    assert.ok(part.unique >= 1 && part.points.length === part.unique, 'a network of five tanh units rests somewhere');
    assert.is(
      part.byIndex.reduce((sum, count) => sum + count, 0),
      part.unique,
    );
    // fixation is on in the memory and off in the response; one rule is on
    assert.is(part.input[0], part.phase === 'mem1' ? 1 : 0);
    assert.equal(
      part.input.slice(5).reduce((sum, value) => sum + value, 0),
      1,
    );
    assert.is(part.trajectories.shape[2], 3);
  }
});

test('ways lead from phase to phase and from condition to condition, and end at the points of the parts', () => {
  assert.equal(
    found.ways.map(({ from, to }) => [from, to]),
    [
      ['MemoryPro, mem1', 'MemoryPro, response'],
      ['MemoryAnti, mem1', 'MemoryAnti, response'],
      ['MemoryPro, mem1', 'MemoryAnti, mem1'],
      ['MemoryPro, response', 'MemoryAnti, response'],
    ],
  );
  for (const { from, to, steps } of found.ways) {
    assert.equal(
      steps.map(({ share }) => share),
      [0, 0.5, 1],
    );
    for (const [step, name] of [
      [0, from],
      [2, to],
    ] as const) {
      const part = found.parts.find(({ condition, phase }) => `${condition}, ${phase}` === name);
      for (const point of part?.points ?? []) {
        const nearest = Math.min(
          ...(steps[step]?.points ?? []).map(({ scores }) => Math.hypot(...scores.map((value, i) => value - (point.scores[i] as number)))),
        );
        assert.ok(nearest < 1e-3, `a point of ${name} is ${nearest} from the nearest one on the way`);
      }
    }
  }
});

test('subspaces of all parts are compared, each with itself by 1', () => {
  const { names, ratios } = found.subspaces;
  assert.is(names.length, 4);
  ratios.forEach((row, r) => row.forEach((value, c) => assert.ok(value !== null && value >= 0 && value <= 1 && (r !== c || value === 1))));
});

test('names that the task does not have are refused together', async () => {
  let message = '';
  await analysePhases(analysis, { conditions: ['MemoryPro', 'Nothing'], trialPhases: ['stim9'] }).catch((error: ConfigError) => {
    message = error.message;
  });
  assert.match(message, /conditions: expected some of .*, got "Nothing"\n.*trial phases: expected some of context, stim1, mem1, response, got "stim9"/s);
});

test('spikes end with the trial, and a data set says where', async () => {
  const simulated = await simulateRun(new NeuralSimulator({ neurons: 7, heldOut: 2 }), analysis, { noiseless: true });
  const arrays = datasetArrays(simulated);
  const lengths = arrays.get('train_lengths');
  assert.equal(lengths?.data, (await analysis.getTrialLengths('train')).slice());
  const { steps } = analysis.trials;
  assert.equal(arrays.get('valid_recon_data')?.shape, [10, steps, 7]);
  const spikes = simulated.trials.spikes;
  spikes.forEach((count, i) => {
    const trial = Math.floor(i / (7 * steps));
    if (count > 0) assert.ok(Math.floor(i / 7) % steps < (simulated.trials.rates.lengths?.[trial] as number));
  });
  assert.ok(spikes.some((count) => count > 0));
});

test.run();
