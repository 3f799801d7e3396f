// Plain TypeScript arrays with shapes: what tensor operations are compared with. Slow and obvious on purpose.
import { sizeOf } from './values.js';

export interface Plain {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** All indices of a shape, row-major. */
export function indicesOf(shape: readonly number[]): number[][] {
  return Array.from({ length: sizeOf(shape) }, (_, flat) => {
    const index = new Array<number>(shape.length);
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return index;
  });
}

/** The element at an index; axes of length 1 and missing leading axes are repeated. */
export function element({ shape, data }: Plain, index: readonly number[]): number {
  let position = 0;
  shape.forEach((length, axis) => {
    position = position * length + (length === 1 ? 0 : index[index.length - shape.length + axis]);
  });
  return data[position];
}

/** Builds an array by index. */
export function build(shape: readonly number[], f: (index: number[]) => number): number[] {
  return indicesOf(shape).map(f);
}

/** The elements of x whose index agrees with `index` outside `axes` (which `index` leaves out or holds as 0). */
export function along(x: Plain, axes: readonly number[], index: readonly number[]): number[] {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  return indicesOf(axes.map((axis) => x.shape[axis])).map((inner) => {
    const full = new Array<number>(x.shape.length);
    axes.forEach((axis, k) => {
      full[axis] = inner[k];
    });
    kept.forEach((axis, k) => {
      full[axis] = index[k];
    });
    return element(x, full);
  });
}
