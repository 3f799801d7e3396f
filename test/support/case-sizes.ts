// Lengths that every kernel's cases go through: around a vector of 4, around unrolled loops of 8, around a block of work, and what is left over.

/** A length and the words a case name says it with. */
export interface NamedLength {
  readonly length: number;
  readonly name: string;
}

/** Size 1, one below, at and above a vector of 4, of 8, and two blocks of `block` elements with a remainder. */
export function lengthsAround(block: number): NamedLength[] {
  return [
    { length: 1, name: 'size 1' },
    { length: 3, name: 'one below a vector' },
    { length: 4, name: 'a vector' },
    { length: 5, name: 'one above a vector' },
    { length: 8, name: 'two vectors' },
    { length: 2 * block - 1, name: 'one below two blocks' },
    { length: 2 * block + 7, name: 'two blocks and a remainder' },
  ];
}

/** Numbers at the edges of f32 that a kernel of single elements must get right. */
export const extremes: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1e-30,
  -1e-30,
  1.1754943508222875e-38,
  1e-40,
  -1e-40,
  1e30,
  -1e30,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  16777217,
  -16777217,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  88.5,
  89,
  -87.5,
  -104.5,
  7.9,
  -7.9,
  20,
  -20,
];
