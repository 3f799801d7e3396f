// Shapes and strides: broadcasting, axes, and views collapsed to the four axes that kernels take.
import { ShapeError } from '../errors.js';

/** Axis lengths, outermost first; [] is a single number. */
export type Shape = readonly number[];

/** Number of elements of a shape; 1 for []. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A shape as messages show it: [2, 3]. */
export function show(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** Throws ShapeError unless every length is a whole number of at least 0 and the size is a safe integer. */
export function checkShape(where: string, shape: Shape): void {
  if (!shape.every((length) => Number.isInteger(length) && length >= 0) || !Number.isSafeInteger(sizeOf(shape))) {
    throw new ShapeError(`${where}: expected a shape of whole numbers, got ${show(shape)}`);
  }
}

/** The shape that all shapes broadcast to, aligned at the last axis; lengths must be equal or 1. Throws ShapeError. */
export function broadcastShapes(where: string, ...shapes: Shape[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    shape.forEach((length, i) => {
      const axis = rank - shape.length + i;
      if (length === 1) return;
      if (result[axis] !== 1 && result[axis] !== length) {
        throw new ShapeError(`${where}: expected shapes that broadcast (aligned at the last axis, equal or 1), got ${shapes.map(show).join(' and ')}`);
      }
      result[axis] = length;
    });
  }
  return result;
}

/** Strides that read an array of shape `from` as if it had shape `to`: 0 along every axis that is repeated. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  return to.map((_, axis) => {
    const own = axis - (to.length - from.length);
    return own < 0 || from[own] === 1 ? 0 : strides[own];
  });
}

/** An axis as a number from 0 on; −1 is the last. Throws ShapeError outside the rank. */
export function normaliseAxis(where: string, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normal) || normal < 0 || normal >= rank) {
    throw new ShapeError(`${where}: expected an axis between ${-rank} and ${rank - 1}, got ${axis}`);
  }
  return normal;
}

/** Axes ascending and without repeats; all of them when none are named. Throws ShapeError. */
export function normaliseAxes(where: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => normaliseAxis(where, axis, rank));
  if (new Set(list).size !== list.length) throw new ShapeError(`${where}: expected different axes, got ${show(list)}`);
  return list.sort((a, b) => a - b);
}

/** Sizes and strides over exactly four axes. */
export interface View {
  readonly sizes: readonly number[];
  /** One list of four strides for each operand. */
  readonly strides: readonly (readonly number[])[];
}

/**
 * Merges neighbouring axes that every operand walks through in one stride, and pads to four with axes of length 1.
 * Throws ShapeError when more than four remain, which takes at least five axes with different broadcasting or order.
 */
export function collapse(where: string, shape: Shape, strides: readonly (readonly number[])[]): View {
  const sizes: number[] = [];
  const merged: number[][] = strides.map(() => []);
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const last = sizes.length - 1;
    const joins = last >= 0 && strides.every((operand, k) => merged[k][last] === operand[axis] * length);
    if (joins) sizes[last] *= length;
    else sizes.push(length);
    strides.forEach((operand, k) => {
      if (joins) merged[k][last] = operand[axis];
      else merged[k].push(operand[axis]);
    });
  });
  if (sizes.length > 4) {
    throw new ShapeError(
      `${where}: expected at most four axes that cannot be merged, got ${sizes.length} in shape ${show(shape)}; reshape to fewer axes or split the operation`,
    );
  }
  while (sizes.length < 4) {
    sizes.unshift(1);
    for (const operand of merged) operand.unshift(0);
  }
  return { sizes, strides: merged };
}

/** A view as kernel parameters: n0 … n3, and PREFIX0 … PREFIX3 for each operand. */
export function viewParams({ sizes, strides }: View, prefixes: readonly string[]): Record<string, number> {
  const params: Record<string, number> = {};
  for (let axis = 0; axis < 4; axis++) {
    params[`n${axis}`] = sizes[axis];
    prefixes.forEach((prefix, k) => {
      params[`${prefix}${axis}`] = strides[k][axis];
    });
  }
  return params;
}
