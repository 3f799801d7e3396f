// The cells as gpu.js computes them: linear maps of input and state, then functions of single units. The equations and their reverse stand with the reference.
// `pre` holds what the last linear map gave, P rows a trial; the texts read it at row q, the state before the step at row e, and ∂L/∂(state after it) as `d` at trial b.

/** W · source for the rows from `first` on: row r of the product has its weights at `weight` + r · `stride`. */
export interface Product {
  readonly first: number;
  readonly count: number;
  readonly source: 'inputs' | 'state';
  readonly weight: number;
  readonly stride: number;
}

/** One linear map. Its source `state` is the state before the step, in later layers the ReLU of the layer before. */
export interface LinearMap {
  readonly rows: number;
  /** Entries of the source `state` that it reads, and of one row of that source. */
  readonly width: number;
  readonly pitch: number;
  readonly products: readonly Product[];
  /** Vectors of parameters that are added, from row `first` on. */
  readonly biases: readonly { readonly first: number; readonly count: number; readonly at: number }[];
}

export interface CellPlan {
  readonly layers: readonly [LinearMap, ...LinearMap[]];
  /** Entries of the state: 2H for the LSTM. */
  readonly stateSize: number;
  /** Noise is added to the first H rows of the linear map instead of to the state. */
  readonly noiseInside: boolean;
  /** Elements of cell parameters: the read-out follows them. */
  readonly parameterCount: number;
  /** Statements that return entry s of the state after the step. */
  readonly next: string;
  /** Statements that return ∂L/∂pre of `row` in the last layer. */
  readonly rowBack: string;
  /** Statements that set `direct`, ∂L/∂(entry s of the state before) but for the linear map. */
  readonly direct: string;
}

export interface CellOptions {
  readonly I: number;
  readonly H: number;
  /** NODE: widths of the hidden layers. */
  readonly widths: readonly number[];
  readonly stepSize: number;
  readonly gamma: number;
  readonly activation: number;
  readonly ctdb: boolean;
}

/** A number in the text of a kernel: always with a point, so that it is no integer there. */
const real = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

/** W_ih, W_hh, b_ih, b_hh of G gates, all applied to every row. */
function gates(count: number, { I, H }: CellOptions): { map: LinearMap; end: number } {
  const rows = count * H;
  const hidden = rows * I;
  const bias = hidden + rows * H;
  return {
    map: {
      rows,
      width: H,
      pitch: H,
      products: [
        { first: 0, count: rows, source: 'inputs', weight: 0, stride: I },
        { first: 0, count: rows, source: 'state', weight: hidden, stride: H },
      ],
      biases: [
        { first: 0, count: rows, at: bias },
        { first: 0, count: rows, at: bias + rows },
      ],
    },
    end: bias + 2 * rows,
  };
}

/** Rows r, z, input side of n, hidden side of n (c). */
function gru(options: CellOptions): CellPlan {
  const { I, H } = options;
  const P = 4 * H;
  const hidden = 3 * H * I;
  const bias = hidden + 3 * H * H;
  const units = `const r = sigmoid(pre[q * ${P} + j]); const z = sigmoid(pre[q * ${P} + ${H} + j]); const c = pre[q * ${P} + ${3 * H} + j];
    const n = hyperbolicTangent(pre[q * ${P} + ${2 * H} + j] + r * c);`;
  return {
    layers: [
      {
        rows: P,
        width: H,
        pitch: H,
        products: [
          { first: 0, count: 3 * H, source: 'inputs', weight: 0, stride: I },
          { first: 0, count: 2 * H, source: 'state', weight: hidden, stride: H },
          { first: 3 * H, count: H, source: 'state', weight: hidden + 2 * H * H, stride: H },
        ],
        biases: [
          { first: 0, count: 3 * H, at: bias },
          { first: 0, count: 2 * H, at: bias + 3 * H },
          { first: 3 * H, count: H, at: bias + 5 * H },
        ],
      },
    ],
    stateSize: H,
    noiseInside: false,
    parameterCount: bias + 6 * H,
    next: `const j = s; ${units} return (1.0 - z) * n + z * state[e * ${H} + j];`,
    rowBack: `const gate = quotient(row, ${H}); const j = row - gate * ${H}; ${units}
      const along = d[b * ${H} + j] * (1.0 - z) * (1.0 - n * n);
      let result = along;
      if (gate == 0) { result = along * c * r * (1.0 - r); }
      if (gate == 1) { result = d[b * ${H} + j] * (state[e * ${H} + j] - n) * z * (1.0 - z); }
      if (gate == 3) { result = along * r; }
      return result;`,
    direct: `const direct = d[b * ${H} + s] * sigmoid(pre[q * ${P} + ${H} + s]);`,
  };
}

