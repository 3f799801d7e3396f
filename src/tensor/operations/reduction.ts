// Sums, means and extrema over axes, and the running sum. Axes count from 0, or from −1 at the end; without axes, all of them.
import { ShapeError } from '../../errors.js';
import { normaliseAxes, normaliseAxis, sameShape, type Shape, show, sizeOf } from '../shape.js';
import { recordOperation, type ReverseStep } from '../tape.js';
import { shaped, type Tensor, zeros } from '../tensor.js';
import { divide, equal, multiply } from './binary.js';
import { broadcastTo, reshape } from './layout.js';
import { checkOperands } from './operand.js';
import { negate } from './unary.js';

export interface ReductionOptions {
  /** Keeps the reduced axes with length 1, so that the result broadcasts against x. Default false. */
  readonly keepAxes?: boolean;
}

/** Axes to reduce over: one, several, or all when undefined. */
export type Axes = number | readonly number[] | undefined;

/** x's shape with the reduced axes of length 1, and without them. */
function reducedShapes(shape: Shape, axes: readonly number[]): { kept: number[]; dropped: number[] } {
  return { kept: shape.map((length, axis) => (axes.includes(axis) ? 1 : length)), dropped: shape.filter((_, axis) => !axes.includes(axis)) };
}

/** [L, R, C] around the neighbouring axes first … last: what lies outside, themselves, what lies inside. */
function around(shape: Shape, first: number, last: number): number[] {
  return [sizeOf(shape.slice(0, first)), sizeOf(shape.slice(first, last + 1)), sizeOf(shape.slice(last + 1))];
}

/** Runs `reduce` once for every group of neighbouring axes, the last group first; the axes stay with length 1. */
function reduceGroups(variant: 'sum' | 'max', x: Tensor, axes: readonly number[], scale: number): Tensor {
  let current = x;
  let remaining = scale;
  let last = axes.length - 1;
  do {
    let first = last;
    while (first > 0 && axes[first - 1] === axes[first] - 1) first--;
    const group = last < 0 ? [] : axes.slice(first, last + 1);
    const [L, R, C] = group.length > 0 ? around(current.shape, group[0], group[group.length - 1]) : [current.size, 1, 1];
    const { kept } = reducedShapes(current.shape, group);
    const next = zeros(x.backend, kept);
    if (next.size > 0) x.backend.run('reduce', { variant, args: { x: shaped(current, [L, R, C]), y: shaped(next, [L, C]) }, params: { scale: remaining } });
    if (current !== x) current.dispose();
    current = next;
    remaining = 1;
    last = first - 1;
  } while (last >= 0);
  return current;
}

/** Drops the reduced axes unless they are to be kept. */
function finish(result: Tensor, dropped: Shape, options: ReductionOptions): Tensor {
  if (options.keepAxes) return result;
  const y = reshape(result, dropped);
  result.dispose();
  return y;
}

function scaledSum(name: string, x: Tensor, axes: Axes, options: ReductionOptions, scaleOf: (count: number) => number): Tensor {
  checkOperands(name, [x]);
  const list = normaliseAxes(name, axes, x.rank);
  const { dropped } = reducedShapes(x.shape, list);
  const scale = scaleOf(sizeOf(list.map((axis) => x.shape[axis])));
  const y = reduceGroups('sum', x, list, scale);
  const reverse = ({ inputs, dOutputs }: ReverseStep) => [
    broadcastTo(scale === 1 ? (dOutputs[0] as Tensor) : multiply(dOutputs[0] as Tensor, scale), inputs[0].shape),
  ];
  recordOperation({ name, inputs: [x], outputs: [y], reverse });
  return finish(y, dropped, options);
}

/** Sum over axes; 0 over an axis of length 0. Throws ShapeError for a wrong axis. */
export function sum(x: Tensor, axes?: number | readonly number[], options: ReductionOptions = {}): Tensor {
  return scaledSum('sum', x, axes, options, () => 1);
}

/** Mean over axes. Throws ShapeError for a wrong axis or none to average. */
export function mean(x: Tensor, axes?: number | readonly number[], options: ReductionOptions = {}): Tensor {
  return scaledSum('mean', x, axes, options, (count) => {
    if (count === 0) throw new ShapeError(`mean: expected at least one element to average, got shape ${show(x.shape)}`);
    return 1 / count;
  });
}

/** Largest element over axes, NaN if any is; equal maxima share the gradient equally. Throws ShapeError for a wrong axis or nothing to compare. */
export function max(x: Tensor, axes?: number | readonly number[], options: ReductionOptions = {}): Tensor {
  checkOperands('max', [x]);
  const list = normaliseAxes('max', axes, x.rank);
  if (list.some((axis) => x.shape[axis] === 0)) throw new ShapeError(`max: expected at least one element to compare, got shape ${show(x.shape)}`);
  const y = reduceGroups('max', x, list, 1);
  const reverse = ({ inputs, outputs, dOutputs }: ReverseStep) => {
    const winners = equal(inputs[0], outputs[0]);
    return [multiply(winners, divide(dOutputs[0] as Tensor, sum(winners, list, { keepAxes: true })))];
  };
  recordOperation({ name: 'max', inputs: [x], outputs: [y], reverse });
  return finish(y, reducedShapes(x.shape, list).dropped, options);
}

/** Smallest element over axes, NaN if any is; equal minima share the gradient equally. Throws ShapeError as `max`. */
export function min(x: Tensor, axes?: number | readonly number[], options: ReductionOptions = {}): Tensor {
  const negative = negate(x);
  const highest = max(negative, axes, options);
  const lowest = negate(highest);
  negative.dispose();
  highest.dispose();
  return lowest;
}

export interface CumulativeOptions {
  /** Sums from the end instead. Default false. */
  readonly reverse?: boolean;
}

/** Running sum along one axis (default: the last); element k includes x's element k. Throws ShapeError for a wrong axis. */
export function cumulativeSum(x: Tensor, axis = -1, options: CumulativeOptions = {}): Tensor {
  const backend = checkOperands('cumulativeSum', [x]);
  const position = normaliseAxis('cumulativeSum', axis, x.rank);
  const shape = around(x.shape, position, position);
  const y = zeros(backend, x.shape);
  if (y.size > 0) backend.run('cumulative_sum', { args: { x: shaped(x, shape), y: shaped(y, shape) }, params: { reverse: options.reverse ? 1 : 0 } });
  const reverse = ({ dOutputs }: ReverseStep) => [cumulativeSum(dOutputs[0] as Tensor, position, { reverse: !options.reverse })];
  recordOperation({ name: 'cumulativeSum', inputs: [x], outputs: [y], reverse });
  return y;
}

/** Undoes broadcasting: sums over the axes along which `shape` was repeated; x itself where none was. The reverse of `broadcastTo`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.rank - shape.length;
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis < extra || (shape[axis - extra] === 1 && x.shape[axis] !== 1));
  if (axes.length === 0) return reshape(x, shape);
  return finish(sum(x, axes, { keepAxes: true }), shape, {});
}
