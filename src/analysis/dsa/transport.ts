// Exact optimal transport between two finite sets of points in the plane, uniform weights, squared Euclidean cost: the distance of two spectra.
// Successive shortest paths with potentials (Edmonds & Karp 1972; for equal sizes the assignment algorithm of Kuhn and Munkres).
import type { Dense } from './dense.js';
import { eigenvalues } from './dmd.js';

export interface Points {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Σ plan ∘ cost over the best plan: each of n points sends 1/n, each of m points takes 1/m. No root is taken. */
export function transportCost(a: Points, b: Points): number {
  const [n, m] = [a.real.length, b.real.length];
  const cost = squaredDistances(a, b);
  const divisor = greatestCommonDivisor(n, m);
  // whole masses: each source sends m / g, each sink takes n / g
  const flow = cheapestFlow(cost, n, m, m / divisor, n / divisor);
  let sum = 0;
  for (let i = 0; i < cost.length; i++) sum += (flow[i] as number) * (cost[i] as number);
  return sum / ((n * m) / divisor);
}

/** Squared distances of all pairs [n, m]. */
export function squaredDistances(a: Points, b: Points): Float64Array {
  const m = b.real.length;
  const result = new Float64Array(a.real.length * m);
  for (let i = 0; i < result.length; i++) {
    const [row, column] = [Math.floor(i / m), i % m];
    result[i] = ((a.real[row] as number) - (b.real[column] as number)) ** 2 + ((a.imaginary[row] as number) - (b.imaginary[column] as number)) ** 2;
  }
  return result;
}

/** Squared-distance transport between the eigenvalues of two operators, of any sizes (Redman et al. 2024; Ostrow et al. 2023). */
export function spectralDistance(a: Dense, b: Dense): number {
  return transportCost(eigenvalues(a), eigenvalues(b));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Masses [n, m] of the cheapest plan that sends `supply` from every source and `demand` to every sink; n · supply = m · demand. */
export function cheapestFlow(cost: Float64Array, n: number, m: number, supply: number, demand: number): Float64Array {
  const flow = new Float64Array(n * m);
  const left = new Float64Array(n).fill(supply);
  const open = new Float64Array(m).fill(demand);
  const sourcePotential = new Float64Array(n);
  const sinkPotential = new Float64Array(m);
  const distance = new Float64Array(n + m);
  const before = new Int32Array(n + m);
  const done = new Uint8Array(n + m);
  for (let source = 0; source < n; source++) {
    while ((left[source] as number) > 0) {
      const sink = shortestPath(source);
      // the most that fits through the path
      let amount = Math.min(left[source] as number, open[sink] as number);
      for (let node = n + sink; node !== source; node = before[node] as number) {
        const previous = before[node] as number;
        if (previous >= n) amount = Math.min(amount, flow[node * m + previous - n] as number);
      }
      for (let node = n + sink; node !== source; node = before[node] as number) {
        const previous = before[node] as number;
        if (previous < n) flow[previous * m + node - n] = (flow[previous * m + node - n] as number) + amount;
        else flow[node * m + previous - n] = (flow[node * m + previous - n] as number) - amount;
      }
      left[source] = (left[source] as number) - amount;
      open[sink] = (open[sink] as number) - amount;
    }
  }
  return flow;

  /** Dijkstra on reduced costs from one source to the nearest sink with room; updates the potentials. */
  function shortestPath(source: number): number {
    distance.fill(Infinity);
    done.fill(0);
    distance[source] = 0;
    for (;;) {
      let node = -1;
      for (let k = 0; k < n + m; k++)
        if (!done[k] && (distance[k] as number) < Infinity && (node < 0 || (distance[k] as number) < (distance[node] as number))) node = k;
      done[node] = 1;
      const reached = distance[node] as number;
      if (node >= n && (open[node - n] as number) > 0) {
        for (let k = 0; k < n + m; k++) {
          if (!done[k]) continue;
          const change = (distance[k] as number) - reached;
          if (k < n) sourcePotential[k] = (sourcePotential[k] as number) + change;
          else sinkPotential[k - n] = (sinkPotential[k - n] as number) + change;
        }
        return node - n;
      }
      if (node < n) {
        for (let j = 0; j < m; j++) relax(node, n + j, (cost[node * m + j] as number) + (sourcePotential[node] as number) - (sinkPotential[j] as number));
      } else {
        const j = node - n;
        // back along what already flows
        for (let i = 0; i < n; i++) {
          if ((flow[i * m + j] as number) > 0) relax(node, i, -(cost[i * m + j] as number) + (sinkPotential[j] as number) - (sourcePotential[i] as number));
        }
      }
    }
  }

  function relax(from: number, to: number, length: number): void {
    // rounding may leave a reduced cost a little below zero
    const through = (distance[from] as number) + Math.max(0, length);
    if (!done[to] && through < (distance[to] as number)) {
      distance[to] = through;
      before[to] = from;
    }
  }
}
