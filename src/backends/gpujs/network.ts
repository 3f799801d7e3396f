// A rollout call of the gpujs backend taken apart: its cell, its sizes, and what it changes of units. The launches are in network-forward.ts and network-backward.ts.
import { KernelError, ShapeError } from '../../errors.js';
import type { GpujsValue } from '../../platform/gpujs.js';
import type { GpujsArray } from './array.js';
import { type CellPlan, cellPlan } from './cells.js';
import type { GpujsCall } from './kernel.js';

/** A rollout call taken apart. */
export interface Network {
  readonly plan: CellPlan;
  readonly H: number;
  readonly I: number;
  readonly O: number;
  readonly readoutBias: number;
  readonly sigmoid: boolean;
  /** The read-out sees the state before the step (Driscoll with ctdb) instead of the one after it. */
  readonly readsOldState: boolean;
}

/** Throws KernelError for an activation that does not exist, ShapeError when the flat parameters are too short. */
export function openNetwork({ variant, args, dims, params }: GpujsCall, I: number, O: number): Network {
  const layers: GpujsArray | undefined = args.layer_sizes;
  if (![0, 1, 2, 3].includes(params.activation)) throw new KernelError(`rollout: expected activation 0, 1, 2 or 3, got ${params.activation}`);
  const H = params.hidden_size;
  const plan = cellPlan(variant, {
    I,
    H,
    widths: layers && variant === 'node' ? Array.from(layers.data.subarray(0, dims.L)) : [],
    stepSize: params.step_size,
    gamma: params.gamma,
    activation: params.activation,
    ctdb: params.ctdb !== 0,
  });
  const readoutBias = plan.parameterCount + O * H;
  if (dims.P < readoutBias + O) {
    throw new ShapeError(
      `rollout ${variant}: expected at least ${readoutBias + O} parameters, got ${dims.P}; check hidden_size, layer_sizes and the model's options`,
    );
  }
  return { plan, H, I, O, readoutBias, sigmoid: params.readout_sigmoid !== 0, readsOldState: variant === 'driscoll' && params.ctdb !== 0 };
}

/** Elements that a rollout keeps for its reverse, for each trial: rows of every layer and states, with noise those that were read out too. */
export function keptLength({ plan }: Network, T: number, noisy: boolean): number {
  const rows = plan.layers.reduce((sum, layer) => sum + layer.rows, 0);
  return T * rows + (T + 1) * plan.stateSize + (noisy ? T * plan.stateSize : 0);
}

/** Changes of units that a call asks for, by rows of two tables: row 0, and one that the tables lack, leave a value as it is. */
export interface UnitChanges {
  readonly rows: number;
  readonly row: GpujsValue;
  readonly gain: GpujsValue;
  readonly shift: GpujsValue;
}

export function unitChanges({ args, dims }: GpujsCall): UnitChanges | null {
  const row: GpujsArray | undefined = args.unit_row;
  return row ? { rows: dims.W, row: row.value, gain: args.unit_gain.value, shift: args.unit_shift.value } : null;
}

/** Statements that change `value`, entry s of the state of trial b at time `entry`. */
export const changeText = (H: number, T: number, { rows }: UnitChanges, what: string) => `
  if (s < ${H}) {
    const chosen = unit_row[b * ${T + 1} + entry];
    if (chosen > 0.5 && chosen < ${rows - 0.5}) { value = ${what}; }
  }`;
/** Its place in a row of `unit_gain` or `unit_shift`. */
export const chosenEntry = (H: number) => `[chosen * ${H} + s]`;
