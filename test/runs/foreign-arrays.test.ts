// Arrays from elsewhere: which name is what, what is refused; HDF5 files as h5py writes them, damaged ones and links out of them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RunFormatError } from '../../src/errors.js';
import { sortArrays } from '../../src/runs/foreign-arrays.js';
import { readHdf5 } from '../../src/runs/hdf5.js';
import type { ArrayTensor } from '../../src/runs/safetensors.js';
import { assertRejects } from '../support/storage.js';

const one: ArrayTensor = { shape: [1, 1, 1], data: Float32Array.of(1) };
const sort = (...names: string[]) => sortArrays(new Map(names.map((name) => [name, one])), 'x');

test('arrays are known by their names', () => {
  const { used, ignored } = sort(
    'train_latents',
    'valid_latents',
    'train_activity',
    'valid_activity',
    'train_inputs',
    'valid_inputs',
    'train_encod_data',
    'perm',
  );
  assert.equal(used, ['latents from train_latents, valid_latents', 'rates from train_activity, valid_activity', 'inputs from train_inputs, valid_inputs']);
  assert.equal(ignored, ['train_encod_data', 'perm']);
  assert.equal(sort('latents', 'targets').used, ['latents from latents', 'targets from targets']);
  assert.equal(sort('hidden_states.train', 'hidden_states.val').used, ['latents from hidden_states.train, hidden_states.val']);
  assert.equal(sort('train', 'validation').used, ['latents from train, validation']);
});

test('what is missing or there twice is named, with all that there is', () => {
  const refused = (part: RegExp, ...names: string[]) =>
    assert.throws(
      () => sort(...names),
      (error: unknown) => error instanceof RunFormatError && part.test(error.message),
    );
  refused(/got weights \[1, 1, 1\]: there are no latents/, 'weights');
  refused(/got no arrays of numbers/);
  refused(/latents of validation trials are missing beside train_latents/, 'train_latents');
  refused(/latents of train is claimed by train_latents and latents_train/, 'train_latents', 'latents_train', 'valid_latents');
  refused(/there are no latents/, '__proto__', 'constructor');
});

async function hdf5(fill: (file: import('h5wasm').File) => void): Promise<Uint8Array> {
  const { File, ready } = await import('h5wasm');
  const { FS } = (await ready) as unknown as { FS: { readFile(path: string): Uint8Array; unlink(path: string): void } };
  const file = new File('/made.h5', 'w');
  fill(file);
  file.close();
  const bytes = FS.readFile('/made.h5').slice();
  FS.unlink('/made.h5');
  return bytes;
}

test('arrays of an HDF5 file are read, compressed ones too; groups, texts and links out of it are not', async () => {
  const latents = Float32Array.from({ length: 24 }, (_, i) => i);
  const rates = Float64Array.from({ length: 12 }, (_, i) => i / 3);
  const bytes = await hdf5((file) => {
    file.create_dataset({ name: 'train_latents', data: latents, shape: [4, 3, 2], dtype: '<f4' });
    file.create_dataset({ name: 'rates', data: rates, shape: [2, 3, 2], dtype: '<d', chunks: [1, 3, 2], compression: 'gzip' });
    file.create_dataset({ name: 'perm', data: BigInt64Array.of(1n, 2n), shape: [2], dtype: '<q' });
    file.create_dataset({ name: 'text', data: 'hello' });
    file.create_group('group');
    file.create_external_link('/etc/passwd', '/', 'evil');
    file.create_soft_link('/nowhere', 'dangling');
  });
  const found = await readHdf5(bytes, 'x.h5');
  assert.equal([...found.keys()].sort(), ['perm', 'rates', 'train_latents']);
  assert.equal(found.get('train_latents'), { shape: [4, 3, 2], data: latents });
  assert.equal(found.get('rates'), { shape: [2, 3, 2], data: rates });
  assert.equal(found.get('perm'), { shape: [2], data: Float64Array.of(1, 2) });
  await assertRejects(readHdf5(bytes, 'x.h5', 100), RunFormatError, 'x.h5: expected arrays of at most 100 bytes together, got more with');
  await assertRejects(readHdf5(bytes.slice(0, 300), 'x.h5'), RunFormatError, 'x.h5: expected an intact HDF5 file');
  await assertRejects(readHdf5(new Uint8Array(100), 'x.h5'), RunFormatError, 'x.h5: expected an HDF5 file, got other bytes');
});

test.run();
