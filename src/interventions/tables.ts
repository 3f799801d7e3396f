// Tables that a rollout reads row by row: what acts on one trial at one step is a row, equal rows are stored once, and row 0 is nothing.
import { ConfigError } from '../errors.js';
import { fillNormal, type RandomKey } from '../random.js';
import type { InterventionOf } from './options.js';

/** Numbers of all rows together, at most: beyond this a schedule has too many different combinations. */
const largestTable = 2 ** 24;

/** Rows of equal width by key. */
export class RowTable {
  readonly width: number;
  readonly #what: string;
  readonly #numbers = new Map<string, number>();
  readonly #rows: Float32Array[];

  /** `what` names the table in messages. */
  constructor(width: number, what: string) {
    this.width = width;
    this.#what = what;
    this.#rows = [new Float32Array(width)];
  }

  /** Number of the row of this key; `make` fills it in when it is new. Throws ConfigError when there are too many. */
  number(key: string, make: (row: Float32Array) => void): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#rows.length;
    if ((number + 1) * this.width > largestTable) {
      throw new ConfigError('interventions', [
        `expected at most ${Math.floor(largestTable / this.width)} different combinations of ${this.#what}, got more; schedule fewer of them at the same time`,
      ]);
    }
    const row = new Float32Array(this.width);
    make(row);
    this.#rows.push(row);
    this.#numbers.set(key, number);
    return number;
  }

  /** Whether there is anything but row 0. */
  get used(): boolean {
    return this.#rows.length > 1;
  }

  /** Columns `from` to `until` − 1 of all rows. */
  columns(from = 0, until = this.width): Float32Array {
    const length = until - from;
    const values = new Float32Array(this.#rows.length * length);
    for (const [r, row] of this.#rows.entries()) values.set(row.subarray(from, until), r * length);
    return values;
  }
}

/** F = f + A (p − c) + B v, as a row of the table of force fields. */
export interface LinearForce {
  readonly f: readonly [number, number];
  readonly c: readonly [number, number];
  /** Row by row. */
  readonly A: readonly [number, number, number, number];
  readonly B: readonly [number, number, number, number];
}

/** The sum of forces as one; a single one as it is. */
export function sumOfForces(forces: readonly LinearForce[]): LinearForce {
  const [first, ...others] = forces as [LinearForce, ...LinearForce[]];
  if (others.length === 0) return first;
  const sum = { f: [0, 0], A: [0, 0, 0, 0], B: [0, 0, 0, 0] };
  for (const { f, c, A, B } of forces) {
    for (const i of [0, 1] as const) (sum.f[i] as number) += f[i] - A[2 * i] * c[0] - A[2 * i + 1] * c[1];
    for (const i of [0, 1, 2, 3] as const) {
      (sum.A[i] as number) += A[i];
      (sum.B[i] as number) += B[i];
    }
  }
  return { ...sum, c: [0, 0] } as unknown as LinearForce;
}

/** Force of a field that is the same in all trials. */
export function forceOf(option: InterventionOf<'curl-field' | 'fixed-field' | 'linear-field'>): LinearForce {
  const none = { f: [0, 0], c: [0, 0], A: [0, 0, 0, 0], B: [0, 0, 0, 0] } as const;
  if (option.kind === 'fixed-field') return { ...none, f: option.force };
  if (option.kind === 'curl-field') {
    const b = option.direction === 'clockwise' ? -option.strength : option.strength;
    return { ...none, B: [0, -b, b, 0] };
  }
  const { force, center, position, velocity } = option;
  return { f: force, c: center, A: [...position[0], ...position[1]], B: [...velocity[0], ...velocity[1]] };
}

/** A stiff wall on both sides of the line from `start` to `goal`; null where these are one place. */
export function channelForce(
  { stiffness, damping }: InterventionOf<'channel'>,
  start: readonly [number, number],
  goal: readonly [number, number],
): LinearForce | null {
  const [dx, dy] = [goal[0] - start[0], goal[1] - start[1]];
  const distance = Math.sqrt(dx * dx + dy * dy);
  if (distance < 1e-6) return null;
  const [nx, ny] = [-dy / distance, dx / distance];
  const across = (factor: number) => [-factor * nx * nx, -factor * nx * ny, -factor * nx * ny, -factor * ny * ny] as const;
  return { f: [0, 0], c: start, A: across(stiffness), B: across(damping) };
}

/** Draws of noise on the state are taken from a stock of this many numbers at most. */
const stockLength = 2 ** 19;
const mostStockRows = 4096;

/** Rows of standard normal draws [R, H] that noise on the state picks from: pairs of opposite sign, so that their mean is 0. */
export function noiseStock(hiddenSize: number, key: RandomKey): { readonly rows: number; row(number: number): Float32Array } {
  const pairs = Math.max(32, Math.min(mostStockRows, Math.floor(stockLength / hiddenSize)) >> 1);
  const made = new Map<number, Float32Array>();
  const positive = (pair: number): Float32Array => {
    const known = made.get(pair);
    if (known) return known;
    const draws = new Float32Array(hiddenSize);
    fillNormal(draws, key, pair);
    made.set(pair, draws);
    return draws;
  };
  return { rows: 2 * pairs, row: (number) => (number % 2 === 0 ? positive(number >> 1) : positive(number >> 1).map((draw) => -draw)) };
}
