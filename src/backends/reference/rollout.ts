// What rollout_forward and rollout_backward share: the cell, the read-out's place in the parameters, and the record kept per trial and step.
import { KernelError, ShapeError } from '../../errors.js';
import type { Cell, CellSizes, StepRecord } from './cells/cell.js';
import { driscoll } from './cells/driscoll.js';
import { gru } from './cells/gru.js';
import { lstm } from './cells/lstm.js';
import { node } from './cells/node.js';
import { rnn } from './cells/rnn.js';
import type { ReferenceCall, Values } from './kernel.js';

const cells: Readonly<Record<string, Cell>> = { gru, lstm, rnn, node, driscoll };

/** A rollout call taken apart. */
export interface Rollout {
  readonly cell: Cell;
  readonly sizes: CellSizes;
  readonly S: number;
  readonly parameters: Float64Array;
  readonly readoutWeight: number;
  readonly readoutBias: number;
  readonly sigmoid: boolean;
  /** The read-out sees the state before the step (Driscoll with ctdb) instead of the one after it. */
  readonly readsOldState: boolean;
}

/** Elements of the record of one trial at one step: state before, noise-free state after, and what the cell keeps. */
export function recordLength(variant: string, sizes: CellSizes): number {
  const cell = cells[variant];
  return 2 * cell.statesPerUnit * sizes.H + cell.keptCount(sizes);
}

/** The twin of a cell. */
export function cellOf(variant: string): Cell {
  return cells[variant];
}

/** The sizes that a call's dims, parameters and layer widths state. Throws KernelError for an activation that does not exist. */
export function cellSizes({ dims, params, args }: ReferenceCall): CellSizes {
  const layerSizes: Values | undefined = args.layer_sizes;
  if (![0, 1, 2, 3].includes(params.activation)) throw new KernelError(`rollout: expected activation 0, 1, 2 or 3, got ${params.activation}`);
  return {
    I: dims.I,
    H: params.hidden_size,
    layers: layerSizes ? Array.from(layerSizes) : [],
    stepSize: params.step_size,
    gamma: params.gamma,
    activation: params.activation,
    ctdb: params.ctdb !== 0,
  };
}

/** Takes a call apart. Throws ShapeError when the flat parameters are too short for the cell and its read-out. */
export function openRollout(call: ReferenceCall): Rollout {
  const { variant, args, dims, params } = call;
  const cell = cells[variant];
  const sizes = cellSizes(call);
  const readoutWeight = cell.parameterCount(sizes);
  const readoutBias = readoutWeight + dims.O * sizes.H;
  if (dims.P < readoutBias + dims.O) {
    throw new ShapeError(
      `rollout ${variant}: expected at least ${readoutBias + dims.O} parameters, got ${dims.P}; check hidden_size, layer_sizes and the model's options`,
    );
  }
  return {
    cell,
    sizes,
    S: cell.statesPerUnit * sizes.H,
    parameters: Float64Array.from(args.parameters),
    readoutWeight,
    readoutBias,
    sigmoid: params.readout_sigmoid !== 0,
    readsOldState: variant === 'driscoll' && sizes.ctdb,
  };
}

/** Element `index` of an array cut into vectors of `length`, in f64. */
export function vectorAt(values: Values, index: number, length: number): Float64Array {
  return Float64Array.from(values.subarray(index * length, (index + 1) * length));
}

/** A record as views of one array [recordLength], which the cache holds for every trial and step. */
export function recordOf({ S }: Rollout, x: Float64Array, memory: Float64Array): StepRecord {
  return { x, state: memory.subarray(0, S), next: memory.subarray(S, 2 * S), kept: memory.subarray(2 * S) };
}
