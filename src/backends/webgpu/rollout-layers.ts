// The layers of a network as the rollout shaders see them: where weights stand in the parameters, how they are packed, features of a record, rows of deltas, products of the weight gradient.
/** Sizes and options of a network that runs over time. */
export interface Network {
  readonly cell: string;
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  /** Hidden widths of a NODE; empty for other cells. */
  readonly widths: readonly number[];
  /** Driscoll as CtDB has it. */
  readonly ctdb: boolean;
  /** State noise that is added behind the read-out: the record then keeps the state before it too. */
  readonly noisy: boolean;
  /** Units are changed behind the cell: the record of a cell that reads its own result on the way back then keeps that too. */
  readonly changed: boolean;
}

/** A matrix to pack: value (column, k) is parameter first + column · columnStride + ((k + turn) mod depth) · depthStride. */
export interface Matrix {
  readonly columns: number;
  readonly depth: number;
  readonly first: number;
  readonly columnStride: number;
  readonly depthStride: number;
  readonly turn: number;
}

/** A product of the weight gradient: deltas of `rows` rows with [operand; inputs; 1]. */
export interface Job {
  readonly rows: number;
  readonly delta: number;
  /** Columns of the operand, its first feature, whether it is that of the next step's record. */
  readonly previous: number;
  readonly operand: number;
  readonly ahead: boolean;
  readonly inputs: number;
  readonly weight: number;
  readonly weightStride: number;
  readonly inputWeight: number;
  readonly inputStride: number;
  /** Parameters of up to two biases; -1: none. */
  readonly biases: readonly [number, number];
}

export interface Layers {
  /** Parameters of the cell's bias (that of the inputs, where there are two) and of the read-out's. */
  readonly bias: number;
  readonly readoutBias: number;
  /** Parameters of cell and read-out together. */
  readonly parameters: number;
  /** Floats of a record; where the state before its noise stands. */
  readonly record: number;
  readonly clean: number;
  /** Rows of deltas; where those of the read-out start. */
  readonly deltas: number;
  readonly readoutDelta: number;
  /** Of the cell's deltas: depth of the products that lead to h and to x, and where the latter start. */
  readonly recurrentDepth: number;
  readonly externalDepth: number;
  readonly external: number;
  /** In this order: weights of h, of x, of further layers, of the read-out. */
  readonly forward: readonly Matrix[];
  /** In this order: transposed weights of h, of x, of the read-out, of further layers. */
  readonly backward: readonly Matrix[];
  readonly jobs: readonly Job[];
}

const gateCounts: Readonly<Record<string, number>> = { gru: 3, lstm: 4, rnn: 1, driscoll: 1 };

/** Lays a network out. */
export function layersOf(network: Network): Layers {
  return network.cell === 'node' ? nodeLayers(network) : gateLayers(network);
}

/** Rows of a matrix [rows, depth] as columns of the packed one. */
const straight = (rows: number, depth: number, first: number, stride = depth): Matrix => ({
  columns: rows,
  depth,
  first,
  columnStride: stride,
  depthStride: 1,
  turn: 0,
});
/** The transpose of a matrix [rows, columns]; `turn` rotates its rows. */
const transposed = (rows: number, columns: number, first: number, stride = columns, turn = 0): Matrix => ({
  columns,
  depth: rows,
  first,
  columnStride: 1,
  depthStride: stride,
  turn,
});

interface Cell {
  readonly parameters: number;
  readonly bias: number;
  readonly features: number;
  readonly deltas: number;
  readonly recurrentDepth: number;
  readonly externalDepth: number;
  readonly external: number;
  readonly forward: readonly Matrix[];
  readonly backward: readonly Matrix[];
  readonly further: readonly Matrix[];
  readonly jobs: readonly Job[];
}

function withReadout({ hidden, outputs, ctdb, cell, noisy }: Network, given: Cell): Layers {
  const { parameters, features, deltas, forward, backward, further, jobs, bias, recurrentDepth, externalDepth, external } = given;
  const clean = features;
  const old = cell === 'driscoll' && ctdb;
  const readout: Job = {
    rows: outputs,
    delta: deltas,
    previous: hidden,
    operand: noisy ? clean : 0,
    ahead: !(noisy || old),
    inputs: 0,
    weight: parameters,
    weightStride: hidden,
    inputWeight: 0,
    inputStride: 0,
    biases: [parameters + outputs * hidden, -1],
  };
  return {
    bias,
    readoutBias: parameters + outputs * hidden,
    parameters: parameters + outputs * (hidden + 1),
    record: features + (noisy ? hidden : 0),
    clean,
    deltas: deltas + outputs,
    readoutDelta: deltas,
    recurrentDepth,
    externalDepth,
    external,
    forward: [...forward, straight(outputs, hidden, parameters)],
    backward: [...backward, transposed(outputs, hidden, parameters), ...further],
    jobs: [...jobs, readout],
  };
}

