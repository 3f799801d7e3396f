// check, kinds closed_loop…: CtDB's random-target reaching from stored parameters, trials and noise: everything that happened, losses and their gradients.
import { createPlant } from '../../arm/create-plant.js';
import { observationSize, type Plant } from '../../arm/plant.js';
import type { Backend } from '../../backends/backend.js';
import { RunFormatError } from '../../errors.js';
import { createModel, type Model } from '../../models/model.js';
import type { ModelInput } from '../../models/options.js';
import { type ForwardInput, type ForwardResult, Rollout } from '../../rollout/rollout.js';
import { Workspace } from '../../rollout/workspace.js';
import { addReachLoss, type ReachTerms } from '../../training/loss.js';
import { type Comparison, total } from './compare.js';
import { effectorOf } from './effector-metadata.js';
import { type GoldenFile, Section } from './golden-file.js';

/** Replays the loop of a file twice: one step longer for the observation behind the last step, then as it was, with the gradient at every stored epoch. */
export async function checkClosedLoop(backend: Backend, comparison: Comparison): Promise<void> {
  const loop = openLoop(comparison.file);
  comparison.given('inputs', 'inputs_to_env', 'targets', 'ics', ...comparison.file.names.filter((name) => /^(param|noise)\./.test(name)));
  await compareObservations(backend, comparison, loop);
  await compareLoop(backend, comparison, loop);
}

/** What a file says about its loop. */
interface Loop {
  readonly file: GoldenFile;
  readonly config: Section;
  readonly plant: Plant;
  readonly model: Model;
  readonly parameters: Float64Array;
  readonly trials: number;
  readonly steps: number;
}

function openLoop(file: GoldenFile): Loop {
  const config = file.section('config');
  const inputs = file.tensor('inputs', [null, null, null]);
  const [trials, steps, external] = inputs.shape as [number, number, number];
  const [muscles, hiddenSize] = file.tensor('param.readout.weight', [null, null]).shape as [number, number];
  const plant = plantOf(file, config, muscles, external, hiddenSize);
  const inputSize = external + observationSize(plant);
  const model = createModel(modelOf(file, config, hiddenSize), inputSize, muscles);
  const parameters = new Float64Array(model.parameterCount);
  for (const { name, shape, offset } of model.parameters) {
    if (name === 'cell_ics' && !file.has('param.cell_ics')) continue;
    parameters.set(file.tensor(`param.${name}`, shape).data, offset);
  }
  return { file, config, plant, model, parameters, trials, steps };
}

/** Body and senses as the original has them; how many earlier actions the network sees follows from the width of its weights. */
function plantOf(file: GoldenFile, config: Section, muscles: number, external: number, hiddenSize: number): Plant {
  const timeStep = config.number('dt', config.section('effector_kwargs').number('timestep', 0.01));
  const weight = ['param.cell.weight_ih', 'param.inpW.weight', 'param.generator.vf_net.0.weight'].find((name) => file.has(name));
  if (!weight) throw new RunFormatError(`${file.name}: expected the input weights of a network (param.cell.weight_ih, …), got none`);
  const width = (file.tensor(weight, [null, null]).shape[1] as number) - (weight.includes('vf_net') ? hiddenSize : 0);
  return createPlant({
    effector: effectorOf(bodyOf(config), new Section({ timestep: timeStep }, `${file.name}: metadata config.dt`), file.metadata('custom_muscles')),
    sensors: {
      visionDelay: config.number('vision_delay', timeStep),
      proprioceptionDelay: config.number('proprioception_delay', timeStep),
      actionFrames: (width - external - 2 - 2 * muscles) / muscles,
    },
  });
}

/** What Arm26 effectors overwrite, whatever they are told (Q27). */
const fixedInArm26 = ['max_isometric_force', 'optimal_muscle_length', 'tendon_length'];

/** The part of `config` that says what moves, like the `case` of an effector file; the muscle's class may stand where its arguments do. */
function bodyOf(config: Section): Section {
  const entry = (key: string) => config.entry(key);
  const named = typeof entry('muscle_cls') === 'string';
  const arm26 = config.string('effector', 'RigidTendonArm26').endsWith('Arm26');
  const build = Object.fromEntries(
    config
      .section('muscle_build')
      .keys.filter((key) => !arm26 || !fixedInArm26.includes(key))
      .map((key) => [key, config.section('muscle_build').entry(key)]),
  );
  const parts: Record<string, unknown> = {
    ...Object.fromEntries(config.keys.map((key) => [key, entry(key)])),
    muscle_build: build,
    muscle_cls: named ? {} : entry('muscle_cls'),
    muscle: entry('muscle') ?? (named ? entry('muscle_cls') : undefined),
    method: entry('method') ?? entry('integration_method'),
  };
  return new Section(Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)), config.where);
}

