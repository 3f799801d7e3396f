// The seam between fixed points and networks: a state map x' = F(x, u) with its Jacobians, for many states at once, in f64.
// Cells of a model come from cell-map.ts (hand-written kernels), cells of one's own from tape-map.ts, anything else from a function.

/** K states at once; everything row-major f64. */
export interface StateMap {
  /** Length S of a state: H, or 2H for an LSTM (h, then c). */
  readonly stateSize: number;
  /** Length I of an input; 0 for a map without inputs. */
  readonly inputSize: number;
  /** What it is, for tables: `GRU with 128 units`. */
  readonly description: string;
  /** F(x, u) [K, S] of states [K, S] and inputs [K, I]. */
  evaluate(states: Float64Array, inputs: Float64Array): Promise<Float64Array>;
  /** F and ∂F_i/∂x_j [K, S, S]; with `withInputs` also ∂F_i/∂u_j [K, S, I]. */
  linearise(states: Float64Array, inputs: Float64Array, withInputs?: boolean): Promise<Linearisation>;
  /**
   * One damped step for each state, or null where the map has no kernel of its own for it (then find.ts solves on the host):
   * δ of (JᵀJ + λI) δ = −JᵀR with R = F(x) − x and J = ∂F/∂x − I, for damping λ [K]; `next` is F(x), `speed` is ½‖R‖² [K].
   */
  dampedStep?(states: Float64Array, inputs: Float64Array, damping: Float64Array): Promise<DampedStep>;
  /** Jᵀc [K, S] for cotangents c [K, S] (J = ∂F/∂x): what gradient descent on the speed needs; without it J is formed. */
  vectorJacobian?(states: Float64Array, inputs: Float64Array, cotangents: Float64Array): Promise<Float64Array>;
  /** What F is computed in; it bounds the speed that can be reached (about 1e-13 for 100 units in f32). Default: f64. */
  readonly precision?: 'f64' | 'f32';
  /** Frees what the map holds. */
  dispose?(): Promise<void>;
}

export interface Linearisation {
  /** F(x, u) [K, S]. */
  readonly next: Float64Array;
  /** [K, S, S], row i the derivatives of component i. */
  readonly jacobian: Float64Array;
  /** [K, S, I] when asked for, else null. */
  readonly inputJacobian: Float64Array | null;
}

export interface DampedStep {
  readonly next: Float64Array;
  readonly speed: Float64Array;
  /** [K, S]. */
  readonly step: Float64Array;
}
