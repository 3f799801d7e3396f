// What a method of searching hands back: where every start ended, and how the speed fell. Also how long searches stay responsive.

/** Where K starts ended, row by row. */
export interface SearchEnds {
  /** [K, S]. */
  readonly states: Float64Array;
  /** F(x, u) of each [K, S]. */
  readonly next: Float64Array;
  /** q = ½‖F(x, u) − x‖² of each [K] (Sussillo & Barak 2013). */
  readonly speed: Float64Array;
  /** |q − q before| at the last iteration [K]; null where the method does not look at it. */
  readonly speedChange: Float64Array | null;
  /** Iterations that each start took [K]. */
  readonly iterations: Int32Array;
  /** Mean q over all starts, from the starts themselves (iteration 0) on. */
  readonly trace: SpeedTrace;
}

export interface SpeedTrace {
  readonly iteration: readonly number[];
  readonly meanSpeed: readonly number[];
}

/** Told as a search goes on; a search that is aborted throws the signal's reason. */
export interface SearchWatch {
  /** Which part is running, how far it is (0 to 1), and the mean speed reached. */
  readonly onProgress?: (progress: { readonly stage: string; readonly share: number; readonly meanSpeed: number | null }) => void;
  readonly signal?: AbortSignal;
}

/** q of each row, from states and their successors [K, S]. */
export function speedsOf(states: Float64Array, next: Float64Array, stateSize: number): Float64Array {
  const speed = new Float64Array(states.length / stateSize);
  for (let k = 0; k < speed.length; k++) {
    let sum = 0;
    for (let i = k * stateSize; i < (k + 1) * stateSize; i++) sum += ((next[i] as number) - (states[i] as number)) ** 2;
    speed[k] = sum / 2;
  }
  return speed;
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return values.length > 0 ? sum / values.length : 0;
}

/** Milliseconds of work between two pauses. */
const workTime = 40;

/** A function to await between iterations: every 40 ms it lets timers and messages through (so that an abort can arrive), and throws when aborted. */
export function breather(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    signal?.throwIfAborted();
    if (performance.now() - last < workTime) return;
    return new Promise<void>((resolve) => setTimeout(resolve)).then(() => {
      last = performance.now();
      signal?.throwIfAborted();
    });
  };
}

/** Ends of several searches one behind the other; the trace is the mean over starts, each resting where it ended. */
export function stackEnds(ends: readonly SearchEnds[], stateSize: number): SearchEnds {
  const total = ends.reduce((sum, { speed }) => sum + speed.length, 0);
  const stacked = {
    states: new Float64Array(total * stateSize),
    next: new Float64Array(total * stateSize),
    speed: new Float64Array(total),
    speedChange: new Float64Array(total),
    iterations: new Int32Array(total),
  };
  let first = 0;
  for (const part of ends) {
    stacked.states.set(part.states, first * stateSize);
    stacked.next.set(part.next, first * stateSize);
    stacked.speed.set(part.speed, first);
    if (part.speedChange) stacked.speedChange.set(part.speedChange, first);
    stacked.iterations.set(part.iterations, first);
    first += part.speed.length;
  }
  const iterations = [...new Set(ends.flatMap(({ trace }) => trace.iteration))].sort((a, b) => a - b);
  const cursors = ends.map(() => 0);
  const meanSpeed = iterations.map((iteration) => {
    let sum = 0;
    for (const [i, { trace, speed }] of ends.entries()) {
      while ((trace.iteration[(cursors[i] as number) + 1] ?? Number.POSITIVE_INFINITY) <= iteration) cursors[i] = (cursors[i] as number) + 1;
      sum += (trace.meanSpeed[cursors[i] as number] ?? 0) * speed.length;
    }
    return total > 0 ? sum / total : 0;
  });
  return { ...stacked, speedChange: ends.every((part) => part.speedChange) ? stacked.speedChange : null, trace: { iteration: iterations, meanSpeed } };
}
