// check finds what is wrong: changed numbers, unknown tensors, unsupported kinds, broken and hostile files, all without a crash.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../../src/backends/reference/index.js';
import { RunFormatError } from '../../../src/errors.js';
import { kindOf } from '../../../src/jobs/check/golden-file.js';
import { checkFile, type FileResult } from '../../../src/jobs/check/replay.js';
import { type ArrayTensor, readSafetensors, writeSafetensors } from '../../../src/runs/safetensors.js';

const backend = createReferenceBackend();

/** A golden file with tensors and metadata changed. */
function golden(name: string, change: (tensors: Record<string, ArrayTensor>, metadata: Record<string, string>) => void = () => {}): Uint8Array {
  const { tensors, metadata } = readSafetensors(readFileSync(new URL(`../../golden/${name}.safetensors`, import.meta.url)), name);
  const record = Object.fromEntries(tensors);
  const texts = Object.fromEntries(metadata);
  change(record, texts);
  return writeSafetensors(record, texts);
}

function failures({ quantities }: FileResult): string[] {
  return quantities.filter((quantity) => !quantity.ok).map((quantity) => quantity.name);
}

const cases: [string, string][] = [
  ['model_gru', 'grad.cell.weight_hh'],
  ['model_lstm', 'cell_state'],
  ['model_driscoll', 'hidden'],
  ['losses', 'nbff.grad_pred.blind4'],
  ['losses', 'multitask.loss.w0.01'],
  ['losses', 'random_target.grad_actions.epoch50'],
  ['optimizers', 'adam_l2_clip.clipped_grad.b'],
  ['optimizers', 'sgd_clip.param.w'],
  ['task_nbff', 'stim.targets'],
  ['muscle_RigidTendonHillMuscle', 'loss'],
  ['muscle_CompliantTendonHillMuscle', 'grad_excitation'],
  ['skeletons', 'arm_default.path_dxy_ddof'],
  ['skeletons', 'point_mass.grad_int_inputs'],
  ['skeletons', 'geometry.grad_joint'],
  ['effector_FreePointMass24_Relu', 'rk4.grad_joint_load'],
];
for (const [file, tensor] of cases) {
  test(`${file}: one changed number of ${tensor} is found, and only there`, async () => {
    const bytes = golden(file, (tensors) => {
      const { data } = tensors[tensor] as ArrayTensor;
      data[data.length - 1] = (data[data.length - 1] as number) + Math.max(1, 1e-5 * Math.abs(data[data.length - 1] as number));
    });
    assert.equal(failures(await checkFile(backend, file, () => bytes)), [tensor]);
  });
}

test('states are compared row by row, because rows have units of their own', async () => {
  const bytes = golden('effector_FreePointMass24_Relu', (tensors) => {
    // A velocity that is off by less than a thousandth of the largest force.
    const { data, shape } = tensors['euler.joint'] as ArrayTensor;
    data[data.length - (shape[2] as number) + 3] = (data[data.length - 1] as number) + 1e-3;
  });
  assert.equal(failures(await checkFile(backend, 'effector_FreePointMass24_Relu', () => bytes)), ['euler.joint[vel1]']);
});

/** Changes a JSON document of the metadata. */
function edit(metadata: Record<string, string>, key: string, change: (value: Record<string, Record<string, unknown>>) => void): void {
  const value = JSON.parse(metadata[key] as string);
  change(value);
  metadata[key] = JSON.stringify(value);
}

const forms: [string, string, (metadata: Record<string, string>) => void][] = [
  [
    'what is absent is the default',
    'effector_FreePointMass24_Relu',
    (metadata) => {
      edit(metadata, 'runs', (runs) => {
        for (const name of ['timestep', 'pos_lower_bound', 'pos_upper_bound', 'method']) delete (runs.euler as Record<string, unknown>)[name];
      });
    },
  ],
  [
    'names of the method in any spelling, time step and limits among the arguments of the effector',
    'effector_Reacher_Relu',
    (metadata) => {
      edit(metadata, 'case', (scenario) => {
        scenario.effector_kwargs = { timestep: 0.01, pos_lower_bound: [0, 0], pos_upper_bound: [2.356194490192345, 2.705260340591211], damping: 0 };
      });
      edit(metadata, 'runs', (runs) => {
        for (const run of Object.values(runs)) for (const name of ['timestep', 'pos_lower_bound', 'pos_upper_bound']) delete run[name];
        (runs.rk4 as Record<string, unknown>).method = 'Runge-Kutta4';
        (runs.euler as Record<string, unknown>).method = 'EULER';
      });
    },
  ],
  [
    'muscle parameters and skeleton from the case, where the run has none',
    'effector_ReluPointMass24',
    (metadata) => {
      edit(metadata, 'case', (scenario) => {
        scenario.effector_kwargs = { mass: 1, max_isometric_force: 500 };
        scenario.muscle_cls = { min_activation: 0, tau_activation: 0.015 };
        (scenario as Record<string, unknown>).skeleton = ['PointMass', { space_dim: 2, mass: 1 }];
      });
      edit(metadata, 'runs', (runs) => {
        for (const run of Object.values(runs)) delete run.muscle_build;
      });
    },
  ],
  [
    'classes by short names, parameters as numbers',
    'muscle_RigidTendonHillMuscle',
    (metadata) => {
      metadata.muscle = JSON.stringify('RigidTendonHill');
      edit(metadata, 'build_params', (build) => {
        (build as Record<string, unknown>).normalized_slack_muscle_length = 1.4;
      });
      edit(metadata, 'class_kwargs', (kwargs) => {
        (kwargs as Record<string, unknown>).tau_deactivation = 0.05;
      });
    },
  ],
];
for (const [sentence, file, change] of forms) {
  test(`metadata of bodies: ${sentence}`, async () => {
    const result = await checkFile(backend, file, () => golden(file, (_, metadata) => change(metadata)));
    assert.ok(result.ok, result.problem ?? failures(result).join(', '));
  });
}

