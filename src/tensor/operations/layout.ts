// Operations that move numbers without changing them: reshape, transpose, broadcast, slice, pad, concat, stack.
import { ShapeError } from '../../errors.js';
import {
  broadcastShapes,
  broadcastStrides,
  checkShape,
  collapse,
  normaliseAxis,
  sameShape,
  type Shape,
  show,
  sizeOf,
  stridesOf,
  viewParams,
} from '../shape.js';
import { recordOperation, type ReverseStep } from '../tape.js';
import { flat, full, type Tensor, zeros } from '../tensor.js';
import { checkOperands } from './operand.js';
import { sumTo } from './reduction.js';

/** Part of an array: element i of the part lies at offset + i · strides. */
interface Part {
  readonly shape: Shape;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Copies a part of x to a contiguous y, or a contiguous x to a part of y. */
function copy(name: string, x: Tensor, from: Part, y: Tensor, to: Part): void {
  const params = viewParams(collapse(name, from.shape, [from.strides, to.strides]), ['x_stride', 'y_stride']);
  if (sizeOf(from.shape) === 0) return;
  x.backend.run('copy_strided', { args: { x: flat(x), y: flat(y) }, params: { ...params, x_offset: from.offset, y_offset: to.offset } });
}

const whole = (shape: Shape): Part => ({ shape, offset: 0, strides: stridesOf(shape) });

/** The part of x as a tensor of its own. No element may occur twice. */
function take(name: string, x: Tensor, part: Part): Tensor {
  checkOperands(name, [x]);
  const y = zeros(x.backend, part.shape);
  copy(name, x, part, y, whole(part.shape));
  const reverse = ({ inputs, dOutputs }: ReverseStep) => [place(name, dOutputs[0] as Tensor, inputs[0].shape, part, 0)];
  recordOperation({ name, inputs: [x], outputs: [y], reverse });
  return y;
}

/** A tensor of `shape`, filled with `value`, with x in one part of it: the reverse of `take`. */
function place(name: string, x: Tensor, shape: Shape, part: Part, value: number): Tensor {
  checkOperands(name, [x]);
  const y = full(x.backend, shape, value);
  copy(name, x, whole(part.shape), y, part);
  recordOperation({ name, inputs: [x], outputs: [y], reverse: ({ dOutputs }) => [take(name, dOutputs[0] as Tensor, part)] });
  return y;
}

/**
 * The same numbers in another shape of the same size; one length may be −1 and is worked out. Shares memory with x, so it costs nothing. Any dtype.
 * Throws ShapeError when the sizes differ.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = sizeOf(shape.filter((length) => length !== -1));
  const wanted = shape.map((length) => (length === -1 ? x.size / known : length));
  if (shape.filter((length) => length === -1).length > 1 || !wanted.every(Number.isInteger) || sizeOf(wanted) !== x.size) {
    throw new ShapeError(`reshape: expected a shape of ${x.size} elements for ${show(x.shape)}, got ${show(shape)}`);
  }
  checkShape('reshape', wanted);
  const y = x.alias(wanted);
  recordOperation({ name: 'reshape', inputs: [x], outputs: [y], reverse: ({ inputs, dOutputs }) => [reshape(dOutputs[0] as Tensor, inputs[0].shape)] });
  return y;
}

/** Axes in another order: axis k of the result is axis order[k] of x. Default: reversed. Throws ShapeError unless `order` names every axis once. */
export function transpose(x: Tensor, order: readonly number[] = x.shape.map((_, axis) => x.rank - 1 - axis)): Tensor {
  const axes = order.map((axis) => normaliseAxis('transpose', axis, x.rank));
  if (axes.length !== x.rank || new Set(axes).size !== x.rank)
    throw new ShapeError(`transpose: expected every axis of ${show(x.shape)} once, got ${show(order)}`);
  const strides = stridesOf(x.shape);
  return take('transpose', x, { shape: axes.map((axis) => x.shape[axis]), offset: 0, strides: axes.map((axis) => strides[axis]) });
}

/** x repeated along axes of length 1 and new leading axes, as broadcasting does; shares memory with x where nothing is repeated. Throws ShapeError when x does not broadcast to `shape`. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  checkOperands('broadcastTo', [x]);
  checkShape('broadcastTo', shape);
  if (!sameShape(broadcastShapes('broadcastTo', x.shape, shape), shape))
    throw new ShapeError(`broadcastTo: expected a shape that ${show(x.shape)} broadcasts to, got ${show(shape)}`);
  if (sameShape(x.shape, shape)) return reshape(x, shape);
  const y = zeros(x.backend, shape);
  copy('broadcastTo', x, { shape, offset: 0, strides: broadcastStrides(x.shape, shape) }, y, whole(shape));
  recordOperation({ name: 'broadcastTo', inputs: [x], outputs: [y], reverse: ({ inputs, dOutputs }) => [sumTo(dOutputs[0] as Tensor, inputs[0].shape)] });
  return y;
}

/** [start, stop) or [start, stop) by step; negative positions count from the end, null means as far as it goes. */
export type Range = readonly [start: number | null, stop: number | null, step?: number];

/**
 * Part of x along each axis: null takes all, a number takes one element and drops the axis, a range takes [start, stop) by step (default 1; negative
 * steps run backwards, with start defaulting to the last element). Missing ranges take all. Throws ShapeError for positions outside the axis.
 */
export function slice(x: Tensor, ranges: readonly (Range | number | null)[]): Tensor {
  if (ranges.length > x.rank) throw new ShapeError(`slice: expected at most ${x.rank} ranges for ${show(x.shape)}, got ${ranges.length}`);
  const shape: number[] = [];
  const strides: number[] = [];
  let offset = 0;
  stridesOf(x.shape).forEach((stride, axis) => {
    const range = ranges[axis] ?? null;
    if (typeof range === 'number') {
      offset += normaliseIndex(range, x.shape[axis], axis) * stride;
      return;
    }
    const { start, count, step } = normaliseRange(range, x.shape[axis], axis);
    if (count > 0) offset += start * stride;
    shape.push(count);
    strides.push(step * stride);
  });
  return take('slice', x, { shape, offset, strides });
}

function normaliseIndex(index: number, length: number, axis: number): number {
  const normal = index < 0 ? index + length : index;
  if (!Number.isInteger(normal) || normal < 0 || normal >= length)
    throw new ShapeError(`slice: expected an index between ${-length} and ${length - 1} on axis ${axis}, got ${index}`);
  return normal;
}

function normaliseRange(range: Range | null, length: number, axis: number): { start: number; count: number; step: number } {
  const [from, to, step = 1] = range ?? [null, null];
  const position = (value: number) => (value < 0 ? value + length : value);
  const start = from === null ? (step > 0 ? 0 : length - 1) : position(from);
  const stop = to === null ? (step > 0 ? length : -1) : position(to);
  const valid = [start, stop, step].every(Number.isInteger) && step !== 0 && start >= (step > 0 ? 0 : -1) && start <= length && stop >= -1 && stop <= length;
  if (!valid)
    throw new ShapeError(`slice: expected positions inside ${length} elements and a step other than 0 on axis ${axis}, got [${from}, ${to}, ${step}]`);
  if (step < 0 && start === length && start > stop)
    throw new ShapeError(`slice: expected a start of at most ${length - 1} on axis ${axis} for a negative step, got ${from}`);
  return { start, count: Math.max(0, Math.ceil((stop - start) / step)), step };
}

/** x with `value` (default 0) around it: [before, after] elements along each axis. Throws ShapeError unless there is one pair of whole numbers ≥ 0 per axis. */
export function pad(x: Tensor, widths: readonly (readonly [before: number, after: number])[], value = 0): Tensor {
  if (widths.length !== x.rank || !widths.flat().every((width) => Number.isInteger(width) && width >= 0)) {
    throw new ShapeError(`pad: expected ${x.rank} pairs of whole numbers for ${show(x.shape)}, got ${JSON.stringify(widths)}`);
  }
  const shape = x.shape.map((length, axis) => widths[axis][0] + length + widths[axis][1]);
  const strides = stridesOf(shape);
  const offset = strides.reduce((sum, stride, axis) => sum + stride * widths[axis][0], 0);
  return place('pad', x, shape, { shape: x.shape, offset, strides }, value);
}

/** Tensors one after the other along an axis (default 0); all other axes must agree. Throws ShapeError. */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  if (tensors.length === 0) throw new ShapeError('concat: expected at least one tensor, got none');
  const backend = checkOperands('concat', tensors);
  const first = tensors[0].shape;
  const position = normaliseAxis('concat', axis, first.length);
  for (const { shape } of tensors) {
    const fits = shape.length === first.length && shape.every((length, k) => k === position || length === first[k]);
    if (!fits) throw new ShapeError(`concat: expected shapes equal but for axis ${position}, got ${tensors.map((part) => show(part.shape)).join(' and ')}`);
  }
  const shape = first.map((length, k) => (k === position ? tensors.reduce((sum, part) => sum + part.shape[k], 0) : length));
  const strides = stridesOf(shape);
  const y = zeros(backend, shape);
  let start = 0;
  const parts = tensors.map((part): Part => {
    const offset = start * strides[position];
    start += part.shape[position];
    return { shape: part.shape, offset, strides };
  });
  tensors.forEach((part, k) => {
    copy('concat', part, whole(part.shape), y, parts[k]);
  });
  const reverse = ({ dOutputs, needed }: ReverseStep) => parts.map((part, k) => (needed[k] ? take('concat', dOutputs[0] as Tensor, part) : null));
  recordOperation({ name: 'concat', inputs: tensors, outputs: [y], reverse });
  return y;
}

/** Tensors of one shape along a new axis (default 0). Throws ShapeError. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  if (tensors.length === 0) throw new ShapeError('stack: expected at least one tensor, got none');
  const { shape } = tensors[0];
  const position = normaliseAxis('stack', axis, shape.length + 1);
  for (const part of tensors)
    if (!sameShape(part.shape, shape)) throw new ShapeError(`stack: expected tensors of one shape, got ${show(shape)} and ${show(part.shape)}`);
  const rows = tensors.map((part) => reshape(part, [...shape.slice(0, position), 1, ...shape.slice(position)]));
  const y = concat(rows, position);
  for (const row of rows) row.dispose();
  return y;
}