/** Rows i, f, g, o; the state is [h, c]. */
function lstm(options: CellOptions): CellPlan {
  const { H } = options;
  const { map, end } = gates(4, options);
  const P = 4 * H;
  const S = 2 * H;
  const units = `const gi = sigmoid(pre[q * ${P} + j]); const gf = sigmoid(pre[q * ${P} + ${H} + j]); const gg = hyperbolicTangent(pre[q * ${P} + ${2 * H} + j]);
    const go = sigmoid(pre[q * ${P} + ${3 * H} + j]); const before = state[e * ${S} + ${H} + j];`;
  const back = `${units} const tau = hyperbolicTangent(gf * before + gi * gg);
    const dc = d[b * ${S} + ${H} + j] + d[b * ${S} + j] * go * (1.0 - tau * tau);`;
  return {
    layers: [{ ...map, pitch: S }],
    stateSize: S,
    noiseInside: false,
    parameterCount: end,
    next: `const half = quotient(s, ${H}); const j = s - half * ${H}; ${units} const c = gf * before + gi * gg;
      if (half == 1) { return c; }
      return go * hyperbolicTangent(c);`,
    rowBack: `const gate = quotient(row, ${H}); const j = row - gate * ${H}; ${back}
      let result = dc * gg * gi * (1.0 - gi);
      if (gate == 1) { result = dc * before * gf * (1.0 - gf); }
      if (gate == 2) { result = dc * gi * (1.0 - gg * gg); }
      if (gate == 3) { result = d[b * ${S} + j] * tau * go * (1.0 - go); }
      return result;`,
    direct: `const half = quotient(s, ${H}); const j = s - half * ${H}; ${back}
      let direct = 0.0;
      if (half == 1) { direct = dc * gf; }`,
  };
}

function rnn(options: CellOptions): CellPlan {
  const { H } = options;
  const { map, end } = gates(1, options);
  return {
    layers: [map],
    stateSize: H,
    noiseInside: false,
    parameterCount: end,
    next: `return hyperbolicTangent(pre[q * ${H} + s]);`,
    rowBack: `const after = hyperbolicTangent(pre[q * ${H} + row]); return d[b * ${H} + row] * (1.0 - after * after);`,
    direct: 'const direct = 0.0;',
  };
}

/** Layers of [h, x] → widths → v; the state advances by step_size · v. */
function node({ I, H, widths, stepSize }: CellOptions): CellPlan {
  const sizes = [H + I, ...widths, H];
  const layers: LinearMap[] = [];
  let at = 0;
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const [from, rows] = [sizes[layer], sizes[layer + 1]] as [number, number];
    const state: Product = { first: 0, count: rows, source: 'state', weight: at, stride: from };
    layers.push({
      rows,
      width: layer === 0 ? H : from,
      pitch: layer === 0 ? H : from,
      products: layer === 0 ? [state, { ...state, source: 'inputs', weight: at + H }] : [state],
      biases: [{ first: 0, count: rows, at: at + rows * from }],
    });
    at += rows * (from + 1);
  }
  return {
    layers: layers as [LinearMap, ...LinearMap[]],
    stateSize: H,
    noiseInside: false,
    parameterCount: at,
    next: `return state[e * ${H} + s] + ${real(stepSize)} * pre[q * ${H} + s];`,
    rowBack: `return ${real(stepSize)} * d[b * ${H} + row];`,
    direct: `const direct = d[b * ${H} + s];`,
  };
}

/** f and f' by the parameter `activation`: softplus, tanh, relu, retanh. */
const activations = [
  { f: 'softplus(a)', slope: 'sigmoid(a)' },
  { f: 'hyperbolicTangent(a)', slope: '1.0 - hyperbolicTangent(a) * hyperbolicTangent(a)' },
  { f: 'a < 0.0 ? 0.0 : a', slope: 'a > 0.0 ? 1.0 : 0.0' },
  { f: 'a < 0.0 ? 0.0 : hyperbolicTangent(a)', slope: 'a > 0.0 ? 1.0 - hyperbolicTangent(a) * hyperbolicTangent(a) : 0.0' },
] as const;

/** Rows a, with ctdb also recW h, which its leak term reads. */
function driscoll({ I, H, gamma, activation, ctdb }: CellOptions): CellPlan {
  const P = ctdb ? 2 * H : H;
  const { f, slope } = activations[activation] as (typeof activations)[number];
  const recurrent: Product = { first: 0, count: H, source: 'state', weight: 0, stride: H };
  const keep = real(1 - gamma);
  return {
    layers: [
      {
        rows: P,
        width: H,
        pitch: H,
        products: [recurrent, { first: 0, count: H, source: 'inputs', weight: H * H, stride: I }, ...(ctdb ? [{ ...recurrent, first: H }] : [])],
        biases: [{ first: 0, count: H, at: H * (H + I) }],
      },
    ],
    stateSize: H,
    noiseInside: true,
    parameterCount: H * (H + I + 1),
    next: `const a = pre[q * ${P} + s]; const made = ${f};
      return ${keep} * ${ctdb ? `pre[q * ${P} + ${H} + s]` : `state[e * ${H} + s]`} + ${real(gamma)} * made;`,
    rowBack: `let j = row; if (row >= ${H}) { j = row - ${H}; }
      const a = pre[q * ${P} + j]; const slope = ${slope};
      if (row >= ${H}) { return ${keep} * d[b * ${H} + j]; }
      return ${real(gamma)} * slope * d[b * ${H} + j];`,
    direct: ctdb ? 'const direct = 0.0;' : `const direct = ${keep} * d[b * ${H} + s];`,
  };
}

const plans: Readonly<Record<string, (options: CellOptions) => CellPlan>> = { gru, lstm, rnn, node, driscoll };

/** The plan of a cell by its catalogue variant. */
export function cellPlan(variant: string, options: CellOptions): CellPlan {
  return (plans[variant] as (options: CellOptions) => CellPlan)(options);
}
