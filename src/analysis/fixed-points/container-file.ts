// Fixed points as a file: safetensors, one tensor for each array, exact to the bit; read back with every check that a hostile file needs.
import { RunFormatError } from '../../errors.js';
import { type ArrayTensor, describe, readSafetensors, writeSafetensors } from '../../runs/safetensors.js';
import { FixedPoints } from './container.js';
import { type FixedPointArrayName, type FixedPointArrays, fixedPointArrays, integerArrays, requiredArrays } from './point-arrays.js';

const format = 'motorloop fixed points';
const version = '1';

/** Shape of an array of K points as other software should see it. */
function shapeOf(name: FixedPointArrayName, count: number, stateSize: number, inputSize: number): number[] {
  if (name === 'jacobians') return [count, stateSize, stateSize];
  if (name === 'inputJacobians') return [count, stateSize, inputSize];
  if (name === 'eigenvalues') return [count, stateSize, 2];
  if (name === 'states' || name === 'next' || name === 'starts') return [count, stateSize];
  return name === 'inputs' ? [count, inputSize] : [count];
}

/** The file of a set: tensors `states` [K, S], `inputs` [K, I], `speed` [K], `jacobians` [K, S, S], … as far as the set has them. */
export function encodeFixedPoints(points: FixedPoints): Uint8Array {
  const tensors: Record<string, ArrayTensor> = {};
  for (const name of fixedPointArrays) {
    const data = points[name];
    if (data) tensors[name] = { shape: shapeOf(name, points.length, points.stateSize, points.inputSize), data };
  }
  return writeSafetensors(tensors, { format, version, notes: JSON.stringify(points.notes) });
}

/** Reads a file back. `where` names it in messages. Throws RunFormatError, naming the tensor, when it is no such file, is damaged, or shapes disagree. */
export function decodeFixedPoints(bytes: Uint8Array, where: string): FixedPoints {
  const { tensors, metadata } = readSafetensors(bytes, where);
  if (metadata.get('format') !== format || metadata.get('version') !== version) {
    throw new RunFormatError(
      `${where}: expected a file of fixed points (format "${format}", version ${version}), got format ${describe(metadata.get('format') ?? 'none')}, version ${describe(metadata.get('version') ?? 'none')}`,
    );
  }
  const needed = (name: FixedPointArrayName): ArrayTensor => {
    const tensor = tensors.get(name);
    if (!tensor) throw new RunFormatError(`${where}: expected a tensor ${name}, got none`);
    return tensor;
  };
  for (const name of requiredArrays) needed(name);
  const [count = -1, stateSize = 0] = needed('states').shape;
  const inputSize = needed('inputs').shape[1] ?? 0;
  if (needed('states').shape.length !== 2 || stateSize < 1) {
    throw new RunFormatError(`${where}: expected states of shape [K, S], got [${needed('states').shape.join(', ')}]`);
  }
  const arrays: Partial<Record<FixedPointArrayName, Float64Array | Int32Array>> = {};
  for (const [name, { shape, data }] of tensors) {
    const known = fixedPointArrays.find((one) => one === name);
    if (!known) throw new RunFormatError(`${where}: expected tensors ${fixedPointArrays.join(', ')}, got ${describe(name)}`);
    const wanted = shapeOf(known, count, stateSize, inputSize);
    const Kind = integerArrays.includes(known) ? Int32Array : Float64Array;
    if (!(data instanceof Kind) || shape.length !== wanted.length || shape.some((size, axis) => size !== wanted[axis])) {
      throw new RunFormatError(
        `${where}: expected ${known} as ${Kind === Int32Array ? 'I32' : 'F64'} [${wanted.join(', ')}], got ${data.constructor.name} [${shape.join(', ')}]`,
      );
    }
    arrays[known] = data;
  }
  return new FixedPoints({ ...(arrays as unknown as FixedPointArrays), stateSize, inputSize, notes: notesOf(metadata.get('notes'), where) });
}

function notesOf(text: string | undefined, where: string): string[] {
  let notes: unknown;
  try {
    notes = JSON.parse(text ?? '[]');
  } catch {
    notes = null;
  }
  if (Array.isArray(notes) && notes.every((note) => typeof note === 'string')) return notes;
  throw new RunFormatError(`${where}: expected metadata notes as a list of texts, got ${describe(text)}`);
}
