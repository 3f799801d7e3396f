// motorloop simulate: a data set, its page and its description in the run; the same neurons on other trials as HDF5; what cannot be is named before anything is written.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readHdf5 } from '../../src/runs/hdf5.js';
import { readNpz } from '../../src/runs/npz.js';
import { motorloop, tinyExperiment, workFolder } from './cli.js';

const folder = workFolder({ 'tiny.json': tinyExperiment({ models: [{ cell: 'gru', hiddenSize: 5 }] }) });
const at = (...names: string[]) => join(folder.path, ...names);
const run = join('made', 'GRU-5', 'seed-0');

test.before(async () => {
  const { code, errors } = await motorloop(['run', 'tiny.json', '--out', 'made', '--quiet'], folder.path);
  assert.is(code, 0, errors);
});

test.after(() => folder.remove());

test('spikes of a run go into it, and the same neurons watch other trials', async () => {
  const first = await motorloop(['simulate', 'made', '--neurons', '12', '--held-out', '3', '--no-png', '--json', 'first.json'], folder.path);
  assert.is(first.code, 0, first.errors);
  const { files, arrays, statistics } = JSON.parse(readFileSync(at('first.json'), 'utf8')).simulated[0];
  assert.equal(files.slice(0, 3), ['spikes.npz', 'spikes.html', 'spikes.json']);
  assert.equal(
    [arrays.train_encod_data, arrays.valid_recon_data],
    [
      [16, 30, 9],
      [4, 30, 12],
    ],
  );
  assert.ok(statistics.meanRate > 0.5);
  assert.is(JSON.parse(readFileSync(at(run, 'spikes.json'), 'utf8')).options.heldOut, 3);
  const made = readNpz(new Uint8Array(readFileSync(at(run, 'spikes.npz'))), 'spikes.npz');

  const again = ['simulate', run, '--embedding', join(run, 'spikes.npz'), '--trials', '10', '--data-seed', '5', '--out', 'more.h5', '--no-png', '--quiet'];
  const more = await motorloop(again, folder.path);
  assert.is(more.code, 0, more.errors);
  const others = await readHdf5(new Uint8Array(readFileSync(at('more.h5'))), 'more.h5');
  for (const name of ['perm', 'mean', 'std', 'readout']) assert.equal(others.get(name), made.get(name), name);
  assert.equal(others.get('train_recon_data')?.shape, [8, 30, 12]);
});

test('what cannot be is named, and nothing is written', async () => {
  const before = folder.list();
  const refused: [string[], RegExp][] = [
    [['--out', 'spikes.csv'], /--out: expected a file ending in \.npz or \.h5, got "spikes\.csv"/],
    [['--neurons', '4', '--held-out', '4', '--trim', '0,9'], /heldOut: expected a whole number from 0 to 3, got 4\n.*trim: expected two whole numbers/s],
  ];
  for (const [args, message] of refused) {
    const { code, errors } = await motorloop(['simulate', 'made', ...args], folder.path);
    assert.is(code, 2, errors);
    assert.match(errors, message);
  }
  assert.equal(folder.list(), before);
});

test.run();
