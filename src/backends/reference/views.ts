// Strided views of up to four axes, for the kernels that broadcast or move data.

/** The sizes n0 … n3 of a call. */
export function sizesOf(params: Readonly<Record<string, number>>): number[] {
  return [params.n0, params.n1, params.n2, params.n3];
}

/** The strides PREFIX0 … PREFIX3 of one operand. */
export function stridesOf(params: Readonly<Record<string, number>>, prefix: string): number[] {
  return [0, 1, 2, 3].map((axis) => params[`${prefix}${axis}`]);
}

/** Calls `visit(i0, i1, i2, i3)` for every index in row-major order. */
export function forEachIndex(sizes: readonly number[], visit: (i0: number, i1: number, i2: number, i3: number) => void): void {
  for (let i0 = 0; i0 < sizes[0]; i0++) {
    for (let i1 = 0; i1 < sizes[1]; i1++) {
      for (let i2 = 0; i2 < sizes[2]; i2++) {
        for (let i3 = 0; i3 < sizes[3]; i3++) visit(i0, i1, i2, i3);
      }
    }
  }
}

/** Position of an index in a strided view. */
export function at(strides: readonly number[], i0: number, i1: number, i2: number, i3: number): number {
  return i0 * strides[0] + i1 * strides[1] + i2 * strides[2] + i3 * strides[3];
}
