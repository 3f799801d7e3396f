// check on random-target data sets: files with other sizes, forces and noise pass; a wrong number, time, force or distribution is found.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../../src/backends/reference/index.js';
import { checkFile, type FileResult } from '../../../src/jobs/check/replay.js';
import { randomKey } from '../../../src/random.js';
import { type ArrayTensor, readSafetensors, writeSafetensors } from '../../../src/runs/safetensors.js';
import { createTask } from '../../../src/tasks/index.js';
import { taskOptions } from '../../../src/tasks/options.js';

const backend = createReferenceBackend();
const name = 'random_target_dataset';
type Tensors = Record<string, ArrayTensor>;
type Metadata = Record<string, string>;

/** The golden file with tensors and metadata changed. */
function golden(change: (tensors: Tensors, metadata: Metadata) => void): Uint8Array {
  const { tensors, metadata } = readSafetensors(readFileSync(new URL(`../../golden/${name}.safetensors`, import.meta.url)), name);
  const [record, texts] = [Object.fromEntries(tensors), Object.fromEntries(metadata)];
  change(record, texts);
  return writeSafetensors(record, texts);
}

/** A file as the original writes it, of our own trials with other parameters; `config` as the original names them. */
function ownFile(options: object, config: object): Uint8Array {
  const task = createTask(taskOptions.parse({ name: 'random-target', ...options }));
  const trials = 40;
  const set = task.generate(randomKey(11, 'data'), 0, trials);
  const tensor = (data: ArrayTensor['data'], ...shape: number[]): ArrayTensor => ({ shape, data });
  return writeSafetensors(
    {
      inputs: tensor(set.inputs, trials, set.steps, 3),
      targets: tensor(set.targets, trials, set.steps, 2),
      inputs_to_env: tensor(set.endpointLoads as Float32Array, trials, set.steps, 2),
      ics: tensor(set.joints as Float32Array, trials, 4),
      conds: tensor(set.conditions, trials),
      extra: tensor(Int32Array.from(set.extra), trials, 2),
    },
    { config: JSON.stringify(config), stats: '{}' },
  );
}

const check = (bytes: Uint8Array): Promise<FileResult> => checkFile(backend, name, () => bytes);
const failures = ({ quantities }: FileResult): string[] => quantities.filter((quantity) => !quantity.ok).map((quantity) => quantity.name);
const changed = async (change: (tensors: Tensors, metadata: Metadata) => void): Promise<string[]> => failures(await check(golden(change)));

test('the golden file passes', async () => {
  const result = await check(golden(() => {}));
  assert.equal(failures(result), []);
  assert.ok(result.ok && result.quantities.length > 40, result.problem ?? '');
});

test('files of other lengths, time steps, forces, noise and of aligned trials pass', async () => {
  for (const [options, config] of [
    [
      { steps: 47, bumpLow: 1, bumpHigh: 2, contextNoise: 0.1 },
      { bump_mag_low: 1, bump_mag_high: 2, context_input_noise: 0.1 },
    ],
    [
      { steps: 155, variant: 'aligned' },
      { is_aligned: true, context_input_noise: 0.04 },
    ],
    [
      { steps: 80, contextNoise: 0 },
      { dt: 0.005, context_input_noise: 0 },
    ],
    [{ steps: 60, variant: 'move-bump', contextNoise: 0.05 }, {}],
  ] as const) {
    const result = await check(ownFile(options, config));
    assert.equal(failures(result), [], JSON.stringify(options));
    assert.ok(result.ok, result.problem ?? '');
  }
});

test('one wrong number is found where it stands', async () => {
  const add = (tensor: string, at: number, by: number) => (tensors: Tensors) => {
    const { data } = tensors[tensor] as ArrayTensor;
    data[at] = (data[at] as number) + by;
  };
  assert.equal(await changed(add('targets', 100, 1e-5)), ['targets']);
  assert.equal(await changed(add('conds', 3, 1)), ['conds']);
  assert.equal(await changed(add('inputs', 40_000, 0.5)), ['inputs (largest noise)']);
  assert.equal(await changed(add('inputs_to_env', 0, 1)), ['inputs_to_env']);
});

test('noise, times and forces that follow another distribution are found', async () => {
  const scale = (tensor: string, by: number) => (tensors: Tensors) => {
    const { data } = tensors[tensor] as ArrayTensor;
    for (let i = 0; i < data.length; i++) data[i] = Math.round((data[i] as number) * by * 1e6) / 1e6;
  };
  assert.ok((await changed(scale('stats.bump_force', 1.1))).includes('stats.bump_force (magnitude) (mean)'));
  assert.ok((await changed(scale('stats.ics', 0.9))).includes('stats.ics[0] (mean)'));
  const noisier = await changed((_, metadata) => {
    metadata.config = JSON.stringify({ ...JSON.parse(metadata.config as string), context_input_noise: 0.041 });
  });
  assert.ok(noisier.includes('inputs (noise deviation)') && noisier.includes('stats.context_noise_sd'), noisier.join());
  const stronger = await changed((_, metadata) => {
    metadata.config = JSON.stringify({ ...JSON.parse(metadata.config as string), bump_mag_high: 12 });
  });
  assert.ok(stronger.includes('stats.bump_magnitude_mean'), stronger.join());
});

test('a file with something that this kind does not know, or without what it needs, fails', async () => {
  assert.equal(
    await changed((tensors) => {
      tensors.extra_info = { shape: [1], data: Float32Array.of(1) };
    }),
    ['extra_info (not understood)'],
  );
  const result = await check(
    golden((tensors) => {
      delete tensors.ics;
    }),
  );
  assert.match(result.problem ?? '', /expected a tensor ics, got none/);
});

test.run();
