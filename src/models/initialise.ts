// How parameters start: PyTorch's uniform, Xavier, orthogonal, small, Driscoll's own; the same numbers on every platform.
// Only + − × ÷ and square roots besides src/random.ts, so Node and every browser agree to the last bit.
import { fillNormal, fillUniform, type RandomKey, randomKey } from '../random.js';
import type { ParameterView, ResolvedModelOptions } from './model.js';

/** Standard deviation of `small` weights (CtDB's read-out of the NODE): keeps the first steps of an unbounded state small. */
const smallDeviation = 0.01;

/**
 * Fresh parameters [P]. Every tensor has its own random stream, keyed by its place in the flat order: the numbers of one tensor
 * do not depend on the sizes of the others. Trainable initial states start at zero.
 */
export function initialiseParameters(views: readonly ParameterView[], options: ResolvedModelOptions, seed: number): Float32Array {
  const flat = new Float32Array((views.at(-1)?.offset ?? 0) + (views.at(-1)?.length ?? 0));
  const key = randomKey(seed, 'initialisation');
  views.forEach((view, index) => {
    // A bias of a Linear layer stands right behind its weight, whose columns are its fan-in.
    const fanIn = (view.shape[1] ?? views[index - 1]?.shape[1] ?? 1) as number;
    flat.set(startOf(view, fanIn, options, new Draw(key, index)), view.offset);
  });
  return flat;
}

/** The random stream of one tensor. */
class Draw {
  readonly #key: RandomKey;
  readonly #stream: number;

  constructor(key: RandomKey, stream: number) {
    this.#key = key;
    this.#stream = stream;
  }

  /** U(−bound, bound). */
  uniform(length: number, bound: number): Float64Array {
    const values = new Float64Array(length);
    fillUniform(values, this.#key, this.#stream);
    return values.map((value) => (2 * value - 1) * bound);
  }

  /** N(0, deviation²). */
  normal(length: number, deviation: number): Float64Array {
    const values = new Float64Array(length);
    fillNormal(values, this.#key, this.#stream);
    return values.map((value) => value * deviation);
  }
}

function startOf(view: ParameterView, fanIn: number, options: ResolvedModelOptions, draw: Draw): Float64Array {
  const { name, length } = view;
  if (name === 'latent_ics' || name === 'cell_ics') return new Float64Array(length);
  if (name.startsWith('readout.')) return startOfReadout(view, options, draw);
  const isBias = view.shape.length === 1;
  switch (options.initialisation) {
    case 'pytorch':
      return startOfPytorch(view, fanIn, options, draw);
    case 'small':
      return isBias ? new Float64Array(length) : draw.normal(length, smallDeviation);
    case 'xavier':
      return isBias ? new Float64Array(length) : xavier(view, gateRows(view, options), draw);
    case 'orthogonal':
      if (isBias) return new Float64Array(length);
      return isRecurrent(view) ? orthogonalGates(view, gateRows(view, options), draw, 1) : xavier(view, gateRows(view, options), draw);
    case 'motornet': {
      // MotorNet's PolicyGRU (Codol et al. 2024, doi:10.7554/eLife.88591): the stacked gates count as one matrix.
      if (isBias) return new Float64Array(length);
      const rows = view.shape[0] as number;
      return isRecurrent(view) ? orthogonalGates(view, rows, draw, 1) : xavier(view, rows, draw);
    }
    case 'driscoll':
      if (isBias) return new Float64Array(length);
      // Driscoll, Shenoy & Sussillo 2024, doi:10.1038/s41593-024-01668-6: recurrent 0.8 × orthogonal, input N(0, 1/I).
      return isRecurrent(view) ? orthogonalGates(view, gateRows(view, options), draw, 0.8) : draw.normal(length, 1 / Math.sqrt(view.shape[1] as number));
  }
}

/** PyTorch's reset_parameters: ±1/√H for everything in a recurrent cell, ±1/√fan_in for a Linear layer (its bias too). */
function startOfPytorch(view: ParameterView, fanIn: number, options: ResolvedModelOptions, draw: Draw): Float64Array {
  if (options.cell === 'driscoll' && view.name === 'bias') return new Float64Array(view.length);
  if (view.name.startsWith('cell.')) return draw.uniform(view.length, 1 / Math.sqrt(options.hiddenSize));
  return draw.uniform(view.length, 1 / Math.sqrt(fanIn));
}

function startOfReadout(view: ParameterView, options: ResolvedModelOptions, draw: Draw): Float64Array {
  const isBias = view.name === 'readout.bias';
  if (isBias && options.readoutBias !== undefined) return new Float64Array(view.length).fill(options.readoutBias);
  switch (options.readoutInitialisation) {
    case 'linear':
      return draw.uniform(view.length, 1 / Math.sqrt(options.hiddenSize));
    case 'small':
      return isBias ? new Float64Array(view.length) : draw.normal(view.length, smallDeviation);
    case 'xavier':
      return isBias ? new Float64Array(view.length) : draw.uniform(view.length, Math.sqrt(6 / (options.hiddenSize + (view.shape[0] as number))));
  }
}

function isRecurrent(view: ParameterView): boolean {
  return view.name === 'cell.weight_hh' || view.name === 'recW.weight' || view.name.startsWith('generator.');
}

/** Rows of one gate: H for GRU and LSTM, where gates are stacked; all rows elsewhere. */
function gateRows(view: ParameterView, options: ResolvedModelOptions): number {
  return view.name.startsWith('cell.') ? options.hiddenSize : (view.shape[0] as number);
}

/** Glorot & Bengio 2010, eq. 16: ±√(6/(fan_in + fan_out)), where `rows`, one gate's or all, is the fan_out. */
function xavier(view: ParameterView, rows: number, draw: Draw): Float64Array {
  return draw.uniform(view.length, Math.sqrt(6 / ((view.shape[1] as number) + rows)));
}

/** Every block of `rows` rows, one gate's or all, is gain × orthonormal rows (or columns, where there are more rows than columns). */
function orthogonalGates(view: ParameterView, rows: number, draw: Draw, gain: number): Float64Array {
  const columns = view.shape[1] as number;
  const values = draw.normal(view.length, 1);
  for (let first = 0; first < view.length; first += rows * columns) orthonormalise(values.subarray(first, first + rows * columns), rows, columns);
  return values.map((value) => gain * value);
}

/**
 * Turns a Gaussian matrix [rows, columns] into a Haar-distributed (semi-)orthogonal one, in place: Gram–Schmidt along the shorter
 * side, each vector projected twice ("twice is enough", Giraud et al. 2005), so rows are orthogonal to 1e-15.
 */
export function orthonormalise(matrix: Float64Array, rows: number, columns: number): void {
  const byRows = rows <= columns;
  const count = byRows ? rows : columns;
  const size = byRows ? columns : rows;
  const stride = byRows ? 1 : columns;
  const start = (vector: number) => (byRows ? vector * columns : vector);
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += (matrix[start(a) + i * stride] as number) * (matrix[start(b) + i * stride] as number);
    return sum;
  };
  for (let vector = 0; vector < count; vector++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let before = 0; before < vector; before++) {
        const along = dot(vector, before);
        for (let i = 0; i < size; i++)
          matrix[start(vector) + i * stride] = (matrix[start(vector) + i * stride] as number) - along * (matrix[start(before) + i * stride] as number);
      }
    }
    const length = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < size; i++) matrix[start(vector) + i * stride] = (matrix[start(vector) + i * stride] as number) / length;
  }
}
