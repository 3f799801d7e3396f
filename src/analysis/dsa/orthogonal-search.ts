// Which orthogonal C brings C B Cᵀ closest to A: descent on the orthogonal group from many starts in both of its components.
// f(C) = −tr(Aᵀ C B Cᵀ); Barzilai–Borwein steps with a non-monotone Armijo rule (Wen & Yin 2013; Iannazzo & Porcelli 2018), Cayley retraction.
import { normalAt, randomKey } from '../../random.js';
import { addScaled, type Dense, identity, innerProduct, multiply, zeros } from './dense.js';
import { eigenMatch } from './eigen-match.js';
import { orthonormalised } from './orthonormal.js';

export interface SearchOptions {
  /** Random starts in each of the two components of O(n). Default 8. */
  readonly starts?: number;
  /** Steps of a descent at most. Default 300: descents of 50 × 50 operators end after 250 on average. */
  readonly steps?: number;
  /** Of the random starts. Default 0. */
  readonly seed?: number;
}

/** The end of one descent. */
export interface SearchResult {
  /** C [n, n], orthogonal to 1e-14. */
  readonly map: Dense;
  /** ‖A − C B Cᵀ‖² for A and B of unit norm, in [0, 4]. */
  readonly loss: number;
}

/** Steps that every start gets before the better ones go on, and how many of them do. */
const trialSteps = 80;
export const finalists = 6;

/**
 * All descents, best first. Every start makes 80 steps; the best six go on to `steps`, and the best of those is followed to the limit of rounding.
 * A and B must have unit Frobenius norm.
 */
export function searchOrthogonal(a: Dense, b: Dense, { starts = 8, steps = 300, seed = 0 }: SearchOptions = {}): SearchResult[] {
  // zeros beyond n take no part: the search turns nothing there, and whole blocks of four are quicker
  const size = Math.ceil(a.rows / 4) * 4;
  const descent = new Descent(resized(a, size), resized(b, size));
  const better = (x: SearchResult, y: SearchResult) => x.loss - y.loss;
  const goOn = (result: SearchResult, tolerance: number) => [result, descent.run(result.map, steps, tolerance)].sort(better)[0] as SearchResult;
  const results = startingMaps(a, b, starts, seed).map((start) => descent.run(withIdentity(start, size), Math.min(trialSteps, steps), 1e-5));
  results.sort(better);
  results.splice(0, finalists, ...results.slice(0, finalists).map((result) => goOn(result, 1e-6)));
  results.sort(better);
  results[0] = goOn(results[0] as SearchResult, 1e-15);
  return results.map(({ map, loss }) => ({ map: resized(map, a.rows), loss }));
}

/** The leading part of a matrix, or the matrix with zeros behind. */
function resized(matrix: Dense, size: number): Dense {
  if (matrix.rows === size) return matrix;
  const result = zeros(size, size);
  const kept = Math.min(size, matrix.rows);
  for (let i = 0; i < kept; i++) result.values.set(matrix.values.subarray(i * matrix.columns, i * matrix.columns + kept), i * size);
  return result;
}

function withIdentity(map: Dense, size: number): Dense {
  const result = resized(map, size);
  for (let i = map.rows; i < size; i++) result.values[i * size + i] = 1;
  return result;
}

