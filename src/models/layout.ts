// A model of resolved options: the layout of its one flat parameter vector, and what the rollout kernels need to run it. Checks no options: model.ts does.
// Equations stand in the kernels (rollout_forward, rollout_backward); defaults and their reasons in docs/design.md.
import { ShapeError } from '../errors.js';
import { initialiseParameters } from './initialise.js';
import type { ModelOptions } from './options.js';

/** Options with the defaults that depend on the cell filled in. */
export type ResolvedModelOptions = ModelOptions & {
  readonly initialState: 'trainable' | 'zeros';
  readonly initialNoise: number;
  readonly stateNoise: number;
  readonly initialisation: NonNullable<ModelOptions['initialisation']>;
  readonly readoutInitialisation: 'linear' | 'small' | 'xavier';
};

/** One named tensor inside the flat parameter vector, row-major. */
export interface ParameterView {
  /** PyTorch's name, e.g. `cell.weight_ih`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** A named array: what checkpoints and other software exchange. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Model {
  readonly options: ResolvedModelOptions;
  readonly cell: ModelOptions['cell'];
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly outputSize: number;
  /** Entries of the recurrent state: 2H for the LSTM ([h, c]), else H. */
  readonly stateSize: number;
  readonly parameterCount: number;
  /** In flat order: cell, read-out, then the trainable initial state. */
  readonly parameters: readonly ParameterView[];
  /** What `rollout_forward` and `rollout_backward` are handed besides tensors; `layerSizes` holds the widths of the hidden layers of a NODE. */
  readonly kernel: { readonly variant: string; readonly params: Readonly<Record<string, number>>; readonly layerSizes: Int32Array | null };
  /** Where the initial state begins in the parameter vector; −1: it is zero. */
  readonly initialStateOffset: number;
  /** Standard deviation of the noise on the first H entries of the initial state. */
  readonly initialNoise: number;
  /** Standard deviation of the noise on the state at every step. */
  readonly stateNoise: number;
  /** Weight of the mean norm of the latents in the loss. */
  readonly latentL2: number;
  /** Algorithmic FLOPs of the forward pass per trial and step: a multiply-add is 2, elementwise work counts as nothing. */
  readonly forwardFlops: number;
  /** Fresh parameters [P]; the same numbers on every platform for one seed. */
  initialise(seed: number): Float32Array;
}

/** Gates of each cell that has PyTorch's `weight_ih`, `weight_hh` layout. */
const gates = { gru: 3, lstm: 4, rnn: 1 } as const;
const activations = { softplus: 0, tanh: 1, relu: 2, retanh: 3 } as const;

/** Lays a model of resolved options out for `inputSize` inputs and `outputSize` outputs. Throws ShapeError for sizes that are not positive integers. */
export function layOutModel(options: ResolvedModelOptions, inputSize: number, outputSize: number): Model {
  for (const [name, size] of [
    ['inputSize', inputSize],
    ['outputSize', outputSize],
  ] as const) {
    if (!Number.isInteger(size) || size < 1) throw new ShapeError(`createModel: expected ${name} as a positive integer, got ${size}`);
  }
  const hidden = options.hiddenSize;
  const views = layOut(shapesOf(options, inputSize, outputSize));
  const last = views.at(-1) as ParameterView;
  const parameterCount = last.offset + last.length;
  return {
    options,
    cell: options.cell,
    inputSize,
    hiddenSize: hidden,
    outputSize,
    stateSize: options.cell === 'lstm' ? 2 * hidden : hidden,
    parameterCount,
    parameters: views,
    kernel: { variant: options.cell, params: kernelParams(options), layerSizes: options.cell === 'node' ? Int32Array.from(options.layerSizes) : null },
    initialStateOffset: views.find((view) => view.name === 'latent_ics')?.offset ?? -1,
    initialNoise: options.initialNoise,
    stateNoise: options.stateNoise,
    latentL2: options.latentL2,
    forwardFlops: forwardFlops(options, inputSize, outputSize),
    initialise: (seed) => initialiseParameters(views, options, seed),
  };
}

