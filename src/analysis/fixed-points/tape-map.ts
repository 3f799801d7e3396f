// State maps on a backend: a cell written with tensor operations, Jacobians by the gradient tape. Also any cell of ours, as one step of its rollout.
// Every state is repeated S times, copy i with the i-th unit vector as cotangent: one reverse pass gives whole Jacobians of many states.
import type { Backend } from '../../backends/backend.js';
import { ShapeError } from '../../errors.js';
import type { Model } from '../../models/layout.js';
import { rolloutTensor } from '../../rollout/operation.js';
import { multiply, reshape, sum, type Tensor, tensor, tidy, valueAndGradients } from '../../tensor/index.js';
import { sameShape } from '../../tensor/shape.js';
import { checkRows } from './function-map.js';
import type { StateMap } from './state-map.js';

/** One step of a cell for K states [K, S] and inputs [K, I] to the next states [K, S]; each row may depend on its own row only. */
export type TensorStep = (states: Tensor, inputs: Tensor) => Tensor;

export interface TapeMapOptions {
  readonly stateSize: number;
  /** Default 0: the step is then handed a column of zeros as inputs. */
  readonly inputSize?: number;
  /** Default `a cell of S units`. */
  readonly description?: string;
}

/** Numbers that the repeated states of one reverse pass may hold: bounds the memory of a Jacobian of many states to tens of MB. */
const passNumbers = 1 << 20;

/**
 * The map of a custom cell on a backend. In f32 backends rounding bounds the speed that a search can reach to about S · 1e-15 · |x|² (1e-13 for 100 units
 * of size 1); on the f64 variant of the reference backend it reaches 1e-20 and less. Throws ShapeError when the step returns another shape.
 */
export function tapeMap(backend: Backend, step: TensorStep, options: TapeMapOptions): StateMap {
  const { stateSize, inputSize = 0, description = `a cell of ${stateSize} units` } = options;
  const run = (states: Tensor, inputs: Tensor): Tensor => {
    const next = step(states, inputs);
    if (!sameShape(next.shape, states.shape)) {
      throw new ShapeError(`tapeMap: expected the step to return states [${states.shape.join(', ')}], got [${next.shape.join(', ')}]`);
    }
    return next;
  };
  /** Rows of states and inputs as tensors; a map without inputs gets one column of zeros, because no tensor is empty. */
  const upload = (states: Float64Array, inputs: Float64Array, count: number): [Tensor, Tensor] => [
    tensor(backend, states, [count, stateSize]),
    tensor(backend, inputSize > 0 ? inputs : new Float64Array(count), [count, Math.max(1, inputSize)]),
  ];
  const read = async (values: Tensor): Promise<Float64Array> => {
    try {
      return Float64Array.from(await values.data());
    } finally {
      values.dispose();
    }
  };
  /** Jᵀc with respect to states and inputs, for cotangents [K, S]. */
  const pullBack = async (states: Float64Array, inputs: Float64Array, cotangents: Float64Array): Promise<[Float64Array, Float64Array]> => {
    const count = checkRows('tapeMap', states, stateSize, inputs, inputSize);
    const gradients = tidy(() => {
      const weights = tensor(backend, cotangents, [count, stateSize]);
      return valueAndGradients((x, u) => sum(multiply(run(x, u), weights)), upload(states, inputs, count)).gradients;
    });
    const [dStates, dInputs] = await Promise.all(gradients.map(read));
    return [dStates as Float64Array, dInputs as Float64Array];
  };
  const evaluate = async (states: Float64Array, inputs: Float64Array): Promise<Float64Array> => {
    const count = checkRows('tapeMap', states, stateSize, inputs, inputSize);
    if (count === 0) return new Float64Array(0);
    return read(tidy(() => reshape(run(...upload(states, inputs, count)), [count * stateSize])));
  };
  return {
    stateSize,
    inputSize,
    description,
    precision: backend.description.variant === 'f64' ? 'f64' : 'f32',
    evaluate,
    async linearise(states, inputs, withInputs = false) {
      const next = await evaluate(states, inputs);
      const count = next.length / stateSize;
      const jacobian = new Float64Array(count * stateSize * stateSize);
      const inputJacobian = withInputs ? new Float64Array(count * stateSize * inputSize) : null;
      const atOnce = Math.max(1, Math.floor(passNumbers / (stateSize * Math.max(stateSize, inputSize))));
      for (let first = 0; first < count; first += atOnce) {
        const rows = Math.min(atOnce, count - first);
        const repeated = repeatRows(states, stateSize, first, rows, stateSize);
        const repeatedInputs = repeatRows(inputs, inputSize, first, rows, stateSize);
        const [dStates, dInputs] = await pullBack(repeated, repeatedInputs, unitCotangents(rows, stateSize));
        jacobian.set(dStates, first * stateSize * stateSize);
        if (inputSize > 0) inputJacobian?.set(dInputs, first * stateSize * inputSize);
      }
      return { next, jacobian, inputJacobian };
    },
    async vectorJacobian(states, inputs, cotangents) {
      return states.length === 0 ? new Float64Array(0) : (await pullBack(states, inputs, cotangents))[0];
    },
  };
}

/** Each of `rows` rows from `first` on, `times` times one behind the other. */
function repeatRows(values: Float64Array, width: number, first: number, rows: number, times: number): Float64Array {
  const result = new Float64Array(rows * times * width);
  for (let row = 0; row < rows; row++) {
    const source = values.subarray((first + row) * width, (first + row + 1) * width);
    for (let copy = 0; copy < times; copy++) result.set(source, (row * times + copy) * width);
  }
  return result;
}

/** The unit vectors of S dimensions, `rows` times [rows · S, S]. */
function unitCotangents(rows: number, size: number): Float64Array {
  const result = new Float64Array(rows * size * size);
  for (let row = 0; row < rows; row++) for (let i = 0; i < size; i++) result[(row * size + i) * size + i] = 1;
  return result;
}

/**
 * A model's cell as a map on a backend, without noise: one step of its rollout. Slower than the cell maps in f64, but gives gradient descent on the speed
 * (the methods of CtDB and of Golub & Sussillo) the speed of the backend's f32 kernels. Call `dispose` when done.
 */
export function rolloutMap(backend: Backend, model: Model, parameters: ArrayLike<number>): StateMap {
  const weights = tensor(backend, Float64Array.from(parameters), [model.parameterCount]);
  const step: TensorStep = (states, inputs) => {
    const count = states.shape[0] as number;
    const { states: next } = rolloutTensor(model, { parameters: weights, inputs: reshape(inputs, [count, 1, model.inputSize]), initialState: states });
    return reshape(next, [count, model.stateSize]);
  };
  const map = tapeMap(backend, step, {
    stateSize: model.stateSize,
    inputSize: model.inputSize,
    description: `${model.cell} cell with ${model.hiddenSize} units`,
  });
  return { ...map, dispose: async () => weights.dispose() };
}
