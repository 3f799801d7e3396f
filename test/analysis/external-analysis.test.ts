// Analyses of arrays from elsewhere: what they give back, files that come back bit for bit, and what is refused.
import ndarray from 'ndarray';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrialArray } from '../../src/analysis/analysis.js';
import { createExternalAnalysis, isExternalAnalysis, openExternalAnalysis, writeExternalAnalysis } from '../../src/analysis/external-analysis.js';
import { ConfigError, RunFormatError, ShapeError } from '../../src/errors.js';
import { memoryStorage } from '../../src/runs/memory-storage.js';
import { assertRejects } from '../support/storage.js';
import { normals } from '../support/values.js';

const array = (shape: readonly number[], seed: number) => ({
  shape,
  data: Float32Array.from(
    normals(
      shape.reduce((product, n) => product * n, 1),
      seed,
    ),
  ),
});
const latents = { train: array([4, 3, 2], 1), validation: array([2, 3, 2], 2) };

/** Everything of an array of trials, NaN included. */
const bits = (given: TrialArray | null) => {
  const { values, ...rest } = given as TrialArray;
  return { ...rest, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice() };
};

test('arrays come back as they went in, by phase', async () => {
  const rates = { train: array([4, 3, 5], 3), validation: array([2, 3, 5], 4) };
  const analysis = createExternalAnalysis({ name: 'SAE', group: 'data', latents, rates });
  assert.equal([analysis.name, analysis.group, analysis.kind, analysis.hiddenSize, analysis.map, analysis.readout], ['SAE', 'data', 'external', 2, null, null]);
  assert.is((await analysis.getLatents('train')).values, latents.train.data);
  const all = await analysis.getLatents();
  assert.equal([all.trials, all.steps, all.width], [6, 3, 2]);
  assert.equal([...all.values], [...latents.train.data, ...latents.validation.data]);
  assert.equal((await analysis.getRates('val'))?.values, rates.validation.data);
  assert.equal([await analysis.getInputs(), await analysis.getTrueInputs(), await analysis.getTargets()], [null, null, null]);
});

test('one array is split as published, and an ndarray of any strides is packed', async () => {
  const whole = array([10, 3, 2], 5);
  const analysis = createExternalAnalysis({ name: 'one', latents: whole, inputs: ndarray(whole.data, [10, 3, 2]).transpose(0, 2, 1).transpose(0, 2, 1) });
  assert.is((await analysis.getLatents('train')).trials, 8);
  assert.equal((await analysis.getLatents('validation')).values, whole.data.subarray(8 * 6));
  assert.equal((await analysis.getTrueInputs())?.values, whole.data);
});

test('a directory of them comes back bit for bit', async () => {
  const storage = memoryStorage();
  const lengths = { train: [3, 2, 3, 1], validation: [3, 3] };
  const padded = array([4, 3, 2], 1);
  padded.data[2 * 3 * 2 - 1] = Number.NaN; // behind the end of the second trial
  const analysis = createExternalAnalysis({
    name: 'data',
    group: 'g',
    latents: { ...latents, train: padded },
    targets: { train: array([4, 3, 1], 8), validation: array([2, 3, 1], 9) },
    lengths,
  });
  await writeExternalAnalysis(storage, analysis);
  assert.ok(await isExternalAnalysis(storage));
  const back = await openExternalAnalysis(storage);
  assert.equal([back.name, back.group], ['data', 'g']);
  for (const phase of ['train', 'validation', 'all'] as const) {
    assert.equal(bits(await back.getLatents(phase)), bits(await analysis.getLatents(phase)));
    assert.equal(bits(await back.getTargets(phase)), bits(await analysis.getTargets(phase)));
  }
  assert.equal([...((await back.getLatents('train')).lengths as Int32Array)], lengths.train);
  assert.is((await openExternalAnalysis(storage, { name: 'other' })).name, 'other');
});

test('what does not fit is named, all of it at once', () => {
  const refused = (change: object, type: new (...args: never[]) => Error, part: RegExp) =>
    assert.throws(
      () => createExternalAnalysis({ name: 'x', latents, ...change }),
      (error: unknown) => error instanceof type && part.test((error as Error).message),
    );
  refused({ name: ' ' }, ConfigError, /name: expected a name/);
  refused({ trainingFraction: 1 }, ConfigError, /trainingFraction: expected a number between 0 and 1, got 1/);
  refused({ latents: array([6, 2], 1) }, ShapeError, /latents: expected shape \[trials, steps, units\], each at least 1, got \[6, 2\]/);
  refused({ latents: array([1, 3, 2], 1) }, ShapeError, /expected enough trials to split 0\.8 off for training, got 1/);
  refused({ latents: { ...latents, validation: array([2, 4, 3], 1) } }, ShapeError, /same steps and units in both phases, got \[4, 3, 2\] and \[2, 4, 3\]/);
  refused(
    { rates: { train: array([3, 3, 2], 1), validation: array([2, 3, 4], 1) } },
    ShapeError,
    /rates: expected the same channels.*rates, train: expected 4 trials of 3 steps as the latents have, got \[3, 3, 2\]/,
  );
  refused(
    { latents: { train: { shape: [4, 3, 2], data: new Float32Array(5) }, validation: latents.validation } },
    ShapeError,
    /expected 24 numbers for \[4, 3, 2\], got 5/,
  );
  const bad = array([2, 3, 2], 1);
  bad.data[7] = Number.NaN;
  refused({ latents: { ...latents, validation: bad } }, RunFormatError, /x: expected finite latents, got NaN in trial 5, step 0, channel 1/);
  refused({ lengths: { train: [1, 2, 3], validation: [1, 9] } }, ShapeError, /expected 4 lengths of 1 to 3 steps for train, got 3/);
});

test('damaged directories are refused', async () => {
  const storage = memoryStorage();
  await writeExternalAnalysis(storage, createExternalAnalysis({ name: 'data', latents }));
  const changed = async (path: string, data: string | Uint8Array) => {
    const copy = memoryStorage(storage.files);
    await copy.write(path, data);
    return openExternalAnalysis(copy);
  };
  const record = (change: object) =>
    JSON.stringify({ format: 'motorloop-external', version: 1, name: 'x', group: 'g', arrays: ['latents'], lengths: null, ...change });
  await assertRejects(changed('external.json', '{'), RunFormatError, 'expected JSON');
  await assertRejects(changed('external.json', record({ version: 2 })), RunFormatError, 'expected format motorloop-external, version 1');
  await assertRejects(changed('external.json', record({ arrays: ['../../etc/passwd', 'latents'] })), RunFormatError, 'expected arrays among latents');
  await assertRejects(changed('external.json', record({ lengths: { train: ['a'] } })), RunFormatError, 'expected lengths of both phases, or null');
  await assertRejects(changed('latents.train.npy', new Uint8Array(10)), RunFormatError, 'latents.train.npy: expected a .npy file');
  await assertRejects(
    changed('latents.train.npy', (storage.files.get('latents.train.npy') as Uint8Array).subarray(0, 150)),
    RunFormatError,
    'was the file cut off',
  );
});

test.run();