/** Names and shapes in flat order; the kernels read the cell and the read-out from offset 0 in this order. */
function shapesOf(options: ResolvedModelOptions, inputs: number, outputs: number): [string, number[]][] {
  const hidden = options.hiddenSize;
  const shapes: [string, number[]][] = [];
  if (options.cell === 'node') {
    const widths = [hidden + inputs, ...options.layerSizes, hidden];
    for (let layer = 0; layer + 1 < widths.length; layer++) {
      // PyTorch's Sequential counts the activations too, hence the even numbers.
      shapes.push([`generator.vf_net.${2 * layer}.weight`, [widths[layer + 1] as number, widths[layer] as number]]);
      shapes.push([`generator.vf_net.${2 * layer}.bias`, [widths[layer + 1] as number]]);
    }
  } else if (options.cell === 'driscoll') {
    shapes.push(['recW.weight', [hidden, hidden]], ['inpW.weight', [hidden, inputs]], ['bias', [hidden]]);
  } else {
    const rows = gates[options.cell] * hidden;
    shapes.push(['cell.weight_ih', [rows, inputs]], ['cell.weight_hh', [rows, hidden]], ['cell.bias_ih', [rows]], ['cell.bias_hh', [rows]]);
  }
  shapes.push(['readout.weight', [outputs, hidden]], ['readout.bias', [outputs]]);
  if (options.initialState === 'trainable') {
    shapes.push(['latent_ics', [hidden]]);
    if (options.cell === 'lstm') shapes.push(['cell_ics', [hidden]]);
  }
  return shapes;
}

function layOut(shapes: readonly [string, number[]][]): ParameterView[] {
  let offset = 0;
  return shapes.map(([name, shape]) => {
    const view = { name, shape, offset, length: shape.reduce((product, size) => product * size, 1) };
    offset += view.length;
    return view;
  });
}

function kernelParams(options: ResolvedModelOptions): Record<string, number> {
  return {
    hidden_size: options.hiddenSize,
    readout_sigmoid: options.readout === 'sigmoid' ? 1 : 0,
    ...(options.cell === 'node' ? { step_size: options.stepSize } : {}),
    ...(options.cell === 'driscoll'
      ? { gamma: options.gamma, activation: activations[options.activation ?? 'softplus'], ctdb: options.compat === 'ctdb' ? 1 : 0 }
      : {}),
  };
}

function forwardFlops(options: ResolvedModelOptions, inputs: number, outputs: number): number {
  const hidden = options.hiddenSize;
  const readout = 2 * hidden * outputs;
  if (options.cell === 'node') {
    const widths = [hidden + inputs, ...options.layerSizes, hidden];
    return widths.slice(1).reduce((sum, width, layer) => sum + 2 * width * (widths[layer] as number), readout);
  }
  const rows = (options.cell === 'driscoll' ? 1 : gates[options.cell]) * hidden;
  return 2 * rows * (inputs + hidden) + readout;
}

/** The flat vector [P] as named arrays (copies), in flat order. */
export function splitParameters(model: Model, flat: ArrayLike<number>): Record<string, NamedArray> {
  if (flat.length !== model.parameterCount) {
    throw new ShapeError(`splitParameters: expected ${model.parameterCount} numbers, got ${flat.length}; do these parameters belong to another model?`);
  }
  const values = Float32Array.from(flat);
  return Object.fromEntries(model.parameters.map(({ name, shape, offset, length }) => [name, { shape, data: values.slice(offset, offset + length) }]));
}

/**
 * The inverse: named arrays to the flat vector [P]. `latent_ics` and `cell_ics` may be missing and are zero then; other names that the
 * model does not have are ignored (a checkpoint also holds moments). Throws ShapeError for a missing array or a wrong shape.
 */
export function joinParameters(
  model: Model,
  tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>,
): Float32Array {
  const flat = new Float32Array(model.parameterCount);
  for (const { name, shape, offset } of model.parameters) {
    const given = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    if (!given) {
      if (name === 'latent_ics' || name === 'cell_ics') continue;
      throw new ShapeError(`joinParameters: expected ${name} [${shape.join(', ')}], got nothing; is this a checkpoint of another model?`);
    }
    if (given.shape.length !== shape.length || given.shape.some((size, axis) => size !== shape[axis])) {
      throw new ShapeError(`joinParameters: expected ${name} of shape [${shape.join(', ')}], got [${given.shape.join(', ')}]; hiddenSize may differ`);
    }
    flat.set(given.data, offset);
  }
  return flat;
}
