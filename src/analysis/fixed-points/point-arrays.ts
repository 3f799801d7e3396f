// The arrays of a set of fixed points: what there may be of each point, and how long the rows are. The class around them is in container.ts.

/** What a set of K points holds; everything row-major f64. Optional parts are null where they were not computed. */
export interface FixedPointArrays {
  readonly stateSize: number;
  readonly inputSize: number;
  /** x* [K, S]. */
  readonly states: Float64Array;
  /** u [K, I]. */
  readonly inputs: Float64Array;
  /** F(x*, u) [K, S]. */
  readonly next: Float64Array;
  /** q = ½‖F(x*, u) − x*‖² [K]. */
  readonly speed: Float64Array;
  /** Change of q in the last iteration [K]. */
  readonly speedChange?: Float64Array | null;
  /** Where the search began [K, S]. */
  readonly starts?: Float64Array | null;
  /** Iterations of the search [K]. */
  readonly iterations?: Int32Array | null;
  /** Starts that ended here [K]. */
  readonly visits?: Int32Array | null;
  /** A number that the user gave each start, e.g. of a task's phase [K]. */
  readonly conditions?: Int32Array | null;
  /** ∂F_i/∂x_j [K, S, S]. */
  readonly jacobians?: Float64Array | null;
  /** ∂F_i/∂u_j [K, S, I]. */
  readonly inputJacobians?: Float64Array | null;
  /** Eigenvalues of the Jacobian by falling modulus [K, S, 2]: real, imaginary. */
  readonly eigenvalues?: Float64Array | null;
  /** What was lost on the way, e.g. Jacobians in a projection. */
  readonly notes?: readonly string[];
}

/** Every array with the numbers of one of its rows. */
export const pointLayout = (stateSize: number, inputSize: number) =>
  ({
    states: stateSize,
    inputs: inputSize,
    next: stateSize,
    speed: 1,
    speedChange: 1,
    starts: stateSize,
    iterations: 1,
    visits: 1,
    conditions: 1,
    jacobians: stateSize * stateSize,
    inputJacobians: stateSize * inputSize,
    eigenvalues: 2 * stateSize,
  }) as const;

export type FixedPointArrayName = keyof ReturnType<typeof pointLayout>;
/** Those that every set has. */
export const requiredArrays: readonly FixedPointArrayName[] = ['states', 'inputs', 'next', 'speed'];
export const integerArrays: readonly FixedPointArrayName[] = ['iterations', 'visits', 'conditions'];
export const fixedPointArrays = Object.keys(pointLayout(1, 1)) as FixedPointArrayName[];

/** An array of zeros of the type that this one has. */
export function newPointArray(name: FixedPointArrayName, length: number): Float64Array | Int32Array {
  return integerArrays.includes(name) ? new Int32Array(length) : new Float64Array(length);
}
