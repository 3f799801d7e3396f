// The deterministic tanh networks of FixedPointFinder's tests (Golub & Sussillo 2018), and what is known of their fixed points.
import { functionMap } from '../../../src/analysis/fixed-points/function-map.js';
import type { StateMap } from '../../../src/analysis/fixed-points/state-map.js';

/** x' = tanh(x M): row i of M is −linspace(−1, 1, n), rolled by −i. */
export function tanhNetwork(n: number): StateMap {
  const line = Array.from({ length: n }, (_, i) => (2 * i) / (n - 1) - 1);
  const weight = (i: number, j: number) => -(line[(j + i) % n] as number);
  const next = (state: Float64Array) => Float64Array.from({ length: n }, (_, j) => Math.tanh(state.reduce((sum, value, i) => sum + value * weight(i, j), 0)));
  const jacobian = (state: Float64Array) => {
    const slopes = next(state).map((value) => 1 - value * value);
    return Float64Array.from({ length: n * n }, (_, at) => (slopes[Math.floor(at / n)] as number) * weight(at % n, Math.floor(at / n)));
  };
  return functionMap(next, { stateSize: n, jacobian });
}

/** All of {−1, 0, 1}ⁿ. */
export function startGrid(n: number): number[] {
  return Array.from({ length: 3 ** n }, (_, k) => Array.from({ length: n }, (_, axis) => (Math.floor(k / 3 ** axis) % 3) - 1)).flat();
}

/** One point of each pair ±x, its spectral radius and unstable directions, to four digits. */
export const knownPoints: Readonly<Record<number, readonly { readonly at: readonly number[]; readonly radius: number; readonly unstable: number }[]>> = {
  2: [
    { at: [0, 0], radius: 2, unstable: 1 },
    { at: [0.9575, -0.9575], radius: 0.1664, unstable: 0 },
  ],
  3: [
    { at: [0, 0, 0], radius: 1.7321, unstable: 2 },
    { at: [0.9498, -0.4255, -0.8799], radius: 1.0064, unstable: 1 },
  ],
  4: [
    { at: [0, 0, 0, 0], radius: 1.8856, unstable: 3 },
    { at: [0.7755, -0.7755, 0.7755, -0.7755], radius: 0.7516, unstable: 0 },
    { at: [0.9629, 0.5252, -0.9629, -0.5252], radius: 1.0474, unstable: 1 },
    { at: [0.8773, -0.5697, 0.3397, -0.7896], radius: 1.316, unstable: 2 },
    { at: [0.3397, -0.7896, 0.8773, -0.5697], radius: 1.316, unstable: 2 },
  ],
};
