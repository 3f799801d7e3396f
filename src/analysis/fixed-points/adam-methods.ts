// Gradient descent on the speed: the searches of CtDB (Adam on the mean speed for a fixed number of iterations) and of Golub & Sussillo 2018
// (FixedPointFinder: Adam with an adaptive learning rate and a clipped gradient until every start has settled), batched over starts.
// ∇q = (J − I)ᵀ(F(x) − x). Adam: Kingma & Ba 2015, algorithm 1 (arXiv:1412.6980).
import { NumericsError } from '../../errors.js';
import { breather, meanOf, type SearchEnds, type SearchWatch, speedsOf, stackEnds } from './ends.js';
import type { StateMap } from './state-map.js';

export interface CtdbOptions extends SearchWatch {
  /** Default 1e-3. */
  readonly learningRate?: number;
  /** Iterations, all of them. Default 10 000. */
  readonly maxIterations?: number;
  /** As CtDB has it: the speed handed back is that of the states before the last update. Default false: speed and state belong together. */
  readonly compat?: boolean;
}

export interface GolubOptions extends SearchWatch {
  /** All starts in one descent on their mean speed ('joint', the default), or one start at a time. */
  readonly mode?: 'joint' | 'sequential';
  /** A start has settled when its speed is below this. Default 1e-12. */
  readonly speedTolerance?: number;
  /** … or changes by less than this times the learning rate. Default 1e-20. */
  readonly changeTolerance?: number;
  /** Default 5000. */
  readonly maxIterations?: number;
  /** Initial learning rate; it adapts. Default 1. */
  readonly learningRate?: number;
  /** Adam's ε. Default 0.01, as the original: near a fixed point steps shrink with the gradient. */
  readonly epsilon?: number;
  /** Whether the gradient is clipped at the 95th percentile of the last 128 norms. Default true. */
  readonly clip?: boolean;
}

/** Adam on the mean speed of all starts [K, S] for exactly `maxIterations` iterations. Throws NumericsError when the speed is not finite. */
export async function findByCtdb(
  map: StateMap,
  starts: Float64Array,
  inputs: Float64Array,
  { learningRate = 1e-3, maxIterations = 10_000, compat = false, ...watch }: CtdbOptions = {},
): Promise<SearchEnds> {
  return descend(map, starts, inputs, { maxIterations, compat, epsilon: 1e-8, rate: () => learningRate, clip: null, settled: null, ...watch });
}

/** Golub & Sussillo's search. Throws NumericsError when the speed is not finite: the learning rate may be too high. */
export async function findByGolubSussillo(map: StateMap, starts: Float64Array, inputs: Float64Array, options: GolubOptions = {}): Promise<SearchEnds> {
  const { mode = 'joint', speedTolerance = 1e-12, changeTolerance = 1e-20, maxIterations = 5000, learningRate = 1, epsilon = 0.01, clip = true } = options;
  const { signal, onProgress } = options;
  const descent = (states: Float64Array, given: Float64Array, watch: SearchWatch) => {
    const rate = adaptiveRate(learningRate);
    return descend(map, states, given, {
      maxIterations,
      compat: false,
      epsilon,
      rate,
      clip: clip ? adaptiveClip() : null,
      settled: (speed, change, currentRate) => speed < speedTolerance || change < changeTolerance * currentRate,
      ...watch,
    });
  };
  if (mode === 'joint') return descent(starts, inputs, { signal, onProgress });
  const { stateSize, inputSize } = map;
  const count = starts.length / stateSize;
  const ends: SearchEnds[] = [];
  for (let k = 0; k < count; k++) {
    ends.push(await descent(starts.slice(k * stateSize, (k + 1) * stateSize), inputs.slice(k * inputSize, (k + 1) * inputSize), { signal }));
    onProgress?.({ stage: 'searching one start at a time', share: (k + 1) / count, meanSpeed: meanOf(ends.map(({ speed }) => speed[0] as number)) });
  }
  return stackEnds(ends, stateSize);
}

interface Descent extends SearchWatch {
  readonly maxIterations: number;
  readonly compat: boolean;
  readonly epsilon: number;
  /** The learning rate of the next update, from the mean speed now. */
  readonly rate: (meanSpeed: number) => number;
  /** Factor on the gradient from its norm. */
  readonly clip: ((norm: number) => number) | null;
  /** Whether one start has settled; the descent ends when all have. Null: never. */
  readonly settled: ((speed: number, change: number, rate: number) => boolean) | null;
}

const beta1 = 0.9;
const beta2 = 0.999;

