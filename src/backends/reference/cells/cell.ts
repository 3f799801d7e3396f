// What a cell twin provides to the rollout drivers, and the two loops every cell is made of.

/** Sizes and constants of one model, as a rollout call states them. */
export interface CellSizes {
  readonly I: number;
  readonly H: number;
  /** Widths of the hidden ReLU layers; empty for all cells but NODE. */
  readonly layers: readonly number[];
  readonly stepSize: number;
  readonly gamma: number;
  readonly activation: number;
  readonly ctdb: boolean;
}

/** What the forward step of one trial at one time left behind, all read by the backward step. */
export interface StepRecord {
  readonly x: Float64Array;
  /** State before the step [S]. */
  readonly state: Float64Array;
  /** State after the step, before noise is added to it [S]. */
  readonly next: Float64Array;
  /** The cell's own intermediate values. */
  readonly kept: Float64Array;
}

/** One cell: a step of one trial and its reverse. Parameters start at 0 of the flat array, in PyTorch's layout. */
export interface Cell {
  /** Entries of the state per hidden unit: 2 for the LSTM (h, c), else 1. */
  readonly statesPerUnit: number;
  /** True where noise enters the activation; otherwise the driver adds it to the carried state after the read-out. */
  readonly noiseInside: boolean;
  /** Number of cell parameters: the read-out follows them. */
  parameterCount(sizes: CellSizes): number;
  /** Number of intermediate values `kept` per trial and step. */
  keptCount(sizes: CellSizes): number;
  /** Fills `next` and `kept`; `noise` [H] is null without noise. */
  forward(sizes: CellSizes, parameters: Float64Array, step: StepRecord, noise: Float64Array | null): void;
  /** From ∂L/∂next: adds to `gradient`, overwrites `dState` [S] and `dX` [I]. */
  backward(
    sizes: CellSizes,
    parameters: Float64Array,
    step: StepRecord,
    dNext: Float64Array,
    gradient: Float64Array,
    dState: Float64Array,
    dX: Float64Array,
  ): void;
}

/** y += W x for W [rows, columns] at `offset` of the parameters. */
export function addProduct(parameters: Float64Array, offset: number, rows: number, columns: number, x: Float64Array, y: Float64Array): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) y[row] += parameters[offset + row * columns + column] * x[column];
  }
}

/** The reverse of `addProduct`: ∂L/∂W += dY xᵀ and dX += Wᵀ dY. */
export function addProductBackward(
  parameters: Float64Array,
  offset: number,
  rows: number,
  columns: number,
  x: Float64Array,
  dY: Float64Array,
  gradient: Float64Array,
  dX: Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const i = offset + row * columns + column;
      gradient[i] += dY[row] * x[column];
      dX[column] += parameters[i] * dY[row];
    }
  }
}

/** y += the vector at `offset` of the parameters. */
export function addBias(parameters: Float64Array, offset: number, y: Float64Array): void {
  for (let row = 0; row < y.length; row++) y[row] += parameters[offset + row];
}

/** Logistic function 1 / (1 + e^−x). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Offsets of weight_ih [G·H, I], weight_hh [G·H, H], bias_ih [G·H], bias_hh [G·H] for G gates, and where the read-out starts. */
export function gateOffsets(gates: number, { I, H }: CellSizes): { weightIh: number; weightHh: number; biasIh: number; biasHh: number; end: number } {
  const rows = gates * H;
  const weightHh = rows * I;
  const biasIh = weightHh + rows * H;
  return { weightIh: 0, weightHh, biasIh, biasHh: biasIh + rows, end: biasIh + 2 * rows };
}