test('bodies that are none are reported with their problems', async () => {
  const broken = async (file: string, change: (metadata: Record<string, string>) => void) =>
    (await checkFile(backend, file, () => golden(file, (_, metadata) => change(metadata)))).problem ?? '';
  const file = 'effector_Reacher_Relu';
  assert.match(await broken(file, (metadata) => edit(metadata, 'runs', (runs) => Object.assign(runs.rk4 as object, { method: 'midpoint' }))), /euler or rk4/);
  assert.match(
    await broken(file, (metadata) => edit(metadata, 'runs', (runs) => Object.assign(runs.euler as object, { timestep: 0 }))),
    /timeStep: expected a number above 0/,
  );
  assert.match(await broken(file, (metadata) => Object.assign(metadata, { case: JSON.stringify({ effector: 'Tentacle' }) })), /expected custom_muscles/);
  assert.match(await broken('muscle_ReluMuscle', (metadata) => Object.assign(metadata, { muscle: '"TwitchMuscle"' })), /expected a muscle class/);
});

test('NaN must meet NaN: a number in its place fails, and so does NaN in place of a number', async () => {
  const noNaN = golden('losses', (tensors) => (tensors['random_target.loss.epoch0'] as ArrayTensor).data.fill(0));
  assert.equal(failures(await checkFile(backend, 'losses', () => noNaN)), ['random_target.loss.epoch0']);
  const extraNaN = golden('model_node', (tensors) => (tensors.loss as ArrayTensor).data.fill(Number.NaN));
  const result = await checkFile(backend, 'model_node', () => extraNaN);
  assert.equal(failures(result), ['loss']);
  assert.is(result.quantities.find((quantity) => quantity.name === 'loss')?.maxAbs, null);
});

test('statistics of another switch probability are found', async () => {
  const result = await checkFile(backend, 'task_nbff', () =>
    golden('task_nbff', (_, metadata) => {
      metadata.config = JSON.stringify({ ...JSON.parse(metadata.config as string), switch_prob: 0.0105 });
    }),
  );
  assert.ok(failures(result).includes('stats.pulses_per_trial (mean)'));
});

test('a tensor that nobody knows is reported by name', async () => {
  const bytes = golden('model_gru', (tensors) => {
    tensors['noise.secret'] = { shape: [1], data: new Float32Array(1) };
  });
  assert.equal(failures(await checkFile(backend, 'model_gru', () => bytes)), ['noise.secret (not understood)']);
});

test('the kind is the longest prefix of the name', () => {
  assert.is(kindOf('fixed_points_golub'), 'fixed_points_golub');
  assert.is(kindOf('fixed_points_2'), 'fixed_points');
  assert.is(kindOf('model_gru_wide'), 'model_');
  assert.is(kindOf('unknown'), null);
});

test('unknown kinds fail by name without being called broken', async () => {
  const unknown = await checkFile(backend, 'mystery', () => golden('model_gru'));
  assert.is(unknown.ok, false);
  assert.is(unknown.malformed, false);
});

const hostile: [string, () => Uint8Array][] = [
  ['cut off', () => golden('model_gru').subarray(0, 3000)],
  ['empty', () => new Uint8Array(0)],
  ['without targets', () => golden('model_gru', (tensors) => delete tensors.targets)],
  ['with inputs of another rank', () => golden('model_gru', (tensors) => (tensors.inputs = { shape: [600], data: (tensors.inputs as ArrayTensor).data }))],
  ['with metadata that is no JSON', () => golden('model_gru', (_, metadata) => (metadata.config = '{'))],
  [
    'with a read-out of another size',
    () => golden('model_gru', (tensors) => (tensors['param.readout.weight'] = { shape: [2, 18], data: (tensors['param.readout.weight'] as ArrayTensor).data })),
  ],
];
for (const [what, make] of hostile) {
  test(`a file ${what} is called broken, in the house format`, async () => {
    const result = await checkFile(backend, 'model_gru', make);
    assert.is(result.ok, false);
    assert.is(result.malformed, true);
    assert.match(result.problem ?? '', /^model_gru.*: expected .*, got /);
    assert.is(backend.bytesInUse(), 0);
  });
}

test('a file that cannot be read is called broken', async () => {
  const result = await checkFile(backend, 'model_gru', () => Promise.reject(new RunFormatError('model_gru: expected a file, got nothing')));
  assert.equal([result.ok, result.malformed], [false, true]);
});

test('an optimiser argument that we do not have is refused', async () => {
  const bytes = golden('optimizers', (_, metadata) => {
    const config = JSON.parse(metadata.config as string);
    config.cases.adam_plain.args.amsgrad = true;
    metadata.config = JSON.stringify(config);
  });
  assert.match((await checkFile(backend, 'optimizers', () => bytes)).problem ?? '', /amsgrad/);
});

test.run();
