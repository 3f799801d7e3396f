// A state map from a plain function of one state: for equations of one's own, tests and golden files. Runs on the host in f64.
import { NumericsError, ShapeError } from '../../errors.js';
import type { StateMap } from './state-map.js';

/** One state and one input to numbers; must depend on nothing else. */
export type StateFunction = (state: Float64Array, input: Float64Array) => ArrayLike<number>;

export interface FunctionMapOptions {
  readonly stateSize: number;
  /** Default 0: no inputs. */
  readonly inputSize?: number;
  /** Default `a function of S numbers`. */
  readonly description?: string;
  /** ∂F_i/∂x_j, row-major [S, S]. Default: central differences, good to about 1e-9 where F is smooth and of size 1. */
  readonly jacobian?: StateFunction;
  /** ∂F_i/∂u_j, row-major [S, I]. Default: central differences. */
  readonly inputJacobian?: StateFunction;
}

/** Step of central differences relative to max(1, |x|): ∛(2⁻⁵²), where rounding and the cubic term are equally small. */
const differenceStep = 6.06e-6;

/**
 * The map x' = F(x, u) of a function of one state, applied to each. Throws ShapeError where the function or a Jacobian returns another number of values,
 * NumericsError where one is not finite.
 */
export function functionMap(step: StateFunction, options: FunctionMapOptions): StateMap {
  const { stateSize, inputSize = 0, description = `a function of ${stateSize} numbers` } = options;
  if (!Number.isInteger(stateSize) || stateSize < 1 || !Number.isInteger(inputSize) || inputSize < 0) {
    throw new ShapeError(`functionMap: expected sizes as whole numbers (a state of at least 1), got ${stateSize} and ${inputSize}`);
  }
  const call = (fn: StateFunction, what: string, length: number, state: Float64Array, input: Float64Array): ArrayLike<number> => {
    const values = fn(state, input);
    if (values.length !== length) throw new ShapeError(`functionMap: expected ${length} numbers of ${what}, got ${values.length}`);
    for (let i = 0; i < length; i++) {
      if (!Number.isFinite(values[i])) throw new NumericsError(`functionMap: expected finite numbers of ${what}, got ${values[i]} at ${i}`);
    }
    return values;
  };
  const next = (state: Float64Array, input: Float64Array) => call(step, 'the next state', stateSize, state, input);
  /** Jacobian by central differences in the entries of `moved`, which is one of the two arguments. */
  const differences = (state: Float64Array, input: Float64Array, moved: Float64Array): Float64Array => {
    const columns = moved.length;
    const result = new Float64Array(stateSize * columns);
    for (let j = 0; j < columns; j++) {
      const at = moved[j] as number;
      const width = differenceStep * Math.max(1, Math.abs(at));
      moved[j] = at + width;
      const above = Float64Array.from(next(state, input));
      moved[j] = at - width;
      const below = next(state, input);
      moved[j] = at;
      for (let i = 0; i < stateSize; i++) result[i * columns + j] = ((above[i] as number) - (below[i] as number)) / (2 * width);
    }
    return result;
  };
  const { jacobian, inputJacobian } = options;
  const stateDerivatives = (state: Float64Array, input: Float64Array) =>
    jacobian ? call(jacobian, 'the Jacobian', stateSize * stateSize, state, input) : differences(state, input, state);
  const inputDerivatives = (state: Float64Array, input: Float64Array) =>
    inputJacobian ? call(inputJacobian, 'the input Jacobian', stateSize * inputSize, state, input) : differences(state, input, input);

  /** Runs `fn` for each row and packs what it returns, `length` numbers a row. */
  const forEach = (states: Float64Array, inputs: Float64Array, length: number, fn: StateFunction): Float64Array => {
    const count = checkRows('functionMap', states, stateSize, inputs, inputSize);
    const result = new Float64Array(count * length);
    for (let k = 0; k < count; k++) {
      // copies: a function may keep or change what it is handed
      const values = fn(states.slice(k * stateSize, (k + 1) * stateSize), inputs.slice(k * inputSize, (k + 1) * inputSize));
      result.set(values, k * length);
    }
    return result;
  };
  return {
    stateSize,
    inputSize,
    description,
    evaluate: async (states, inputs) => forEach(states, inputs, stateSize, next),
    linearise: async (states, inputs, withInputs = false) => ({
      next: forEach(states, inputs, stateSize, next),
      jacobian: forEach(states, inputs, stateSize * stateSize, stateDerivatives),
      inputJacobian: withInputs ? forEach(states, inputs, stateSize * inputSize, inputDerivatives) : null,
    }),
  };
}

/** Rows of states [K, S] and inputs [K, I]: returns K, throws ShapeError when they do not fit. */
export function checkRows(where: string, states: Float64Array, stateSize: number, inputs: Float64Array, inputSize: number): number {
  const count = states.length / stateSize;
  if (!Number.isInteger(count)) throw new ShapeError(`${where}: expected states of ${stateSize} numbers each, got ${states.length} numbers in all`);
  if (inputs.length !== count * inputSize) {
    throw new ShapeError(`${where}: expected inputs [${count}, ${inputSize}], got ${inputs.length} numbers; there is one input for each state`);
  }
  return count;
}