async function descend(map: StateMap, starts: Float64Array, inputs: Float64Array, options: Descent): Promise<SearchEnds> {
  const { maxIterations, epsilon, rate, clip, settled, onProgress } = options;
  const breathe = breather(options.signal);
  const states = starts.slice();
  const [first, second] = [new Float64Array(states.length), new Float64Array(states.length)];
  const trace = { iteration: [] as number[], meanSpeed: [] as number[] };
  let before: Float64Array | null = null;
  let change = new Float64Array(0);
  let iteration = 0;
  let powers: readonly [number, number] = [1, 1];
  for (; iteration <= maxIterations; iteration++) {
    await breathe();
    const last = iteration === maxIterations;
    // with compat the speed belongs to the states before the last update, so the states after it are not looked at again
    if (last && options.compat && before) break;
    const { next, gradient } = last ? { next: await map.evaluate(states, inputs), gradient: null } : await speedGradient(map, states, inputs);
    const speed = speedsOf(states, next, map.stateSize);
    const mean = meanOf(speed);
    if (!Number.isFinite(mean)) {
      throw new NumericsError(
        `findFixedPoints: expected finite speeds, got ${mean} on average at iteration ${iteration}; lower the learning rate, or look for NaN in states and weights`,
      );
    }
    trace.iteration.push(iteration);
    trace.meanSpeed.push(mean);
    change = changeOf(speed, before);
    const learningRate = rate(mean);
    if (last || gradient === null || (settled && speed.every((value, k) => settled(value, change[k] as number, learningRate)))) {
      return { states, next, speed, speedChange: change, iterations: new Int32Array(speed.length).fill(iteration), trace };
    }
    if (iteration % 50 === 0) onProgress?.({ stage: 'searching', share: iteration / maxIterations, meanSpeed: mean });
    powers = [powers[0] * beta1, powers[1] * beta2];
    update(states, gradient, first, second, { learningRate, epsilon, scale: clip ? clip(norm(gradient)) : 1, powers });
    before = speed;
  }
  const speed = before as Float64Array;
  const next = await map.evaluate(states, inputs);
  return { states, next, speed, speedChange: change, iterations: new Int32Array(speed.length).fill(maxIterations), trace };
}

/** |q − q before| of each start; infinite while there is nothing before. */
function changeOf(speed: Float64Array, before: Float64Array | null): Float64Array<ArrayBuffer> {
  return Float64Array.from(speed, (value, k) => (before ? Math.abs(value - (before[k] as number)) : Number.POSITIVE_INFINITY));
}

/** F(x) and the gradient of the mean speed. */
async function speedGradient(map: StateMap, states: Float64Array, inputs: Float64Array): Promise<{ next: Float64Array; gradient: Float64Array }> {
  const { stateSize } = map;
  const count = states.length / stateSize;
  if (map.vectorJacobian) {
    const next = await map.evaluate(states, inputs);
    const residual = next.map((value, i) => value - (states[i] as number));
    const pulled = await map.vectorJacobian(states, inputs, residual);
    return { next, gradient: pulled.map((value, i) => (value - (residual[i] as number)) / count) };
  }
  const { next, jacobian } = await map.linearise(states, inputs);
  const gradient = new Float64Array(states.length);
  for (let row = 0; row < states.length; row++) {
    const residual = ((next[row] as number) - (states[row] as number)) / count;
    const start = row - (row % stateSize);
    for (let j = 0; j < stateSize; j++) gradient[start + j] = (gradient[start + j] as number) + residual * (jacobian[row * stateSize + j] as number);
    gradient[row] = (gradient[row] as number) - residual;
  }
  return { next, gradient };
}

interface Update {
  readonly learningRate: number;
  readonly epsilon: number;
  readonly scale: number;
  /** β₁ᵗ and β₂ᵗ. */
  readonly powers: readonly [number, number];
}

/** One step of Adam, in place. */
function update(
  states: Float64Array,
  gradient: Float64Array,
  first: Float64Array,
  second: Float64Array,
  { learningRate, epsilon, scale, powers }: Update,
): void {
  const [one, two] = [1 - powers[0], 1 - powers[1]];
  for (let i = 0; i < states.length; i++) {
    const slope = (gradient[i] as number) * scale;
    const m = beta1 * (first[i] as number) + (1 - beta1) * slope;
    const v = beta2 * (second[i] as number) + (1 - beta2) * slope * slope;
    first[i] = m;
    second[i] = v;
    states[i] = (states[i] as number) - (learningRate * (m / one)) / (Math.sqrt(v / two) + epsilon);
  }
}

function norm(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return Math.sqrt(sum);
}

/** Iterations that the learning rate looks back on, and the factor by which it changes. */
const patience = 5;
const rateFactor = 0.95;

/**
 * Falls by 5 % when the newest mean speed exceeds all of the five before it, rises by 5 % when the last five changes were all falls, and rests for five
 * iterations after every change.
 */
function adaptiveRate(initial: number): (meanSpeed: number) => number {
  const recent: number[] = [];
  let rate = initial;
  let since = 0;
  return (meanSpeed) => {
    since++;
    const full = recent.length === patience;
    if (full && since >= patience) {
      const values = [...recent, meanSpeed];
      if (recent.every((value) => meanSpeed > value)) {
        rate *= rateFactor;
        since = 0;
      } else if (recent.every((value, i) => (values[i + 1] as number) < value)) {
        rate /= rateFactor;
        since = 0;
      }
    }
    recent.push(meanSpeed);
    if (recent.length > patience) recent.shift();
    return rate;
  };
}

const clipMemory = 128;
const clipQuantile = 0.95;

/** The factor that brings a norm to the 95th percentile of the last 128 before it; 1 for the first. */
function adaptiveClip(): (norm: number) => number {
  const recent: number[] = [];
  return (size) => {
    const sorted = recent.toSorted((a, b) => a - b);
    const limit = sorted[Math.min(sorted.length - 1, Math.floor(clipQuantile * sorted.length))] ?? size;
    recent.push(size);
    if (recent.length > clipMemory) recent.shift();
    return size > limit ? limit / size : 1;
  };
}