/** The cell by the names of its parameters, which are the original's. */
function modelOf(file: GoldenFile, config: Section, hiddenSize: number): ModelInput {
  const noise = { initialNoise: 0, stateNoise: file.has('noise.hidden_randn') ? config.number('model_noise_level', 0.01) : 0 };
  const common = { hiddenSize, initialState: file.has('param.latent_ics') ? ('trainable' as const) : ('zeros' as const), ...noise };
  if (file.has('param.recW.weight')) return { cell: 'driscoll', ...common, compat: 'ctdb', gamma: config.number('gamma', 0.2) };
  if (file.has('param.generator.vf_net.0.weight')) {
    const layers: number[] = [];
    for (let i = 0; file.has(`param.generator.vf_net.${i}.weight`); i += 2) layers.push(file.tensor(`param.generator.vf_net.${i}.weight`).shape[0] as number);
    return { cell: 'node', ...common, layerSizes: layers.slice(0, -1) };
  }
  const gates = (file.tensor('param.cell.weight_hh', [null, hiddenSize]).shape[0] as number) / hiddenSize;
  const cell = ({ 1: 'rnn', 3: 'gru', 4: 'lstm' } as const)[gates];
  if (!cell) throw new RunFormatError(`${file.name}: expected param.cell.weight_hh of an RNN, GRU or LSTM, got ${gates} times ${hiddenSize} rows`);
  return { cell, ...common };
}

/** Uploads the trials and noise of a loop, for `steps` steps: beyond the stored ones everything is 0. */
function givenInput({ file, config, parameters, trials }: Loop, steps: number, workspace: Workspace): Omit<ForwardInput, 'keys'> {
  const upload = (name: string, rows: number, timeFirst: boolean, scale = 1) => {
    const { data, shape } = file.tensor(name, timeFirst ? [null, trials, null] : [trials, null, null]);
    const [known, width] = [shape[timeFirst ? 0 : 1] as number, shape[2] as number];
    const padded = new Float64Array(trials * rows * width);
    for (let trial = 0; trial < trials; trial++) {
      for (let row = 0; row < Math.min(rows, known); row++) {
        const from = timeFirst ? row * trials + trial : trial * known + row;
        for (let i = 0; i < width; i++) padded[(trial * rows + row) * width + i] = scale * (data[from * width + i] as number);
      }
    }
    return workspace.upload(padded, [trials, rows, width]);
  };
  const initial = () => {
    const { data, shape } = file.tensor('noise.latent_ics_randn', [trials, null]);
    return workspace.upload(
      Float64Array.from(data, (draw) => config.number('latent_ic_var', 0.05) * draw),
      shape,
    );
  };
  const has = (name: string) => file.has(`noise.${name}`);
  return {
    parameters: workspace.upload(parameters, [parameters.length]),
    inputs: upload('inputs', steps, false),
    trialIndices: workspace.allocate([trials], 'i32'),
    joints: workspace.upload(file.tensor('ics', [trials, 4]).data, [trials, 4]),
    endpointLoads: file.has('inputs_to_env') ? upload('inputs_to_env', steps, false) : null,
    noise: {
      ...(has('latent_ics_randn') ? { initial: initial() } : {}),
      ...(has('hidden_randn') ? { state: upload('noise.hidden_randn', steps, true, config.number('model_noise_level', 0.01)) } : {}),
      ...(has('action_noise') ? { action: upload('noise.action_noise', steps, true) } : {}),
      ...(has('vision_noise') ? { vision: upload('noise.vision_noise', steps + 2, true) } : {}),
      ...(has('proprioception_noise') ? { proprioception: upload('noise.proprioception_noise', steps + 2, true) } : {}),
      ...(has('obs_noise') ? { observation: upload('noise.obs_noise', steps, true) } : {}),
    },
  };
}

/** What the network saw, and the observation that every step returned: that of the last step is what a further step would see. */
async function compareObservations(backend: Backend, comparison: Comparison, loop: Loop): Promise<void> {
  const { model, plant, trials, steps } = loop;
  const workspace = new Workspace(backend);
  const rollout = new Rollout({ backend, model, plant, trials, steps: steps + 1, networkInputs: true });
  try {
    const { networkInputs } = rollout.forward({ ...givenInput(loop, steps + 1, workspace), keys: {} });
    const seen = await backend.read((networkInputs as NonNullable<typeof networkInputs>).buffer);
    const rows = (first: number, width: number) =>
      Float64Array.from({ length: trials * steps * width }, (_, i) => {
        const row = Math.floor(i / width);
        const step = Math.floor(row / steps) * (steps + 1) + (row % steps) + first;
        return seen[step * model.inputSize + (i % width)] as number;
      });
    comparison.compare('network_input', rows(0, model.inputSize));
    comparison.compare('env_obs_after_step', rows(1, observationSize(plant)));
  } finally {
    rollout.dispose();
    workspace.dispose();
  }
}

