// FixedPoints: a set of points of a state map with all that is known of each, immutable. Index, find, contain, merge, update, transform.
// Vocabulary after Golub & Sussillo's FixedPoints (2018). Files: container-file.ts.
import { ShapeError } from '../../errors.js';
import { type FixedPointArrayName, type FixedPointArrays, fixedPointArrays, newPointArray, pointLayout } from './point-arrays.js';
import { describePoints } from './point-text.js';
import { transformPoints } from './transform.js';
import { distance, uniquePoints } from './unique.js';

/** One point of a set; views, not copies. */
export interface FixedPoint {
  readonly state: Float64Array;
  readonly input: Float64Array;
  readonly next: Float64Array;
  readonly speed: number;
  readonly speedChange: number | null;
  readonly start: Float64Array | null;
  readonly iterations: number | null;
  readonly visits: number | null;
  readonly condition: number | null;
  readonly jacobian: Float64Array | null;
  readonly inputJacobian: Float64Array | null;
  /** [S, 2]. */
  readonly eigenvalues: Float64Array | null;
  /** Eigenvalues of modulus above 1, and whether there are none; null without eigenvalues. */
  readonly unstable: number | null;
  readonly stable: boolean | null;
}

export class FixedPoints {
  readonly stateSize: number;
  readonly inputSize: number;
  readonly notes: readonly string[];
  readonly #arrays: Readonly<Partial<Record<FixedPointArrayName, Float64Array | Int32Array>>>;

  /** Throws ShapeError, naming the array, when lengths do not fit. Arrays are kept, not copied. */
  constructor(arrays: FixedPointArrays) {
    const { stateSize, inputSize, notes = [] } = arrays;
    if (!Number.isInteger(stateSize) || stateSize < 1 || !Number.isInteger(inputSize) || inputSize < 0) {
      throw new ShapeError(`FixedPoints: expected sizes of state and input as whole numbers, got ${stateSize} and ${inputSize}`);
    }
    this.stateSize = stateSize;
    this.inputSize = inputSize;
    this.notes = notes;
    const count = arrays.speed.length;
    const kept: Partial<Record<FixedPointArrayName, Float64Array | Int32Array>> = {};
    for (const [name, width] of Object.entries(pointLayout(stateSize, inputSize)) as [FixedPointArrayName, number][]) {
      const values = arrays[name];
      if (!values) continue;
      if (values.length !== count * width) {
        throw new ShapeError(`FixedPoints: expected ${name} of ${count} points with ${width} numbers each, got ${values.length} numbers in all`);
      }
      kept[name] = values;
    }
    this.#arrays = kept;
  }

