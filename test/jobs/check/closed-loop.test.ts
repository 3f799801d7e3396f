// check, kinds closed_loop…: single changed numbers are found, metadata is understood in every spelling, and broken files are named, not run into.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../../src/backends/reference/index.js';
import { checkFile, type FileResult } from '../../../src/jobs/check/replay.js';
import { type ArrayTensor, readSafetensors, writeSafetensors } from '../../../src/runs/safetensors.js';

const backend = createReferenceBackend();
type Tensors = Record<string, ArrayTensor>;

/** The noisy golden file, or the one without noise, with tensors and the metadata `config` changed. */
function check(name: 'closed_loop' | 'closed_loop_noisy', change: (tensors: Tensors, config: Record<string, unknown>) => void): Promise<FileResult> {
  const { tensors, metadata } = readSafetensors(readFileSync(new URL(`../../golden/${name}.safetensors`, import.meta.url)), name);
  const [record, texts] = [Object.fromEntries(tensors), Object.fromEntries(metadata)];
  const config = JSON.parse(texts.config as string);
  change(record, config);
  return checkFile(backend, `${name}_other.safetensors`, () => writeSafetensors(record, { ...texts, config: JSON.stringify(config) }));
}
const failures = ({ quantities }: FileResult) => quantities.filter(({ ok }) => !ok).map(({ name }) => name);

for (const [tensor, found] of [
  ['env_obs_after_step', 'env_obs_after_step'],
  ['grad.epoch200.readout.weight', 'grad.epoch200.readout.weight'],
  ['joints', 'joints[vel1]'],
  ['muscle', 'muscle[force]'],
  ['loss.epoch50', 'loss.epoch50'],
] as const) {
  test(`one changed number of ${tensor} is found, and only there`, async () => {
    const result = await check('closed_loop_noisy', (tensors) => {
      const { data } = tensors[tensor] as ArrayTensor;
      data[data.length - 1] = (data[data.length - 1] as number) + 1;
    });
    assert.equal(failures(result), [found]);
  });
}

const same: readonly [string, (config: Record<string, unknown>) => void][] = [
  ['the class of the muscle where its arguments may stand', (config) => Object.assign(config, { muscle_cls: 'MujocoHillMuscle' })],
  ['effector, muscle and method by name', (config) => Object.assign(config, { effector: 'RigidTendonArm26', muscle: 'MujocoHillMuscle', method: 'Euler' })],
  [
    'forces and lengths, which Arm26 overwrites (Q27)',
    (config) => Object.assign(config, { muscle_build: { max_isometric_force: [1], tendon_length: 9, lmin: [0.5] } }),
  ],
  [
    'the time step among the arguments of the effector, and defaults left out',
    (config) => {
      for (const key of ['dt', 'pos_weight', 'act_weight', 'model_noise_level', 'latent_ic_var']) delete config[key];
      config.effector_kwargs = { timestep: 0.01, damping: 0, integration_method: 'euler' };
    },
  ],
];
for (const [title, change] of same) {
  test(`metadata in another spelling: ${title}`, async () => {
    const result = await check('closed_loop_noisy', (_tensors, config) => change(config));
    assert.ok(result.ok, `${result.problem} ${failures(result)}`);
  });
}

test('metadata that change the body, the senses or the loss change what is expected', async () => {
  const failing = async (change: Record<string, unknown>) => failures(await check('closed_loop', (_tensors, config) => Object.assign(config, change)));
  assert.ok((await failing({ muscle_build: { vmax: 1.4 } })).includes('muscle[activation]'));
  assert.ok((await failing({ muscle_cls: { tau_activation: 0.02 } })).includes('fingertip'));
  assert.ok((await failing({ method: 'rk4' })).includes('fingertip'));
  assert.ok((await failing({ vision_delay: 0.04 })).includes('network_input'));
  const weights = await failing({ pos_weight: 2 });
  assert.ok(weights.length > 0 && weights.every((name) => /^(loss|grad)\.epoch(50|200)/.test(name)), `${weights}`);
});

test('observation noise is injected where a file holds it', async () => {
  const result = await check('closed_loop_noisy', (tensors) => {
    const { shape } = tensors.env_obs_after_step as ArrayTensor;
    const [trials, steps, size] = shape as [number, number, number];
    tensors['noise.obs_noise'] = { shape: [steps + 1, trials, size], data: new Float64Array((steps + 1) * trials * size) };
  });
  assert.ok(result.ok, `${result.problem} ${failures(result)}`);
});

const broken: readonly [RegExp, (tensors: Tensors, config: Record<string, unknown>) => void][] = [
  [/expected a tensor ics, got none/, (tensors) => delete tensors.ics],
  [/expected the input weights of a network/, (tensors) => delete tensors['param.cell.weight_ih']],
  [
    /expected param.cell.weight_hh of an RNN, GRU or LSTM, got 2 times 16 rows/,
    (tensors) => {
      tensors['param.cell.weight_hh'] = { shape: [32, 16], data: new Float64Array(512) };
    },
  ],
  [/effector: expected|expected a muscle class/, (_tensors, config) => Object.assign(config, { muscle: 'Sartorius' })],
  [/sensors\.visionDelay/, (_tensors, config) => Object.assign(config, { vision_delay: 0.053 })],
  [
    /sensors\.actionFrames/,
    (tensors) => {
      const { data, shape } = tensors['param.cell.weight_ih'] as ArrayTensor;
      const rows = shape[0] as number;
      tensors['param.cell.weight_ih'] = { shape: [rows, 18], data: Float64Array.from({ length: rows * 18 }, (_, i) => data[i % data.length] as number) };
    },
  ],
];
for (const [message, change] of broken) {
  test(`a broken file is named: ${message.source}`, async () => {
    const result = await check('closed_loop', change);
    assert.is(result.ok, false);
    assert.match(result.problem ?? '', message);
    assert.is(backend.bytesInUse(), 0);
  });
}

test.run();
