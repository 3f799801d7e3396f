// Between a session's flat vectors and a checkpoint's named tensors: parameters under PyTorch's names, moments beside them.
import { RunFormatError, ShapeError } from '../errors.js';
import { joinParameters, type Model, splitParameters } from '../models/model.js';
import type { CheckpointState } from './events.js';

/** Everything that changes on a backend while a model trains. */
export interface SessionState {
  /** [P]. */
  readonly parameters: Float32Array;
  /** Moments of the optimiser, each [P]: none, one or two. */
  readonly moments: readonly Float32Array[];
  /** Optimiser steps taken. */
  readonly steps: number;
}

const momentPrefix = (moment: number) => `optimizer.moment${moment + 1}.`;

/** The tensors of a checkpoint. */
export function namedTensors(model: Model, state: SessionState): CheckpointState['tensors'] {
  const tensors: Record<string, CheckpointState['tensors'][string]> = splitParameters(model, state.parameters);
  state.moments.forEach((moment, i) => {
    for (const [name, tensor] of Object.entries(splitParameters(model, moment))) tensors[momentPrefix(i) + name] = tensor;
  });
  return tensors;
}

/**
 * The inverse of `namedTensors`, for an optimiser with `moments` moments.
 * Throws RunFormatError when a tensor is missing, has another shape, or holds a number that is not finite.
 */
export function sessionState(model: Model, checkpoint: CheckpointState, moments: number): SessionState {
  const flat = (prefix: string) => {
    const own = Object.fromEntries(model.parameters.map(({ name }) => [name, tensorOf(checkpoint, prefix + name)]));
    try {
      return joinParameters(model, own);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      throw new RunFormatError(
        `resume: expected a checkpoint of this model, got ${prefix === '' ? 'parameters' : prefix.slice(0, -1)} that do not fit (${error.message})`,
      );
    }
  };
  return { parameters: flat(''), moments: Array.from({ length: moments }, (_, i) => flat(momentPrefix(i))), steps: checkpoint.step };
}

function tensorOf({ tensors }: CheckpointState, name: string): CheckpointState['tensors'][string] {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (!tensor) throw new RunFormatError(`resume: expected tensor ${name} in the checkpoint, got none; it belongs to another model or optimiser`);
  const bad = firstNonFinite(tensor.data);
  if (bad >= 0) throw new RunFormatError(`resume: expected finite numbers in ${name}, got ${tensor.data[bad]} at position ${bad}; the checkpoint is damaged`);
  return tensor;
}

function firstNonFinite(data: ArrayLike<number>): number {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) return i;
  }
  return -1;
}

/** Name and place of the first number of a flat vector [P] that is not finite, e.g. `cell.weight_hh[3, 5] = NaN`; null if all are. */
export function describeNonFinite(model: Model, flat: ArrayLike<number>): string | null {
  const at = firstNonFinite(flat);
  const view = model.parameters.find(({ offset, length }) => at >= offset && at < offset + length);
  if (!view) return null;
  const index: number[] = [];
  let rest = at - view.offset;
  for (const size of view.shape.toReversed()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `${view.name}[${index.join(', ')}] = ${flat[at]}`;
}
