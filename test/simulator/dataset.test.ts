import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { trialArray } from '../../src/analysis/trials.js';
import { sortArrays } from '../../src/runs/foreign-arrays.js';
import { readHdf5 } from '../../src/runs/hdf5.js';
import { readNpz } from '../../src/runs/npz.js';
import { renderSpikes } from '../../src/report/spikes-page.js';
import { pageFigures } from '../../src/report/export-figures.js';
import { datasetArrays, readEmbedding, writeDataset } from '../../src/simulator/dataset.js';
import type { SimulatedRun } from '../../src/simulator/simulate-run.js';
import { NeuralSimulator, type SimulatorTrials } from '../../src/simulator/simulator.js';
import { spikesView } from '../../src/simulator/statistics.js';
import { normalAt, randomKey } from '../../src/random.js';

/** Ten trials of 20 steps, of which 8 train: 6 units, 4 neurons, one held out. */
function simulated(given: Partial<SimulatorTrials> = {}): SimulatedRun {
  const key = randomKey(1, 'latents');
  const latents = trialArray(
    Float32Array.from({ length: 10 * 20 * 6 }, (_, i) => normalAt(key, 0, i)),
    [10, 20, 6],
  );
  const inputs = trialArray(
    Float32Array.from({ length: 10 * 20 * 2 }, (_, i) => i),
    [10, 20, 2],
  );
  const extra = trialArray(
    Float32Array.from({ length: 20 }, (_, i) => i % 7),
    [10, 1, 2],
  );
  const simulator = new NeuralSimulator({ neurons: 4, heldOut: 1 });
  const indices = Int32Array.from({ length: 10 }, (_, i) => (i * 7) % 10);
  const trials = simulator.simulate({ latents, inputs, extra, events: [0, 1], indices, ...given });
  return {
    ...{ trials, training: 8, embedding: simulator.embedding as NonNullable<typeof simulator.embedding>, options: simulator.options },
    ...{ run: 'GRU-6/seed-0', name: 'GRU-6, seed 0', experiment: 'try', checkpoint: { which: 'last', epoch: 3 }, dataSeed: 0 },
    ...{ steps: 20, stepDuration: 0.01, events: ['target on', 'go cue'], noise: 'as in training' },
  };
}

test('a data set has every key, trials that train apart from those that validate, held-out neurons last', () => {
  const arrays = datasetArrays(simulated());
  const shapes = Object.fromEntries([...arrays].map(([name, { shape }]) => [name, shape]));
  assert.equal(shapes, {
    train_encod_data: [8, 20, 3],
    train_recon_data: [8, 20, 4],
    train_activity: [8, 20, 4],
    train_latents: [8, 20, 6],
    train_inputs: [8, 20, 2],
    train_extra: [8, 2],
    train_inds: [8],
    valid_encod_data: [2, 20, 3],
    valid_recon_data: [2, 20, 4],
    valid_activity: [2, 20, 4],
    valid_latents: [2, 20, 6],
    valid_inputs: [2, 20, 2],
    valid_extra: [2, 2],
    valid_inds: [2],
    perm: [4],
    readout: [6, 4],
    mean: [1],
    std: [1],
  });
  const of = (name: string) => Array.from((arrays.get(name) as { data: Iterable<number> }).data);
  const [encoded, all] = [of('valid_encod_data'), of('valid_recon_data')];
  assert.equal(
    encoded,
    all.filter((_, i) => i % 4 < 3),
  );
  assert.equal([...of('train_inds'), ...of('valid_inds')], [0, 7, 4, 1, 8, 5, 2, 9, 6, 3]);
  // activity of a neuron = latents · readout, standardised, and through exp
  const [readout, latents, mean, std] = [of('readout'), of('valid_latents'), of('mean')[0] as number, of('std')[0] as number];
  assert.is(
    readout.reduce((sum, value) => sum + value, 0),
    4,
  );
  of('valid_activity').forEach((rate, i) => {
    let value = 0;
    for (let unit = 0; unit < 6; unit++) value += (latents[Math.floor(i / 4) * 6 + unit] as number) * (readout[unit * 4 + (i % 4)] as number);
    assert.ok(Math.abs(Math.log(rate) - (value - mean) / (2 * std)) < 1e-6);
  });
});

for (const format of ['npz', 'h5'] as const) {
  test(`a data set comes back from .${format} as it was, its embedding too, and imports as latents and rates`, async () => {
    const given = simulated();
    const arrays = datasetArrays(given);
    const bytes = await writeDataset(arrays, format, 'spikes');
    const read = format === 'npz' ? readNpz(bytes, 'spikes') : await readHdf5(bytes, 'spikes');
    for (const [name, { shape, data }] of arrays) {
      assert.equal(read.get(name)?.shape, [...shape], name);
      assert.equal(read.get(name)?.data, data.slice(), name);
    }
    assert.is(read.size, arrays.size);
    assert.equal(await readEmbedding(bytes, 'spikes'), given.embedding);
    const { used } = sortArrays(read, 'spikes');
    assert.equal(used.slice(0, 3), [
      'latents from train_latents, valid_latents',
      'rates from train_activity, valid_activity',
      'inputs from train_inputs, valid_inputs',
    ]);
  });
}

test('a file without an embedding is refused with what it holds', async () => {
  const bytes = await writeDataset(new Map([['latents', { shape: [2], data: Float32Array.of(1, 2) }]]), 'npz', 'x');
  let message = '';
  await readEmbedding(bytes, 'x.npz').catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, /x\.npz: expected perm \[N\], readout \[H, N\], mean and std of a simulated data set, got latents/);
});

test('the page shows spikes, rates and single neurons of two trials, and whether counts keep to their rates', () => {
  const view = spikesView(simulated());
  assert.is(view.shown.length, 2);
  assert.equal(
    view.shown.map(({ trial }) => trial),
    [6, 3],
  );
  const page = renderSpikes(view);
  assert.equal(
    pageFigures(page).map(({ name }) => name),
    [1, 2]
      .flatMap((i) => [`trial-${i}-spikes`, `trial-${i}-rates-they-were-drawn-from`, `trial-${i}-counts-against-the-rate`])
      .concat(['counts-mean-count-of-each-neuron', 'counts-fano-factor-given-the-rate']),
  );
  assert.match(page, '4 neurons watch 10 trials of 20 steps (8 for training)');
  assert.not.match(page.replace(/<script[\s\S]*?<\/script>/g, ''), /NaN|undefined|Infinity/);
  assert.is(renderSpikes(spikesView(simulated())), page);
});

test.run();
