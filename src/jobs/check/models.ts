// check, kind model_: a network's outputs, states, loss and every gradient, through the rollout that training uses.
import type { Backend } from '../../backends/backend.js';
import { RunFormatError } from '../../errors.js';
import { createModel, type Model } from '../../models/model.js';
import type { ModelInput } from '../../models/options.js';
import { Rollout } from '../../rollout/rollout.js';
import { Workspace } from '../../rollout/workspace.js';
import { describe } from '../../runs/safetensors.js';
import { addSquaredError } from '../../training/loss.js';
import { type Comparison, total } from './compare.js';
import type { GoldenFile } from './golden-file.js';

/** Replays one network file: mean squared error over all elements, all noise off. */
export async function checkModel(backend: Backend, comparison: Comparison): Promise<void> {
  const { file } = comparison;
  const inputs = file.tensor('inputs', [null, null, null]);
  const [trials, steps, inputSize] = inputs.shape as [number, number, number];
  const readout = file.tensor('param.readout.weight', [null, null]);
  const [outputSize, hiddenSize] = readout.shape as [number, number];
  const targets = file.tensor('targets', [trials, steps, outputSize]);
  const model = createModel(modelOf(file, hiddenSize), inputSize, outputSize);
  const parameters = parametersOf(file, model);
  comparison.given('inputs', 'targets', ...model.parameters.map(({ name }) => `param.${name}`));

  const workspace = new Workspace(backend);
  const rollout = new Rollout({ backend, model, trials, steps, gradients: true, states: true, inputGradients: true });
  try {
    const gradient = workspace.allocate([model.parameterCount]);
    const trialLoss = workspace.allocate([trials]);
    const target = workspace.upload(targets.data, targets.shape);
    const { outputs, states } = rollout.forward({
      parameters: workspace.upload(parameters, [model.parameterCount]),
      inputs: workspace.upload(inputs.data, inputs.shape),
      trialIndices: workspace.allocate([trials], 'i32'),
      keys: { initial: null, state: null, input: null },
    });
    const { dOutputs } = rollout.clearGradients();
    addSquaredError(backend, { prediction: outputs, target, weight: null, trialLoss, dPrediction: dOutputs }, 1 / (trials * steps * outputSize));
    const { dInputs } = rollout.backward(gradient);

    const recorded = states ? await backend.read(states.buffer) : [];
    comparison.compare('outputs', await backend.read(outputs.buffer));
    comparison.compare('hidden', stateColumns(recorded, model, 0));
    if (model.cell === 'lstm') comparison.compare('cell_state', stateColumns(recorded, model, hiddenSize));
    comparison.compare('loss', [total(await backend.read(trialLoss.buffer))]);
    if (dInputs) comparison.compare('grad_inputs', await backend.read(dInputs.buffer));
    const flat = await backend.read(gradient.buffer);
    for (const { name, offset, length } of model.parameters) comparison.compare(`grad.${name}`, flat.subarray(offset, offset + length));
  } finally {
    rollout.dispose();
    workspace.dispose();
  }
}

/** The class from the metadata `model`, else from the file's name, as options: as the original implements it, without noise. */
function modelOf(file: GoldenFile, hiddenSize: number): ModelInput {
  const named = file.metadata('model');
  const text = typeof named === 'string' ? named : file.name.slice('model_'.length);
  const config = file.section('config');
  const common = { hiddenSize, initialState: file.has('param.latent_ics') ? ('trainable' as const) : ('zeros' as const), initialNoise: 0, stateNoise: 0 };
  if (text.startsWith('gru')) return { cell: 'gru', ...common };
  if (text.startsWith('lstm')) return { cell: 'lstm', ...common };
  if (text.startsWith('vanilla')) return { cell: 'rnn', ...common };
  if (text.startsWith('node')) return { cell: 'node', ...common, layerSizes: layerSizesOf(file) };
  if (text.startsWith('driscoll')) return { cell: 'driscoll', ...common, compat: 'ctdb', gamma: config.number('gamma', 0.2) };
  throw new RunFormatError(`${file.name}: expected a model among gru, vanilla, lstm, node, driscoll, got ${describe(text)}`);
}

/** Widths of the hidden layers: rows of every vf_net weight but the last. */
function layerSizesOf(file: GoldenFile): number[] {
  const widths: number[] = [];
  for (let layer = 0; file.has(`param.generator.vf_net.${2 * layer}.weight`); layer++) {
    widths.push(file.tensor(`param.generator.vf_net.${2 * layer}.weight`, [null, null]).shape[0] as number);
  }
  return widths.slice(0, -1);
}

/** The flat parameters in f64, which f32 backends round. */
function parametersOf(file: GoldenFile, model: Model): Float64Array {
  const flat = new Float64Array(model.parameterCount);
  for (const { name, shape, offset } of model.parameters) {
    // An LSTM file may hold one initial state of the two; the other is zero.
    if (name === 'cell_ics' && !file.has('param.cell_ics')) continue;
    flat.set(file.tensor(`param.${name}`, shape).data, offset);
  }
  return flat;
}

/** H columns of the recorded states [B, T, S], from `first` on, as [B, T, H]. */
function stateColumns(states: ArrayLike<number>, { hiddenSize, stateSize }: Model, first: number): Float64Array {
  const rows = states.length / stateSize;
  const columns = new Float64Array(rows * hiddenSize);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < hiddenSize; column++) columns[row * hiddenSize + column] = states[row * stateSize + first + column] as number;
  }
  return columns;
}
