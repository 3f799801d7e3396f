// The optimisation of the original DSA package: an orthogonal map as the Cayley transform of a small network, trained by Adam for a fixed number of steps
// (Ostrow et al. 2023; Lezcano-Casado & Martínez-Rubio 2019). Kept for comparison with published scores and for replaying them; orthogonal-search.ts finds better optima.
import { NumericsError } from '../../errors.js';
import { normalAt, randomKey } from '../../random.js';
import { addScaled, type Dense, frobeniusNorm, identity, innerProduct, multiply, scale, solveDense, transpose, zeros } from './dense.js';

/** The three bias-free maps L₁, L₂, L₃ [n, n]. */
export type CayleyLayers = readonly [Dense, Dense, Dense];

export interface CayleyAdamOptions {
  /** Updates. Default 1500. */
  readonly iterations?: number;
  /** Default 0.005. */
  readonly learningRate?: number;
  /** Of the initial layers, where they are not given. Default 0. */
  readonly seed?: number;
  /** Initial layers of the plain run and of that on the permuted B. Default: uniform-variance normals of standard deviation 1 / √(3 n). */
  readonly layers?: { readonly plain: CayleyLayers; readonly permuted: CayleyLayers };
}

export interface CayleyAdamResult {
  /** C [n, n], with the permutation where that run was better. */
  readonly map: Dense;
  /** ‖A − C B Cᵀ‖² of the unit-norm operators before each update. */
  readonly plain: Float64Array;
  /** The same with B's first two rows and columns swapped: the component of determinant −1. */
  readonly permuted: Float64Array;
  readonly kept: 'plain' | 'permuted';
}

/** Both runs; the one with the lower last loss is kept. */
export function cayleyAdam(a: Dense, b: Dense, { iterations = 1500, learningRate = 0.005, seed = 0, layers }: CayleyAdamOptions = {}): CayleyAdamResult {
  const n = a.rows;
  const [unitA, unitB] = [scale(a, 1 / frobeniusNorm(a)), scale(b, 1 / frobeniusNorm(b))];
  const swap = identity(n);
  if (n > 1) swap.values.set([0, 1], 0);
  if (n > 1) swap.values.set([1, 0], n);
  const initial = layers ?? { plain: drawLayers(n, seed, 0), permuted: drawLayers(n, seed, 3) };
  const plain = run(unitA, unitB, initial.plain, iterations, learningRate);
  const permuted = run(unitA, multiply(multiply(swap, unitB), swap, 'right'), initial.permuted, iterations, learningRate);
  const better = (permuted.losses.at(-1) ?? Infinity) < (plain.losses.at(-1) ?? Infinity);
  return {
    map: better ? multiply(permuted.map, swap) : plain.map,
    plain: plain.losses,
    permuted: permuted.losses,
    kept: better ? 'permuted' : 'plain',
  };
}

/** Standard deviation of PyTorch's initial linear layers, which are uniform on ±1 / √n. */
function drawLayers(n: number, seed: number, first: number): CayleyLayers {
  const key = randomKey(seed, 'Cayley layers');
  const draw = (trial: number): Dense => ({
    rows: n,
    columns: n,
    values: Float64Array.from({ length: n * n }, (_, i) => normalAt(key, trial, i) / Math.sqrt(3 * n)),
  });
  return [draw(first), draw(first + 1), draw(first + 2)];
}

/** Adam with PyTorch's defaults. */
const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];

function run(a: Dense, b: Dense, layers: CayleyLayers, iterations: number, learningRate: number): { map: Dense; losses: Float64Array } {
  const n = a.rows;
  const parameters = [identity(n), ...layers].map((matrix) => ({ ...matrix, values: matrix.values.slice() })) as [Dense, Dense, Dense, Dense];
  const first = parameters.map(() => new Float64Array(n * n));
  const second = parameters.map(() => new Float64Array(n * n));
  const losses = new Float64Array(iterations);
  for (let step = 0; step < iterations; step++) {
    const { loss, gradients } = lossAndGradients(a, b, parameters);
    losses[step] = loss;
    const [correction1, correction2] = [1 - beta1 ** (step + 1), Math.sqrt(1 - beta2 ** (step + 1))];
    parameters.forEach(({ values }, p) => {
      const [gradient, mean, square] = [(gradients[p] as Dense).values, first[p] as Float64Array, second[p] as Float64Array];
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i] as number;
        mean[i] = beta1 * (mean[i] as number) + (1 - beta1) * g;
        square[i] = beta2 * (square[i] as number) + (1 - beta2) * g * g;
        values[i] = (values[i] as number) - ((learningRate / correction1) * (mean[i] as number)) / (Math.sqrt(square[i] as number) / correction2 + epsilon);
      }
    });
  }
  return { map: forward(parameters).map, losses };
}

/** M = tanh(tanh(P L₁ᵀ) L₂ᵀ) L₃ᵀ, K = M − Mᵀ, C = (I + K)⁻¹ (I − K). */
function forward([p, l1, l2, l3]: readonly [Dense, Dense, Dense, Dense]): { hidden1: Dense; hidden2: Dense; plus: Dense; map: Dense } {
  const hidden1 = tanh(multiply(p, l1, 'right'));
  const hidden2 = tanh(multiply(hidden1, l2, 'right'));
  const last = multiply(hidden2, l3, 'right');
  const skew = addScaled(last, transpose(last), -1);
  const unit = identity(p.rows);
  const plus = addScaled(unit, skew, 1);
  return { hidden1, hidden2, plus, map: solved(plus, addScaled(unit, skew, -1)) };
}

function solved(a: Dense, b: Dense): Dense {
  const x = solveDense(a, b);
  // I + K with K skew has a determinant of at least 1: only values that are not finite get here
  if (x === null || !x.values.every(Number.isFinite))
    throw new NumericsError('cayleyAdam: expected a finite map, got one that is not; lower the learning rate');
  return x;
}

const tanh = (x: Dense): Dense => ({ ...x, values: x.values.map((value) => Math.tanh(value)) });

function lossAndGradients(a: Dense, b: Dense, parameters: readonly [Dense, Dense, Dense, Dense]): { loss: number; gradients: Dense[] } {
  const [p, l1, l2, l3] = parameters;
  const { hidden1, hidden2, plus, map } = forward(parameters);
  const right = multiply(map, b);
  const error = addScaled(a, multiply(right, map, 'right'), -1);
  const dMap = scale(addScaled(multiply(error, multiply(map, b, 'right')), multiply(error, right, 'left'), 1), -2);
  // dC = −(I + K)⁻¹ dK (I + C)
  const dSkew = scale(multiply(solved(transpose(plus), dMap), addScaled(identity(p.rows), map, 1), 'right'), -1);
  const dLast = addScaled(dSkew, transpose(dSkew), -1);
  const d2 = throughTanh(multiply(dLast, l3), hidden2);
  const d1 = throughTanh(multiply(d2, l2), hidden1);
  return {
    loss: innerProduct(error, error),
    gradients: [multiply(d1, l1), multiply(d1, p, 'left'), multiply(d2, hidden1, 'left'), multiply(dLast, hidden2, 'left')],
  };
}

function throughTanh(gradient: Dense, output: Dense): Dense {
  const result = zeros(gradient.rows, gradient.columns);
  for (let i = 0; i < result.values.length; i++) result.values[i] = (gradient.values[i] as number) * (1 - (output.values[i] as number) ** 2);
  return result;
}
