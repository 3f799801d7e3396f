// Jacobians and eigenvalues of some rows of a growing set of points, each computed once.
import { generalEigenvalues } from '../eigen.js';
import type { FixedPoints } from './container.js';
import { breather, type SearchWatch } from './ends.js';
import type { StateMap } from './state-map.js';

interface Linearised {
  readonly jacobian: Float64Array;
  readonly inputJacobian: Float64Array | null;
  /** By falling modulus, then by falling imaginary part [S, 2]. */
  readonly eigenvalues: Float64Array;
}

/** Jacobians that are formed at a time. */
const atOnce = 16;

export class Linearisations {
  readonly #map: StateMap;
  readonly #withInputs: boolean;
  readonly #rows = new Map<number, Linearised>();

  constructor(map: StateMap, withInputs: boolean) {
    this.#map = map;
    this.#withInputs = withInputs;
  }

  /** Linearises these rows of `points` that were not yet. Throws NumericsError for a Jacobian that is not finite. */
  async add(points: FixedPoints, rows: readonly number[], { signal, onProgress }: SearchWatch): Promise<void> {
    const { stateSize, inputSize } = this.#map;
    const breathe = breather(signal);
    const missing = rows.filter((row) => !this.#rows.has(row));
    for (let first = 0; first < missing.length; first += atOnce) {
      const part = missing.slice(first, first + atOnce);
      const { states, inputs } = points.pick(part);
      const { jacobian, inputJacobian } = await this.#map.linearise(states, inputs, this.#withInputs);
      for (const [k, row] of part.entries()) {
        await breathe();
        const own = jacobian.slice(k * stateSize ** 2, (k + 1) * stateSize ** 2);
        this.#rows.set(row, {
          jacobian: own,
          inputJacobian: inputJacobian && inputJacobian.slice(k * stateSize * inputSize, (k + 1) * stateSize * inputSize),
          eigenvalues: generalEigenvalues(own, stateSize, 'findFixedPoints'),
        });
        onProgress?.({ stage: 'eigenvalues', share: (first + k + 1) / missing.length, meanSpeed: null });
      }
    }
  }

  /** Eigenvalues of modulus above 1; null for a row that was not linearised. */
  unstable(row: number): number | null {
    const eigenvalues = this.#rows.get(row)?.eigenvalues;
    if (!eigenvalues) return null;
    let count = 0;
    for (let i = 0; i < eigenvalues.length; i += 2) if (Math.hypot(eigenvalues[i] as number, eigenvalues[i + 1] as number) > 1) count++;
    return count;
  }

  /** Whether the largest modulus is below 1. */
  isStable(row: number): boolean {
    const eigenvalues = this.#rows.get(row)?.eigenvalues;
    return eigenvalues !== undefined && Math.hypot(eigenvalues[0] as number, eigenvalues[1] as number) < 1;
  }

  /** The arrays of these rows, as a set of points takes them. */
  arrays(rows: readonly number[]): { jacobians: Float64Array; inputJacobians: Float64Array | null; eigenvalues: Float64Array } {
    const pack = (of: (row: Linearised) => Float64Array) => {
      const parts = rows.map((row) => of(this.#rows.get(row) as Linearised));
      const packed = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
      let offset = 0;
      for (const part of parts) {
        packed.set(part, offset);
        offset += part.length;
      }
      return packed;
    };
    return {
      jacobians: pack(({ jacobian }) => jacobian),
      inputJacobians: this.#withInputs ? pack(({ inputJacobian }) => inputJacobian as Float64Array) : null,
      eigenvalues: pack(({ eigenvalues }) => eigenvalues),
    };
  }
}
