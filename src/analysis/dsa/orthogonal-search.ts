// Which orthogonal C brings C B Cᵀ closest to A: descent on the orthogonal group from many starts in both of its components.
// f(C) = −tr(Aᵀ C B Cᵀ); Barzilai–Borwein steps with a non-monotone Armijo rule (Wen & Yin 2013; Iannazzo & Porcelli 2018), QR retraction.
import { addScaled, cholesky, type Dense, divideByFactor, identity, innerProduct, multiply, scale, transpose, zeros } from './dense.js';
import { normalAt, randomKey } from '../../random.js';
import { eigenBasis } from './eigen-basis.js';
import { orthonormalised } from './orthonormal.js';

export interface SearchOptions {
  /** Random starts in each of the two components of O(n). Default 8. */
  readonly starts?: number;
  /** Steps of each start at most. Default 300. */
  readonly steps?: number;
  /** Of the random starts. Default 0. */
  readonly seed?: number;
}

/** The end of one descent. */
export interface SearchResult {
  /** C [n, n], orthogonal. */
  readonly map: Dense;
  /** ‖A − C B Cᵀ‖² for A and B of unit norm, in [0, 4]. */
  readonly loss: number;
}

/** All descents, best first. A and B must have unit Frobenius norm. */
export function searchOrthogonal(a: Dense, b: Dense, { starts = 8, steps = 300, seed = 0 }: SearchOptions = {}): SearchResult[] {
  return startingMaps(a, b, starts, seed)
    .map((start) => descend(a, b, start, steps))
    .sort((x, y) => x.loss - y.loss);
}

/** Identity, eigenvectors onto eigenvectors, and random maps; each also with one axis mirrored, so that both components are searched alike. */
function startingMaps(a: Dense, b: Dense, starts: number, seed: number): Dense[] {
  const n = a.rows;
  const maps = [identity(n), multiply(eigenBasis(a), eigenBasis(b), 'right')];
  const key = randomKey(seed, 'orthogonal starts');
  for (let start = 0; start < starts; start++) {
    const random = zeros(n, n);
    for (let i = 0; i < n * n; i++) random.values[i] = normalAt(key, start, i);
    maps.push(orthonormalised(random));
  }
  return maps.flatMap((map) => [map, mirrored(map)]);
}

/** The last column turned around: the other sign of the determinant. */
function mirrored(map: Dense): Dense {
  const result = { ...map, values: map.values.slice() };
  for (let i = 0; i < map.rows; i++) result.values[(i + 1) * map.columns - 1] = -(result.values[(i + 1) * map.columns - 1] as number);
  return result;
}

interface Point {
  readonly map: Dense;
  readonly value: number;
  /** Riemannian gradient, a tangent vector at `map`. */
  readonly gradient: Dense;
  readonly squared: number;
}

function evaluate(a: Dense, b: Dense, map: Dense): Point {
  const right = multiply(map, b);
  // f = −⟨C, Aᵀ C B⟩, ∂f/∂C = −(A C Bᵀ + Aᵀ C B)
  const first = multiply(a, right, 'left');
  const value = -innerProduct(map, first);
  const second = multiply(a, multiply(map, b, 'right'));
  const euclidean = addScaled(first, second, 1);
  const turned = multiply(map, euclidean, 'left');
  const skew = scale(addScaled(turned, transpose(turned), -1), -0.5);
  const gradient = multiply(map, skew);
  return { map, value, gradient, squared: innerProduct(skew, skew) };
}

/** C − τ G with columns made orthonormal by a Cholesky factor of its Gram matrix, which is close to the identity for the steps taken here. */
function retract(map: Dense, gradient: Dense, step: number): Dense {
  const moved = addScaled(map, gradient, -step);
  const factor = cholesky(multiply(moved, moved, 'left'));
  if (factor === null) return orthonormalised(moved);
  divideByFactor(moved, factor);
  return moved;
}

/** One descent. Ends when the gradient is below 1e-7, f has stood still for 20 steps, or after `steps`. */
function descend(a: Dense, b: Dense, start: Dense, steps: number): SearchResult {
  let here = evaluate(a, b, start);
  let best = here;
  let step = 1;
  // running mean of past values, which a step may not exceed (Zhang & Hager 2004, η = 0.85)
  let reference = here.value;
  let weight = 1;
  let still = 0;
  for (let k = 0; k < steps && here.squared > 1e-14; k++) {
    let next = evaluate(a, b, retract(here.map, here.gradient, step));
    for (let halving = 0; halving < 25 && next.value > reference - 1e-4 * step * here.squared; halving++) {
      step *= 0.3;
      next = evaluate(a, b, retract(here.map, here.gradient, step));
    }
    const moved = addScaled(next.map, here.map, -1);
    const turned = addScaled(next.gradient, here.gradient, -1);
    const overlap = Math.abs(innerProduct(moved, turned));
    // long and short steps by turns
    const proposed = k % 2 === 0 ? innerProduct(moved, moved) / overlap : overlap / innerProduct(turned, turned);
    step = Number.isFinite(proposed) ? Math.min(20, Math.max(1e-6, proposed)) : 1;
    const nextWeight = 0.85 * weight + 1;
    reference = (0.85 * weight * reference + next.value) / nextWeight;
    weight = nextWeight;
    here = next;
    still = here.value < best.value - 1e-10 ? 0 : still + 1;
    if (here.value < best.value) best = here;
    if (still >= 20) break;
  }
  // rounding of many retractions: one more orthonormalisation gives C to 1e-15
  const map = orthonormalised(best.map);
  const distance = addScaled(a, multiply(multiply(map, b), map, 'right'), -1);
  return { map, loss: innerProduct(distance, distance) };
}
