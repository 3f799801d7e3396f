// Simulated systems for the analysis of dynamics: linear ones, rotations, ring and line attractors seen through random maps, and plain noise.
import type { TrialArray } from '../../src/analysis/analysis.js';
import { type Dense, multiply } from '../../src/analysis/dsa/dense.js';
import { orthonormalised } from '../../src/analysis/dsa/orthonormal.js';
import { normalAt, randomKey } from '../../src/random.js';

export function trialsOf(trials: number, steps: number, width: number, value: (trial: number, step: number, unit: number) => number): TrialArray {
  const values = Float64Array.from({ length: trials * steps * width }, (_, at) =>
    value(Math.floor(at / (steps * width)), Math.floor(at / width) % steps, at % width),
  );
  return { trials, steps, width, values, lengths: null };
}

export function noise(trials: number, steps: number, width: number, seed: number): TrialArray {
  const key = randomKey(seed, 'noise');
  return trialsOf(trials, steps, width, (k, t, i) => normalAt(key, k, t * width + i));
}

export function randomMatrix(size: number, seed: number): Dense {
  const key = randomKey(seed, 'matrix');
  return { rows: size, columns: size, values: Float64Array.from({ length: size * size }, (_, i) => normalAt(key, 0, i)) };
}

export const randomRotation = (size: number, seed: number): Dense => orthonormalised(randomMatrix(size, seed));

/** x(t + 1) = A x(t) without noise, from random states; A is a rotation shrunk unevenly, so that nothing dies out soon. */
export function linearSystem({ width, trials, steps, seed }: { width: number; trials: number; steps: number; seed: number }): {
  operator: Dense;
  data: TrialArray;
} {
  const rotation = randomRotation(width, seed);
  const operator = multiply(
    { ...rotation, values: rotation.values.map((value, at) => value * (0.99 - (0.05 * (at % width)) / width)) },
    randomRotation(width, seed + 1),
  );
  const key = randomKey(seed, 'initial states');
  const values = new Float64Array(trials * steps * width);
  for (let k = 0; k < trials; k++) {
    let x: Dense = { rows: width, columns: 1, values: Float64Array.from({ length: width }, (_, i) => normalAt(key, k, i)) };
    for (let t = 0; t < steps; t++, x = multiply(operator, x)) values.set(x.values, (k * steps + t) * width);
  }
  return { operator, data: { trials, steps, width, values, lengths: null } };
}

/** A planar rotation by `angle` a step in 4 dimensions, with noise on what is seen. */
export function rotations(angle: number, { trials = 4, steps = 80, noise: level = 0.01, seed = 1 } = {}): TrialArray {
  const key = randomKey(seed, 'rotations');
  return trialsOf(trials, steps, 4, (k, t, i) => Math.cos(angle * t + k + (i * Math.PI) / 4) + level * normalAt(key, k, 4 * t + i));
}

/** Data rotated, scaled and shifted: x → factor · Q x + shift. */
export function moved(data: TrialArray, { rotation, factor = 1, shift = 0 }: { rotation?: Dense; factor?: number; shift?: number }): TrialArray {
  const rows: Dense = { rows: data.trials * data.steps, columns: data.width, values: Float64Array.from(data.values) };
  const turned = rotation ? multiply(rows, rotation, 'right') : rows;
  return { ...data, values: turned.values.map((value) => factor * value + shift) };
}

/**
 * A ring or a line of fixed points with noise along and across it, bent by a random smooth map into `width` units: the same shape of cloud may come from either,
 * what differs is how the state wanders. A ring is walked around, a line ends.
 */
export function attractor(kind: 'ring' | 'line', seed: number, { trials = 6, steps = 150, width = 8 } = {}): TrialArray {
  const key = randomKey(seed, kind);
  const weights = Float64Array.from({ length: width * 2 }, (_, i) => normalAt(key, 1000, i));
  const values = new Float64Array(trials * steps * width);
  for (let k = 0; k < trials; k++) {
    let x = 2 * normalAt(key, k, 0);
    let y = 0;
    for (let t = 0; t < steps; t++) {
      const [along, across] = [0.3 * normalAt(key, k, 2 * t + 1), 0.1 * normalAt(key, k, 2 * t + 2)];
      y = 0.7 * y + across;
      x += along;
      // a line has ends, which the state is kept within
      if (kind === 'line') x = Math.max(-2, Math.min(2, x));
      const [u, v] = kind === 'ring' ? [(1 + y) * Math.cos(x), (1 + y) * Math.sin(x)] : [x / 2, y];
      for (let i = 0; i < width; i++) values[(k * steps + t) * width + i] = Math.tanh((weights[2 * i] as number) * u + (weights[2 * i + 1] as number) * v);
    }
  }
  return { trials, steps, width, values, lengths: null };
}

/** The x coordinate of the Lorenz (1963) system at σ = 10, ρ = 28, β = 8/3, every 0.01 s by Runge–Kutta steps, after 10 s on the attractor [trials, steps, 1]. */
export function lorenz(trials: number, steps: number): TrialArray {
  const derivative = ([x, y, z]: readonly number[]) => [
    10 * ((y as number) - (x as number)),
    (x as number) * (28 - (z as number)) - (y as number),
    (x as number) * (y as number) - (8 / 3) * (z as number),
  ];
  const along = (state: readonly number[], slope: readonly number[], by: number) => state.map((value, i) => value + by * (slope[i] as number));
  const advance = (state: readonly number[], dt: number): number[] => {
    const k1 = derivative(state);
    const k2 = derivative(along(state, k1, dt / 2));
    const k3 = derivative(along(state, k2, dt / 2));
    const k4 = derivative(along(state, k3, dt));
    return state.map((value, i) => value + (dt / 6) * ((k1[i] as number) + 2 * (k2[i] as number) + 2 * (k3[i] as number) + (k4[i] as number)));
  };
  const values = new Float64Array(trials * steps);
  for (let k = 0; k < trials; k++) {
    let state: number[] = [1 + k, 1, 20];
    for (let t = -1000; t < steps; t++, state = advance(state, 0.01)) if (t >= 0) values[k * steps + t] = state[0] as number;
  }
  return { trials, steps, width: 1, values, lengths: null };
}
