// Weights of other software as parameters of a model: PyTorch's GRU, LSTM, RNN (cells or single layers) and Linear, found by the endings of their names.
// PyTorch's gate order is ours (r, z, n; i, f, g, o), so nothing is permuted (https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html).
import { ShapeError } from '../errors.js';
import type { Model } from './layout.js';

/** A tensor of a state dictionary. */
export interface ForeignTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface ForeignWeights {
  /** Flat parameters in the model's order [P]. */
  readonly parameters: Float32Array;
  /** Parameter → name in the file. */
  readonly used: Readonly<Record<string, string>>;
  readonly ignored: readonly string[];
  /** Parameters that the file does not have and that are zero. */
  readonly zeros: readonly string[];
}

/** What people call a read-out. */
const readoutNames = 'readout|fc|linear|out|output|decoder|head|proj';

/** Which names end a parameter's. */
function endingOf(parameter: string): RegExp {
  const cell = /^cell\.(weight_ih|weight_hh|bias_ih|bias_hh)$/.exec(parameter)?.[1];
  if (cell) return new RegExp(`(^|\\.)${cell}(_l0)?$`);
  const readout = /^readout\.(weight|bias)$/.exec(parameter)?.[1];
  if (readout) return new RegExp(`(^|\\.)(${readoutNames})(\\.0)?\\.${readout}$`);
  const network = /^generator\.(vf_net\.\d+\.(?:weight|bias))$/.exec(parameter)?.[1];
  const name = (network ?? parameter).replaceAll('.', '\\.');
  return new RegExp(`(^|\\.)${name}$`);
}

/** Absent in a file, these are zero: layers made with bias=False, and states that nobody trained. */
const optional = new Set(['cell.bias_ih', 'cell.bias_hh', 'readout.bias', 'latent_ics', 'cell_ics']);

/**
 * Finds every parameter of `model` among foreign tensors. Throws ShapeError, listing every problem, when one is missing or there twice, has another shape
 * or holds a number that is not finite, and for networks of several layers or both directions.
 */
export function foreignWeights(model: Model, tensors: ReadonlyMap<string, ForeignTensor>, where: string): ForeignWeights {
  const names = [...tensors.keys()];
  const problems: string[] = [];
  const deeper = names.find((name) => /_(l[1-9]\d*|reverse)$/.test(name));
  if (deeper !== undefined) problems.push(`expected one layer in one direction, got ${deeper}`);
  const parameters = new Float32Array(model.parameterCount);
  const used: Record<string, string> = {};
  const zeros: string[] = [];
  for (const { name, shape, offset, length } of model.parameters) {
    const match = choose(name, names, Object.values(used));
    if (match.length === 0) {
      if (optional.has(name)) zeros.push(name);
      else problems.push(`${name} [${shape.join(', ')}]: expected a name that ends like ${name.replace(/^(generator|cell)\./, '')}, got none`);
      continue;
    }
    if (match.length > 1) {
      problems.push(`${name}: expected one tensor, got ${match.join(' and ')}`);
      continue;
    }
    const found = match[0] as string;
    const tensor = tensors.get(found) as ForeignTensor;
    used[name] = found;
    if (!sameShape(tensor.shape, shape)) {
      problems.push(`${found}: expected shape [${shape.join(', ')}] for ${name}, got [${tensor.shape.join(', ')}]${hint(tensor.shape, shape)}`);
      continue;
    }
    for (let i = 0; i < length; i++) parameters[offset + i] = tensor.data[i] as number;
    const bad = parameters.subarray(offset, offset + length).findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) problems.push(`${found}: expected finite numbers, got ${tensor.data[bad]} at entry ${bad}`);
  }
  if (problems.length > 0)
    throw new ShapeError(
      `${where}: expected the weights of a ${model.cell} with ${model.hiddenSize} units, got ${problems.join('; ')}; there are ${names.slice(0, 40).join(', ') || 'no tensors'}`,
    );
  const taken = new Set(Object.values(used));
  return { parameters, used, ignored: names.filter((name) => !taken.has(name)), zeros };
}

/** The name itself where it is there, else all that end alike. */
function choose(parameter: string, names: readonly string[], taken: readonly string[]): string[] {
  if (names.includes(parameter)) return [parameter];
  // the bias of a leaky network lies beside its recurrent weights
  if (parameter === 'bias') return names.filter((name) => names.includes(name.replace(/bias$/, 'recW.weight')) && /(^|\.)bias$/.test(name));
  return names.filter((name) => endingOf(parameter).test(name) && !taken.includes(name));
}

/** Axes of length 1 in front do not count: an initial state may be [1, H]. */
function sameShape(got: readonly number[], wanted: readonly number[]): boolean {
  const rest = [...got];
  while (rest.length > wanted.length && rest[0] === 1) rest.shift();
  return rest.length === wanted.length && rest.every((size, axis) => size === wanted[axis]);
}

function hint(got: readonly number[], wanted: readonly number[]): string {
  return got.length === 2 && wanted.length === 2 && got[0] === wanted[1] && got[1] === wanted[0] ? ' (transposed: PyTorch has [outputs, inputs])' : '';
}