/** Identity, eigenvectors onto eigenvectors, and random maps; each also with one axis mirrored, so that both components are searched alike. */
function startingMaps(a: Dense, b: Dense, starts: number, seed: number): Dense[] {
  const n = a.rows;
  const maps = [identity(n), eigenMatch(a, b)];
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

/** Steps without progress after which a descent ends. */
const patience = 15;
/** Armijo's constant, and the memory of the mean of past values that a step may not exceed (Zhang & Hager 2004). */
const sufficient = 1e-4;
const memory = 0.85;

/**
 * Descents of one pair, with their memory. The turned matrix M = C B Cᵀ is kept instead of C in the formulas: f = −⟨A, M⟩, and with
 * Ω = the skew part of −(A Mᵀ + Aᵀ M) a step turns M by the Cayley transform Q = (I + τΩ/2)⁻¹ (I − τΩ/2).
 */
class Descent {
  readonly #a: Dense;
  readonly #b: Dense;
  readonly #n: number;
  #here: Dense;
  #next: Dense;
  #gradient: Dense;
  #nextGradient: Dense;
  #map: Dense;
  #nextMap: Dense;
  readonly #turn: Dense;
  readonly #half: Dense;
  readonly #products: readonly [Dense, Dense];

  constructor(a: Dense, b: Dense) {
    const n = a.rows;
    this.#a = a;
    this.#b = b;
    this.#n = n;
    const fresh = () => zeros(n, n);
    [this.#here, this.#next, this.#gradient, this.#nextGradient, this.#map, this.#nextMap] = [fresh(), fresh(), fresh(), fresh(), fresh(), fresh()];
    this.#turn = fresh();
    this.#half = fresh();
    this.#products = [fresh(), fresh()];
  }

  /** From one start until the gradient vanishes, f has fallen by less than `tolerance` in 15 steps, or `steps` are done. */
  run(start: Dense, steps: number, tolerance: number): SearchResult {
    const best = { map: start.values.slice(), value: Infinity };
    this.#map.values.set(start.values);
    multiply(start, this.#b, 'none', this.#half);
    multiply(this.#half, start, 'right', this.#here);
    let value = -innerProduct(this.#a, this.#here);
    let squared = this.#gradientAt(this.#here, this.#gradient);
    let reference = value;
    let weight = 1;
    let step = 1;
    let mark = value;
    let markedAt = 0;
    if (value < best.value) best.value = value;
    for (let k = 1; k <= steps && squared > 1e-24; k++) {
      let reached = this.#turnBy(step);
      for (let shrink = 0; shrink < 25 && reached > reference - sufficient * step * squared; shrink++) {
        step *= 0.3;
        reached = this.#turnBy(step);
      }
      multiply(this.#turn, this.#map, 'none', this.#nextMap);
      const nextSquared = this.#gradientAt(this.#next, this.#nextGradient);
      step = this.#proposal(step, squared, nextSquared, k);
      this.#swap();
      value = reached;
      squared = nextSquared;
      const nextWeight = memory * weight + 1;
      reference = (memory * weight * reference + value) / nextWeight;
      weight = nextWeight;
      if (value < best.value) {
        best.value = value;
        best.map.set(this.#map.values);
      }
      if (k - markedAt >= patience) {
        if (best.value > mark - tolerance) break;
        mark = best.value;
        markedAt = k;
      }
    }
    return this.#resultOf({ rows: this.#n, columns: this.#n, values: best.map });
  }

  /** C made orthonormal once more, and its loss computed anew: rounding of many steps is gone. A start that was never left stays as it is. */
  #resultOf(map: Dense): SearchResult {
    const turned = multiply(multiply(map, this.#b), map, 'right');
    const plain = addScaled(this.#a, turned, -1);
    const loss = innerProduct(plain, plain);
    const exact = orthonormalised(map);
    const distance = addScaled(this.#a, multiply(multiply(exact, this.#b), exact, 'right'), -1);
    return { map: exact, loss: Math.min(loss, innerProduct(distance, distance)) };
  }

  #swap(): void {
    [this.#here, this.#next] = [this.#next, this.#here];
    [this.#gradient, this.#nextGradient] = [this.#nextGradient, this.#gradient];
    [this.#map, this.#nextMap] = [this.#nextMap, this.#map];
  }

  /** Ω at M into `out`; returns ½ ‖Ω‖² · 2, the squared length that Armijo's rule needs. */
  #gradientAt(m: Dense, out: Dense): number {
    const n = this.#n;
    const [first, second] = this.#products;
    multiply(this.#a, m, 'right', first);
    multiply(this.#a, m, 'left', second);
    const [x, y, w] = [first.values, second.values, out.values];
    let squared = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        const at = i * n + j;
        const mirror = j * n + i;
        const value = -((x[at] as number) + (y[at] as number) - (x[mirror] as number) - (y[mirror] as number)) / 2;
        w[at] = value;
        w[mirror] = -value;
        squared += 2 * value * value;
      }
    }
    return squared;
  }

  /** M turned against Ω by a step into `next`; returns f there. */
  #turnBy(step: number): number {
    cayley(this.#gradient, step / 2, this.#turn);
    multiply(this.#turn, this.#here, 'none', this.#half);
    multiply(this.#half, this.#turn, 'right', this.#next);
    return -innerProduct(this.#a, this.#next);
  }

  /** The next step's length from the change of the gradient, long and short steps by turns. */
  #proposal(step: number, squared: number, nextSquared: number, k: number): number {
    const overlap = innerProduct(this.#gradient, this.#nextGradient);
    const moved = step * (squared - overlap);
    const proposed = k % 2 === 0 ? (step * step * squared) / Math.abs(moved) : Math.abs(moved) / (squared - 2 * overlap + nextSquared);
    return Number.isFinite(proposed) ? Math.min(1e6, Math.max(1e-4, proposed)) : 1;
  }
}

/**
 * (I + K)⁻¹ (I − K) = 2 (I + K)⁻¹ − I for K = factor · skew, into `out`: Gauss–Jordan in place, without pivots, which I + K does not need (its symmetric part is
 * the identity).
 */
function cayley(skew: Dense, factor: number, out: Dense): void {
  const n = skew.rows;
  const m = out.values;
  for (let i = 0; i < n * n; i++) m[i] = factor * (skew.values[i] as number);
  for (let i = 0; i < n; i++) m[i * n + i] = (m[i * n + i] as number) + 1;
  for (let k = 0; k < n; k++) {
    const pivot = 1 / (m[k * n + k] as number);
    m[k * n + k] = 1;
    for (let j = 0; j < n; j++) m[k * n + j] = (m[k * n + j] as number) * pivot;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const share = m[i * n + k] as number;
      if (share === 0) continue;
      m[i * n + k] = 0;
      for (let j = 0; j < n; j++) m[i * n + j] = (m[i * n + j] as number) - share * (m[k * n + j] as number);
    }
  }
  for (let i = 0; i < n * n; i++) m[i] = 2 * (m[i] as number);
  for (let i = 0; i < n; i++) m[i * n + i] = (m[i * n + i] as number) - 1;
}