  /** K. */
  get length(): number {
    return this.speed.length;
  }
  get states(): Float64Array {
    return this.#arrays.states as Float64Array;
  }
  get inputs(): Float64Array {
    return this.#arrays.inputs as Float64Array;
  }
  get next(): Float64Array {
    return this.#arrays.next as Float64Array;
  }
  get speed(): Float64Array {
    return this.#arrays.speed as Float64Array;
  }
  get speedChange(): Float64Array | null {
    return (this.#arrays.speedChange as Float64Array) ?? null;
  }
  get starts(): Float64Array | null {
    return (this.#arrays.starts as Float64Array) ?? null;
  }
  get iterations(): Int32Array | null {
    return (this.#arrays.iterations as Int32Array) ?? null;
  }
  get visits(): Int32Array | null {
    return (this.#arrays.visits as Int32Array) ?? null;
  }
  get conditions(): Int32Array | null {
    return (this.#arrays.conditions as Int32Array) ?? null;
  }
  get jacobians(): Float64Array | null {
    return (this.#arrays.jacobians as Float64Array) ?? null;
  }
  get inputJacobians(): Float64Array | null {
    return (this.#arrays.inputJacobians as Float64Array) ?? null;
  }
  get eigenvalues(): Float64Array | null {
    return (this.#arrays.eigenvalues as Float64Array) ?? null;
  }

  /** Eigenvalues of modulus above 1 at each point [K]; null without eigenvalues. */
  get unstable(): Int32Array | null {
    const { eigenvalues, stateSize } = this;
    if (!eigenvalues) return null;
    const counts = new Int32Array(this.length);
    for (let i = 0; i < eigenvalues.length; i += 2) {
      const k = Math.floor(i / (2 * stateSize));
      if (Math.hypot(eigenvalues[i] as number, eigenvalues[i + 1] as number) > 1) counts[k] = (counts[k] as number) + 1;
    }
    return counts;
  }

  /** Largest eigenvalue modulus of each point [K]; null without eigenvalues. */
  get spectralRadius(): Float64Array | null {
    const { eigenvalues, stateSize } = this;
    return eigenvalues && this.speed.map((_, k) => Math.hypot(eigenvalues[2 * k * stateSize] as number, eigenvalues[2 * k * stateSize + 1] as number));
  }

  /** Point `index`; negative ones count from the end. Throws ShapeError when there is none. */
  at(index: number): FixedPoint {
    const k = index < 0 ? this.length + index : index;
    if (!Number.isInteger(k) || k < 0 || k >= this.length) throw new ShapeError(`FixedPoints.at: expected an index below ${this.length}, got ${index}`);
    const rows = pointLayout(this.stateSize, this.inputSize);
    const row = (name: FixedPointArrayName) => this.#arrays[name]?.subarray(k * rows[name], (k + 1) * rows[name]) ?? null;
    const number = (name: FixedPointArrayName) => this.#arrays[name]?.[k] ?? null;
    const unstable = this.pick([k]).unstable?.[0] ?? null;
    // the spectral radius decides: at a modulus of exactly 1 a point is neither unstable nor stable
    const radius = this.pick([k]).spectralRadius?.[0] ?? null;
    return {
      state: row('states') as Float64Array,
      input: row('inputs') as Float64Array,
      next: row('next') as Float64Array,
      speed: number('speed') as number,
      speedChange: number('speedChange'),
      start: row('starts') as Float64Array | null,
      iterations: number('iterations'),
      visits: number('visits'),
      condition: number('conditions'),
      jacobian: row('jacobians') as Float64Array | null,
      inputJacobian: row('inputJacobians') as Float64Array | null,
      eigenvalues: row('eigenvalues') as Float64Array | null,
      unstable,
      stable: radius === null ? null : radius < 1,
    };
  }

  /** Points at these indices, in this order; copies. Throws ShapeError when there is no such point. */
  pick(indices: ArrayLike<number>): FixedPoints {
    const rows = pointLayout(this.stateSize, this.inputSize);
    for (let i = 0; i < indices.length; i++) {
      const k = indices[i] as number;
      if (!Number.isInteger(k) || k < 0 || k >= this.length) throw new ShapeError(`FixedPoints.pick: expected indices below ${this.length}, got ${k}`);
    }
    return this.#map((name, values) => {
      const picked = newPointArray(name, indices.length * rows[name]);
      for (let i = 0; i < indices.length; i++) {
        const k = indices[i] as number;
        picked.set(values.subarray(k * rows[name], (k + 1) * rows[name]), i * rows[name]);
      }
      return picked;
    });
  }

  /** Points `start` to `end` − 1, as Array.slice counts. */
  slice(start = 0, end = this.length): FixedPoints {
    return this.pick(Array.from({ length: this.length }, (_, k) => k).slice(start, end));
  }

  /** Points for which the test holds. */
  filter(test: (point: FixedPoint, index: number) => boolean): FixedPoints {
    return this.pick(Array.from({ length: this.length }, (_, k) => k).filter((k) => test(this.at(k), k)));
  }

  /**
   * Index of the nearest point within `tolerance` (2-norm of [x, u]; default 1e-3), or −1. Without an input only states are compared. Throws ShapeError for
   * another size of state or input.
   */
  find(state: ArrayLike<number>, input: ArrayLike<number> | null = null, tolerance = 1e-3): number {
    const { stateSize, inputSize } = this;
    if (state.length !== stateSize || (input && input.length !== inputSize)) {
      throw new ShapeError(
        `FixedPoints.find: expected a state of ${stateSize} and an input of ${inputSize} numbers, got ${state.length} and ${input?.length ?? 0}`,
      );
    }
    let nearest = -1;
    let least = tolerance;
    for (let k = 0; k < this.length; k++) {
      const inState = distance(this.states.subarray(k * stateSize, (k + 1) * stateSize), state);
      const inInput = input ? distance(this.inputs.subarray(k * inputSize, (k + 1) * inputSize), input) : 0;
      const apart = Math.hypot(inState, inInput);
      if (apart > least || (apart === least && nearest >= 0)) continue;
      nearest = k;
      least = apart;
    }
    return nearest;
  }

  /** Whether a point lies within `tolerance` of this state (and input). */
  contains(state: ArrayLike<number>, input: ArrayLike<number> | null = null, tolerance = 1e-3): boolean {
    return this.find(state, input, tolerance) >= 0;
  }

  /** These points, then those of others. What one of them lacks, e.g. Jacobians, the result lacks, and its notes say so. Throws ShapeError for other sizes. */
  concat(...others: readonly FixedPoints[]): FixedPoints {
    const all: readonly FixedPoints[] = [this, ...others];
    for (const { stateSize, inputSize } of others) {
      if (stateSize !== this.stateSize || inputSize !== this.inputSize) {
        throw new ShapeError(
          `FixedPoints.concat: expected points of ${this.stateSize} units and ${this.inputSize} inputs, got ${stateSize} and ${inputSize}; are they of another network?`,
        );
      }
    }
    const rows = pointLayout(this.stateSize, this.inputSize);
    const count = all.reduce((sum, { length }) => sum + length, 0);
    const dropped = fixedPointArrays.filter((name) => all.some((set) => set.#arrays[name]) && !all.every((set) => set.#arrays[name]));
    const joined = this.#map((name) => {
      if (dropped.includes(name)) return null;
      const values = newPointArray(name, count * rows[name]);
      let offset = 0;
      for (const set of all) {
        const part = set.#arrays[name] as Float64Array;
        values.set(part, offset);
        offset += part.length;
      }
      return values;
    });
    const notes = new Set(all.flatMap((set) => set.notes));
    if (dropped.length > 0) notes.add(`without ${dropped.join(', ')}, which not all of the joined sets have`);
    return joined.with({ notes: [...notes] });
  }

  /** The union: of points within `tolerance` (2-norm of [x, u]; default 1e-3) the one of least speed, with the visits of all. */
  merge(other: FixedPoints, tolerance = 1e-3): FixedPoints {
    return this.concat(other).unique(tolerance);
  }

  /** Each point once: of those within `tolerance` (2-norm of [x, u]; default 1e-3) the one of least speed, with the visits of all. */
  unique(tolerance = 1e-3): FixedPoints {
    const { kept, owner } = uniquePoints(this, tolerance);
    const picked = this.pick(kept);
    const { visits } = this;
    if (!visits) return picked;
    const total = new Int32Array(kept.length);
    owner.forEach((place, k) => {
      total[place] = (total[place] as number) + (visits[k] as number);
    });
    return picked.with({ visits: total });
  }

  /** These points with those at `indices` replaced by `points`, in order. Throws ShapeError when sizes differ or there is no such point. */
  update(indices: ArrayLike<number>, points: FixedPoints): FixedPoints {
    if (indices.length !== points.length)
      throw new ShapeError(`FixedPoints.update: expected ${indices.length} points for as many indices, got ${points.length}`);
    const order = Array.from({ length: this.length }, (_, k) => k);
    for (let i = 0; i < indices.length; i++) {
      const k = indices[i] as number;
      if (!Number.isInteger(k) || k < 0 || k >= this.length) throw new ShapeError(`FixedPoints.update: expected indices below ${this.length}, got ${k}`);
      order[k] = this.length + i;
    }
    return this.concat(points).pick(order);
  }

  /** These points with some of their arrays or notes replaced, e.g. with conditions. Throws ShapeError when lengths do not fit. */
  with(arrays: Partial<Omit<FixedPointArrays, 'stateSize' | 'inputSize'>>): FixedPoints {
    return new FixedPoints({ ...this.#all(), ...arrays });
  }

  /**
   * The points in other coordinates y = M x + b (M [R, S] row-major, b [R], default zero), e.g. on principal components. Speeds are those of y. Where M can be
   * inverted, Jacobians become M J M⁻¹ and eigenvalues stay; otherwise both are left out, and `notes` says so. Input Jacobians become M ∂F/∂u. Throws
   * ShapeError for another size, NumericsError for a number that is not finite.
   */
  transform(matrix: ArrayLike<number>, offset: ArrayLike<number> | null = null): FixedPoints {
    return new FixedPoints(transformPoints(this, matrix, offset));
  }

  /** A few lines of text: how many points, of what kind, their speeds. */
  summary(): string {
    return describePoints(this);
  }

  /** Everything, as the constructor takes it. */
  #all(): FixedPointArrays {
    const { stateSize, inputSize, notes } = this;
    return { ...(this.#arrays as Omit<FixedPointArrays, 'stateSize' | 'inputSize'>), stateSize, inputSize, notes };
  }

  #map(change: (name: FixedPointArrayName, values: Float64Array | Int32Array) => Float64Array | Int32Array | null): FixedPoints {
    const changed = Object.entries(this.#arrays).map(([name, values]) => [name, change(name as FixedPointArrayName, values)]);
    return new FixedPoints({ ...this.#all(), ...Object.fromEntries(changed) });
  }
}