async function compareLoop(backend: Backend, comparison: Comparison, loop: Loop): Promise<void> {
  const { file, config, model, plant, trials, steps } = loop;
  const workspace = new Workspace(backend);
  const rollout = new Rollout({ backend, model, plant, trials, steps, gradients: true, states: true });
  try {
    const result = rollout.forward({ ...givenInput(loop, steps, workspace), keys: {} });
    await compareMovement(backend, comparison, loop, result);
    const target = workspace.upload(file.tensor('targets', [trials, steps, 2]).data, [trials, steps, 2]);
    const terms: ReachTerms = {
      position: 'squared',
      positionWeight: config.number('pos_weight', 1),
      actionWeight: config.number('act_weight', 1),
      rampEpochs: 200,
      compat: 'ctdb',
    };
    // Gradients of compliant muscles amplify rounding (motor.md 8.9).
    const bound = plant.body.muscleRows.includes('active force') ? 1e-6 : undefined;
    for (const epoch of epochsOf(file)) {
      const trialLoss = workspace.allocate([trials]);
      const gradient = workspace.allocate([model.parameterCount]);
      const { dOutputs, dFingertip } = rollout.clearGradients();
      const position = { prediction: result.fingertip as NonNullable<typeof result.fingertip>, target, weight: null, trialLoss, dPrediction: dFingertip };
      const actions = { prediction: result.outputs, target: null, weight: null, trialLoss, dPrediction: dOutputs };
      addReachLoss(backend, position, actions, terms, epoch, trials);
      rollout.backward(gradient);
      comparison.compare(`loss.epoch${epoch}`, [total(await backend.read(trialLoss.buffer))]);
      const flat = await backend.read(gradient.buffer);
      for (const { name, offset, length } of model.parameters) {
        comparison.compare(`grad.epoch${epoch}.${name}`, flat.subarray(offset, offset + length), bound);
      }
    }
  } finally {
    rollout.dispose();
    workspace.dispose();
  }
}

async function compareMovement(backend: Backend, comparison: Comparison, { model, plant, trials, steps }: Loop, result: ForwardResult): Promise<void> {
  const read = (argument: ForwardResult['states']) => backend.read((argument as NonNullable<typeof argument>).buffer);
  /** Without the initial state. */
  const later = (values: ArrayLike<number>) => {
    const width = values.length / (trials * (steps + 1));
    return Float64Array.from({ length: trials * steps * width }, (_, i) => {
      const trial = Math.floor(i / (steps * width));
      return values[i + (trial + 1) * width] as number;
    });
  };
  comparison.compare('actions', await read(result.outputs));
  comparison.compare('fingertip', await read(result.fingertip));
  const states = await read(result.states);
  const { hiddenSize, stateSize } = model;
  comparison.compare(
    'latents',
    Float64Array.from({ length: trials * steps * hiddenSize }, (_, i) => states[Math.floor(i / hiddenSize) * stateSize + (i % hiddenSize)] as number),
  );
  comparison.compareRows('joints', later(await read(result.joint)), 2, ['pos0', 'pos1', 'vel0', 'vel1']);
  comparison.compareRows('muscle', later(await read(result.muscle)), 2, muscleRows(comparison.file, plant));
}

const shortRows: Readonly<Record<string, string>> = {
  'muscle length': 'length',
  'muscle velocity': 'velocity',
  'force-length PE': 'flpe',
  'force-length CE': 'flce',
  'force-length SE': 'flse',
  'force-velocity CE': 'fvce',
};

/** Names of the muscle rows as the file lists their float32 errors: in full or short. */
function muscleRows(file: GoldenFile, { body }: Plant): string[] {
  const listed = file.section('float32_error').keys;
  return body.muscleRows.map((name) => [name, shortRows[name] ?? name].find((candidate) => listed.includes(`muscle[${candidate}]`)) ?? name);
}

/** Epochs of the stored losses and gradients, each once. */
function epochsOf(file: GoldenFile): number[] {
  const found = file.names.flatMap((name) => /^(?:loss|grad)\.epoch(\d+)(?:\.|$)/.exec(name)?.[1] ?? []);
  return [...new Set(found)].map(Number);
}
