// A checkpoint as a safetensors file: tensors under PyTorch's names, counters in the metadata. Equal states give equal bytes.
// Holds everything that resuming needs and nothing about time, path, host or threads.
import { RunFormatError } from '../errors.js';
import type { CheckpointState } from '../training/events.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

const format = 'motorloop-checkpoint 1';

/** The file of a state. Numbers in the metadata are written so that they come back exactly. */
export function encodeCheckpoint({ epoch, step, tensors, counters }: CheckpointState): Uint8Array {
  const sorted = Object.fromEntries(Object.entries(counters).sort(([a], [b]) => (a < b ? -1 : 1)));
  return writeSafetensors(tensors, { format, epoch: String(epoch), step: String(step), counters: JSON.stringify(sorted) });
}

/**
 * The state in a file; `where` names it in messages. Throws RunFormatError when it is not a safetensors file, not a checkpoint of motorloop, or holds
 * anything but f32 tensors and finite counters. Whether it fits a model is for the model to say.
 */
export function decodeCheckpoint(bytes: Uint8Array, where: string): CheckpointState {
  const file = readSafetensors(bytes, where);
  const stated = file.metadata.get('format');
  if (stated !== format) {
    throw new RunFormatError(
      `${where}: expected a checkpoint (metadata format "${format}"), got ${stated === undefined ? 'no format' : `"${stated.slice(0, 40)}"`}; weights of other software are no checkpoint`,
    );
  }
  const tensors: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  for (const [name, { shape, data }] of file.tensors) {
    if (!(data instanceof Float32Array)) throw new RunFormatError(`${where}: expected ${name} as F32, got another dtype; the file was edited`);
    tensors[name] = { shape, data };
  }
  return {
    epoch: count(file.metadata.get('epoch'), 'epoch', where),
    step: count(file.metadata.get('step'), 'step', where),
    tensors,
    counters: parseCounters(file.metadata.get('counters'), where),
  };
}

function count(text: string | undefined, name: string, where: string): number {
  const value = /^\d{1,15}$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (Number.isNaN(value))
    throw new RunFormatError(`${where}: expected ${name} as a whole number, got ${JSON.stringify(text?.slice(0, 40))}; the file was edited`);
  return value;
}

function parseCounters(text: string | undefined, where: string): CheckpointState['counters'] {
  let value: unknown = null;
  try {
    value = JSON.parse(text ?? 'null');
  } catch {
    // Not JSON: refused below like any other value that is not an object of numbers.
  }
  const valid =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((counter) => counter === null || Number.isFinite(counter));
  if (!valid)
    throw new RunFormatError(`${where}: expected counters as an object of finite numbers, got ${JSON.stringify(text?.slice(0, 80))}; the file was edited`);
  return value as CheckpointState['counters'];
}