/** Cells with gates: weight_ih [G·H, I], weight_hh [G·H, H], bias_ih, bias_hh; Driscoll: recW [H, H], inpW [H, I], bias. */
function gateLayers(network: Network): Layers {
  const { cell, inputs, hidden, ctdb, changed } = network;
  const gates = gateCounts[cell] as number;
  const rows = gates * hidden;
  const driscoll = cell === 'driscoll';
  const inputWeight = driscoll ? rows * hidden : 0;
  const weight = driscoll ? 0 : rows * inputs;
  const bias = rows * (inputs + hidden);
  const strides = { weightStride: hidden, inputStride: inputs };
  // Gates whose recurrent and input parts stay apart: GRU's n (the last), the only one of Driscoll with ctdb. Deltas: recurrent part, joint gates, input part.
  const apart = cell === 'gru' || (driscoll && ctdb);
  const joint = apart ? rows - hidden : rows;
  const first = apart ? hidden : 0;
  const jobs: Job[] = [];
  if (joint > 0) {
    const biases: Job['biases'] = [bias, driscoll ? -1 : bias + rows];
    jobs.push({ rows: joint, delta: first, previous: hidden, operand: 0, ahead: false, inputs, weight, inputWeight, biases, ...strides });
  }
  if (apart) {
    const common = { rows: hidden, operand: 0, ahead: false, weight: weight + joint * hidden, inputWeight: inputWeight + joint * inputs, ...strides };
    jobs.push({ ...common, delta: 0, previous: hidden, inputs: 0, biases: [driscoll ? -1 : bias + rows + joint, -1] });
    jobs.push({ ...common, delta: first + joint, previous: 0, inputs, biases: [bias + joint, -1] });
  }
  const features: Readonly<Record<string, number>> = { gru: 5, lstm: 6, rnn: changed ? 2 : 1, driscoll: 2 };
  return withReadout(network, {
    parameters: bias + (driscoll ? rows : 2 * rows),
    bias,
    features: (features[cell] as number) * hidden,
    deltas: rows + first,
    recurrentDepth: rows,
    externalDepth: rows,
    external: first,
    forward: [straight(rows, hidden, weight), straight(rows, inputs, inputWeight)],
    backward: [transposed(rows, hidden, weight, hidden, joint % rows), transposed(rows, inputs, inputWeight)],
    further: [],
    jobs,
  });
}

/** NODE: [h, x], hidden layers, h; each a weight [rows, columns], then its bias. Deltas: the last layer's, then those of the hidden layers, last first. */
function nodeLayers(network: Network): Layers {
  const { inputs, hidden, widths } = network;
  const forward: Matrix[] = [];
  const backward: Matrix[] = [];
  const further: Matrix[] = [];
  const jobs: Job[] = [];
  const all = [...widths, hidden];
  let parameters = 0;
  let feature = hidden;
  let delta = all.reduce((sum, width) => sum + width, 0);
  all.forEach((rows, layer) => {
    const previous = layer === 0 ? hidden : (all[layer - 1] as number);
    const stride = previous + (layer === 0 ? inputs : 0);
    if (layer === 0) {
      forward.push(straight(rows, hidden, 0, stride), straight(rows, inputs, hidden, stride));
      backward.push(transposed(rows, hidden, 0, stride), transposed(rows, inputs, hidden, stride));
    } else {
      forward.push(straight(rows, previous, parameters));
      further.push(transposed(rows, previous, parameters));
      feature += layer > 1 ? (all[layer - 2] as number) : 0;
    }
    delta -= rows;
    jobs.push({
      rows,
      delta,
      previous,
      operand: layer === 0 ? 0 : feature,
      ahead: false,
      inputs: layer === 0 ? inputs : 0,
      weight: parameters,
      weightStride: stride,
      inputWeight: parameters + hidden,
      inputStride: stride,
      biases: [parameters + rows * stride, -1],
    });
    parameters += rows * (stride + 1);
  });
  const kept = widths.reduce((sum, width) => sum + width, 0);
  return withReadout(network, {
    parameters,
    bias: 0,
    features: hidden + kept,
    deltas: hidden + kept,
    recurrentDepth: widths[0] as number,
    externalDepth: widths[0] as number,
    external: 0,
    forward,
    backward,
    further,
    jobs,
  });
}
