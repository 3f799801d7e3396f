// The launches that rollouts are made of: linear maps and their reverse, the step of a cell and its reverse, gradients of weights. Arrays over time are time-major.
import { KernelError, ShapeError } from '../../errors.js';
import type { GpujsValue } from '../../platform/gpujs.js';
import type { GpujsArray } from './array.js';
import { type CellPlan, cellPlan, type LinearMap, type Product } from './cells.js';
import { type GpujsCall, places } from './kernel.js';
import type { Launcher } from './launcher.js';

/** Products of a sum that one launch adds to a gradient: a launch stays short, and its rounding errors stay small. */
const termsPerLaunch = 2048;

/** A rollout call taken apart. */
export interface Network {
  readonly plan: CellPlan;
  readonly H: number;
  readonly I: number;
  readonly O: number;
  readonly readoutBias: number;
  readonly sigmoid: boolean;
  /** The read-out sees the state before the step (Driscoll with ctdb) instead of the one after it. */
  readonly readsOldState: boolean;
}

/** Throws KernelError for an activation that does not exist, ShapeError when the flat parameters are too short. */
export function openNetwork({ variant, args, dims, params }: GpujsCall, I: number, O: number): Network {
  const layers: GpujsArray | undefined = args.layer_sizes;
  if (![0, 1, 2, 3].includes(params.activation)) throw new KernelError(`rollout: expected activation 0, 1, 2 or 3, got ${params.activation}`);
  const H = params.hidden_size;
  const plan = cellPlan(variant, {
    I,
    H,
    widths: layers && variant === 'node' ? Array.from(layers.data.subarray(0, dims.L)) : [],
    stepSize: params.step_size,
    gamma: params.gamma,
    activation: params.activation,
    ctdb: params.ctdb !== 0,
  });
  const readoutBias = plan.parameterCount + O * H;
  if (dims.P < readoutBias + O) {
    throw new ShapeError(
      `rollout ${variant}: expected at least ${readoutBias + O} parameters, got ${dims.P}; check hidden_size, layer_sizes and the model's options`,
    );
  }
  return { plan, H, I, O, readoutBias, sigmoid: params.readout_sigmoid !== 0, readsOldState: variant === 'driscoll' && params.ctdb !== 0 };
}

/** Elements that a rollout keeps for its reverse, for each trial: rows of every layer and states, with noise those that were read out too. */
export function keptLength({ plan }: Network, T: number, noisy: boolean): number {
  const rows = plan.layers.reduce((sum, layer) => sum + layer.rows, 0);
  return T * rows + (T + 1) * plan.stateSize + (noisy ? T * plan.stateSize : 0);
}

const statesOf = (layer: number) => (layer === 0 ? 'value' : 'Math.max(value, 0.0)');

/** Rows [B, rows] of a linear map: `inputs` [B, T, I] at step t, `state` [B, pitch], or for later layers what the layer before gave. */
export function linear(
  launcher: Launcher,
  { plan, I, H }: Network,
  layer: number,
  B: number,
  T: number,
  t: number,
  values: { readonly inputs: GpujsValue; readonly state: GpujsValue; readonly parameters: GpujsValue; readonly noise?: GpujsValue },
): GpujsValue {
  const map = plan.layers[layer] as LinearMap;
  const { rows, width, pitch } = map;
  const within = ({ first, count }: { first: number; count: number }) =>
    first === 0 && count === rows ? '' : `if (row >= ${first} && row < ${first + count})`;
  const term = ({ first, source, weight, stride }: Product) =>
    source === 'inputs'
      ? `for (let k = 0; k < ${I}; k++) { sum += parameters[${weight} + (row - ${first}) * ${stride} + k] * inputs[(b * ${T} + t) * ${I} + k]; }`
      : `for (let k = 0; k < ${width}; k++) { const value = state[b * ${pitch} + k]; sum += parameters[${weight} + (row - ${first}) * ${stride} + k] * ${statesOf(layer)}; }`;
  const usesInputs = map.products.some(({ source }) => source === 'inputs') && I > 0;
  const noise = layer === 0 && values.noise !== undefined;
  const body = `${places(['b', 'row'], [rows])}
    let sum = 0.0;
    ${map.biases.map((bias) => `${within(bias)} { sum += parameters[${bias.at} + row - ${bias.first}]; }`).join('\n')}
    ${map.products
      .filter(({ source }) => source === 'state' || I > 0)
      .map((product) => `${within(product)} { ${term(product)} }`)
      .join('\n')}
    ${noise ? `if (row < ${H}) { sum += noise[(b * ${T} + t) * ${H} + row]; }` : ''}
    return sum;`;
  const given = {
    parameters: values.parameters,
    state: values.state,
    ...(usesInputs ? { inputs: values.inputs } : {}),
    ...(noise ? { noise: values.noise as GpujsValue } : {}),
  };
  return launcher.run(body, B * rows, given, { ints: usesInputs || noise ? { t } : {} });
}

/** Changes of units that a call asks for, by rows of two tables: row 0, and one that the tables lack, leave a value as it is. */
export interface UnitChanges {
  readonly rows: number;
  readonly row: GpujsValue;
  readonly gain: GpujsValue;
  readonly shift: GpujsValue;
}

export function unitChanges({ args, dims }: GpujsCall): UnitChanges | null {
  const row: GpujsArray | undefined = args.unit_row;
  return row ? { rows: dims.W, row: row.value, gain: args.unit_gain.value, shift: args.unit_shift.value } : null;
}

/** Statements that change `value`, entry s of the state of trial b at time `entry`. */
const changeText = (H: number, T: number, { rows }: UnitChanges, what: string) => `
  if (s < ${H}) {
    const chosen = unit_row[b * ${T + 1} + entry];
    if (chosen > 0.5 && chosen < ${rows - 0.5}) { value = ${what}; }
  }`;
const index = (H: number) => `[chosen * ${H} + s]`;

/** The initial state [B, S], changed. */
export function changedStart(launcher: Launcher, { plan, H }: Network, B: number, T: number, initial: GpujsValue, changes: UnitChanges): GpujsValue {
  const S = plan.stateSize;
  const body = `${places(['b', 's'], [S])} const entry = 0; let value = initial[i];
    ${changeText(H, T, changes, `unit_gain${index(H)} * value + unit_shift${index(H)}`)}
    return value;`;
  return launcher.run(body, B * S, { initial, unit_row: changes.row, unit_gain: changes.gain, unit_shift: changes.shift });
}

/** The state [B, S] after a step that `pre` [B, rows] leads to, changed, without noise. */
export function nextState(
  launcher: Launcher,
  { plan, H }: Network,
  B: number,
  T: number,
  t: number,
  values: { readonly pre: GpujsValue; readonly state: GpujsValue },
  changes: UnitChanges | null,
): GpujsValue {
  const S = plan.stateSize;
  if (!changes) return launcher.run(`${places(['b', 's'], [S])} const q = b; const e = b; ${plan.next}`, B * S, values);
  const made = launcher.run(`${places(['b', 's'], [S])} const q = b; const e = b; ${plan.next}`, B * S, values);
  const body = `${places(['b', 's'], [S])} const entry = t + 1; let value = made[i];
    ${changeText(H, T, changes, `unit_gain${index(H)} * value + unit_shift${index(H)}`)}
    return value;`;
  const result = launcher.run(body, B * S, { made, unit_row: changes.row, unit_gain: changes.gain, unit_shift: changes.shift }, { ints: { t } });
  launcher.release(made);
  return result;
}

/** A state with the noise [B, T, H] of its step. */
export function withNoise(
  launcher: Launcher,
  { plan, H }: Network,
  B: number,
  T: number,
  t: number,
  state: GpujsValue,
  noise: GpujsValue,
  changes: UnitChanges | null,
): GpujsValue {
  const S = plan.stateSize;
  const body = `${places(['b', 's'], [S])} const entry = t + 1; const before = state[i];
    if (s >= ${H}) { return before; }
    let value = noise[(b * ${T} + t) * ${H} + s];
    ${changes ? changeText(H, T, changes, `unit_gain${index(H)} * value`) : ''}
    return before + value;`;
  return launcher.run(body, B * S, { state, noise, ...(changes ? { unit_row: changes.row, unit_gain: changes.gain } : {}) }, { ints: { t } });
}

/** ∂L/∂(rows of a layer) [B, rows] at step t, from ∂L/∂(state after) `d` or from the layer behind. `pre`, `states`: over all steps. */
export function rowsBack(
  launcher: Launcher,
  { plan }: Network,
  layer: number,
  B: number,
  t: number,
  values: { readonly pre: readonly GpujsValue[]; readonly states: GpujsValue; readonly parameters: GpujsValue; readonly d: GpujsValue },
): GpujsValue {
  const { rows } = plan.layers[layer] as LinearMap;
  const pre = values.pre[layer] as GpujsValue;
  const start = `${places(['b', 'row'], [rows])} const q = t * ${B} + b; const e = q;`;
  if (layer === plan.layers.length - 1) {
    const read = { pre, state: values.states, d: values.d };
    return launcher.run(`${start} ${plan.rowBack}`, B * rows, read, { ints: { t } });
  }
  const behind = plan.layers[layer + 1] as LinearMap;
  const body = `${start}
    if (pre[q * ${rows} + row] <= 0.0) { return 0.0; }
    let sum = 0.0;
    ${throughState(behind, 'row')}
    return sum;`;
  return launcher.run(body, B * rows, { pre, parameters: values.parameters, d: values.d }, { ints: { t } });
}

/** Adds to `sum` what entry `at` of the source `state` gets from the cotangent `d` [B, rows] of a map. */
function throughState({ products, rows }: LinearMap, at: string): string {
  return products
    .filter(({ source }) => source === 'state')
    .map(
      ({ first, count, weight, stride }) =>
        `for (let r = 0; r < ${count}; r++) { sum += parameters[${weight} + r * ${stride} + ${at}] * d[b * ${rows} + ${first} + r]; }`,
    )
    .join('\n');
}

/** ∂L/∂(state at time t) [B, S], before its change, from that of the state after the step and of the first layer's rows; `given` [B, T + 1, S] is added. */
export function stateBack(
  launcher: Launcher,
  { plan, H }: Network,
  B: number,
  T: number,
  t: number,
  values: {
    readonly pre: GpujsValue;
    readonly states: GpujsValue;
    readonly parameters: GpujsValue;
    readonly d: GpujsValue;
    readonly dRows: GpujsValue;
    readonly given: GpujsValue;
  },
  changes: UnitChanges | null,
): GpujsValue {
  const S = plan.stateSize;
  const { rows } = plan.layers[0];
  const body = `${places(['b', 's'], [S])} const q = t * ${B} + b; const e = q; const entry = t;
    ${plan.direct}
    let sum = 0.0;
    if (s < ${H}) {
      ${throughState(plan.layers[0], 's').replaceAll(`d[b * ${rows}`, `dRows[b * ${rows}`)}
    }
    let value = direct + sum + given[(b * ${T + 1} + t) * ${S} + s];
    ${changes ? changeText(H, T, changes, `unit_gain${index(H)} * value`) : ''}
    return value;`;
  const read = {
    pre: values.pre,
    state: values.states,
    parameters: values.parameters,
    d: values.d,
    dRows: values.dRows,
    given: values.given,
    ...(changes ? { unit_row: changes.row, unit_gain: changes.gain } : {}),
  };
  return launcher.run(body, B * S, read, { ints: { t } });
}

/** ∂L/∂(state at time T) [B, S] from what is given of it. */
export function lastStateBack(launcher: Launcher, { plan, H }: Network, B: number, T: number, given: GpujsValue, changes: UnitChanges | null): GpujsValue {
  const S = plan.stateSize;
  const body = `${places(['b', 's'], [S])} const entry = ${T}; let value = given[(b * ${T + 1} + ${T}) * ${S} + s];
    ${changes ? changeText(H, T, changes, `unit_gain${index(H)} * value`) : ''}
    return value;`;
  return launcher.run(body, B * S, { given, ...(changes ? { unit_row: changes.row, unit_gain: changes.gain } : {}) });
}

/** Adds to the flat gradient [P] that of a layer's weights and biases: `dRows` [T, B, rows]; `source` [·, B, pitch] is what the map read. */
export function addWeightGradient(
  launcher: Launcher,
  { plan, I }: Network,
  layer: number,
  B: number,
  T: number,
  values: { readonly dRows: GpujsValue; readonly source: GpujsValue; readonly inputs: GpujsValue },
  gradient: GpujsArray,
  P: number,
): void {
  const { products, biases, rows, width, pitch } = plan.layers[layer] as LinearMap;
  const usesInputs = products.some(({ source }) => source === 'inputs') && I > 0;
  const sum = (steps: number, term: string) => `
    for (let step = 0; step < ${steps}; step++) {
      const t = start + step;
      let part = 0.0;
      for (let b = 0; b < ${B}; b++) { const q = t * ${B} + b; part += ${term}; }
      sum += part;
    }`;
  const productText = (steps: number, { first, count, source, weight, stride }: Product) => {
    const columns = source === 'inputs' ? I : width;
    const read = source === 'inputs' ? `inputs[(b * ${T} + t) * ${I} + k]` : `source[q * ${pitch} + k]`;
    const shown = source === 'state' && layer > 0 ? `Math.max(${read}, 0.0)` : read;
    return `if (i >= ${weight} && i < ${weight + (count - 1) * stride + columns}) {
      const r = quotient(i - ${weight}, ${stride}); const k = i - ${weight} - r * ${stride};
      if (k < ${columns}) { ${sum(steps, `dRows[q * ${rows} + ${first} + r] * ${shown}`)} }
    }`;
  };
  const biasText = (steps: number, { first, count, at }: LinearMap['biases'][number]) =>
    `if (i >= ${at} && i < ${at + count}) { const r = i - ${at}; ${sum(steps, `dRows[q * ${rows} + ${first} + r]`)} }`;
  inChunks(T, B, (start, steps) => {
    const body = `let sum = 0.0;
      ${products
        .filter(({ source }) => source === 'state' || I > 0)
        .map((product) => productText(steps, product))
        .join('\n')}
      ${biases.map((bias) => biasText(steps, bias)).join('\n')}
      return gradient[i] + sum;`;
    const read = { gradient: gradient.value, dRows: values.dRows, source: values.source, ...(usesInputs ? { inputs: values.inputs } : {}) };
    gradient.setDevice(launcher.run(body, P, read, { ints: { start } }));
  });
}

/** Adds to the flat gradient [P] that of the read-out: `g` [B, T, O]; `read` [·, B, S] holds the states that it saw, from time `offset` on. */
export function addReadoutGradient(
  launcher: Launcher,
  { plan, H, O, readoutBias }: Network,
  B: number,
  T: number,
  values: { readonly g: GpujsValue; readonly read: GpujsValue },
  offset: number,
  gradient: GpujsArray,
  P: number,
): void {
  const S = plan.stateSize;
  inChunks(T, B, (start, steps) => {
    const sum = (term: string) => `
      for (let step = 0; step < ${steps}; step++) {
        const t = start + step;
        let part = 0.0;
        for (let b = 0; b < ${B}; b++) { part += g[(b * ${T} + t) * ${O} + o] ${term}; }
        sum += part;
      }`;
    const body = `let sum = 0.0;
      if (i >= ${plan.parameterCount} && i < ${readoutBias}) {
        const o = quotient(i - ${plan.parameterCount}, ${H}); const j = i - ${plan.parameterCount} - o * ${H};
        ${sum(`* read[((t + ${offset}) * ${B} + b) * ${S} + j]`)}
      }
      if (i >= ${readoutBias} && i < ${readoutBias + O}) { const o = i - ${readoutBias}; ${sum('')} }
      return gradient[i] + sum;`;
    gradient.setDevice(launcher.run(body, P, { gradient: gradient.value, g: values.g, read: values.read }, { ints: { start } }));
  });
}

function inChunks(T: number, B: number, launch: (start: number, steps: number) => void): void {
  const steps = Math.min(T, Math.max(1, Math.floor(termsPerLaunch / B)));
  for (let start = 0; start < T; start += steps) launch(start, Math.min(steps, T - start));
}

/** ∂L/∂inputs [B, T, I] from the first layer's rows [T, B, rows]. */
export function inputsBack(
  launcher: Launcher,
  { plan, I }: Network,
  B: number,
  T: number,
  values: { readonly dRows: GpujsValue; readonly parameters: GpujsValue },
): GpujsValue {
  const { products, rows } = plan.layers[0];
  const body = `${places(['b', 't', 'k'], [T, I])} const q = t * ${B} + b;
    let sum = 0.0;
    ${products
      .filter(({ source }) => source === 'inputs')
      .map(
        ({ first, count, weight, stride }) =>
          `for (let r = 0; r < ${count}; r++) { sum += parameters[${weight} + r * ${stride} + k] * dRows[q * ${rows} + ${first} + r]; }`,
      )
      .join('\n')}
    return sum;`;
  return launcher.run(body, B * T * I, values);
}

/** Read-outs [B, T, O] of the states [·, B, S] from time `offset` on. */
export function readOut(
  launcher: Launcher,
  { plan, H, O, readoutBias, sigmoid }: Network,
  B: number,
  T: number,
  values: { readonly read: GpujsValue; readonly parameters: GpujsValue },
  offset: number,
): GpujsValue {
  const S = plan.stateSize;
  const body = `${places(['b', 't', 'o'], [T, O])} const q = (t + ${offset}) * ${B} + b;
    let sum = parameters[${readoutBias} + o];
    for (let k = 0; k < ${H}; k++) { sum += parameters[${plan.parameterCount} + o * ${H} + k] * read[q * ${S} + k]; }
    return ${sigmoid ? 'sigmoid(sum)' : 'sum'};`;
  return launcher.run(body, B * T * O, values);
}

/** An array [·, B, S] over time from time `offset` on as [B, T, S]. */
export function byTrial(launcher: Launcher, B: number, T: number, S: number, value: GpujsValue, offset: number): GpujsValue {
  return launcher.run(`${places(['b', 't', 's'], [T, S])} return value[((t + ${offset}) * ${B} + b) * ${S} + s];`, B * T * S, { value });
}

/** g [B, T, O]: what the linear read-out gets of ∂L/∂outputs. */
export function readoutBack(
  launcher: Launcher,
  { sigmoid }: Network,
  values: { readonly d_outputs: GpujsValue; readonly outputs: GpujsValue },
  length: number,
): GpujsValue {
  return sigmoid
    ? launcher.run('const y = outputs[i]; return d_outputs[i] * y * (1.0 - y);', length, values)
    : launcher.run('return d_outputs[i];', length, { d_outputs: values.d_outputs });
}

/** What outputs and recorded states give to the states at times 0 … T, [B, T + 1, S]. */
export function givenStates(
  launcher: Launcher,
  { plan, H, O, readsOldState }: Network,
  B: number,
  T: number,
  values: { readonly g: GpujsValue; readonly parameters: GpujsValue; readonly d_states?: GpujsValue },
): GpujsValue {
  const S = plan.stateSize;
  const at = readsOldState ? 'entry' : 'entry - 1';
  const body = `${places(['b', 'entry', 's'], [T + 1, S])}
    let sum = 0.0;
    ${values.d_states ? `if (entry > 0) { sum += d_states[(b * ${T} + entry - 1) * ${S} + s]; }` : ''}
    if (s < ${H} && ${readsOldState ? `entry < ${T}` : 'entry > 0'}) {
      const t = ${at};
      for (let o = 0; o < ${O}; o++) { sum += parameters[${plan.parameterCount} + o * ${H} + s] * g[(b * ${T} + t) * ${O} + o]; }
    }
    return sum;`;
  return launcher.run(body, B * (T + 1) * S, { g: values.g, parameters: values.parameters, ...(values.d_states ? { d_states: values.d_states } : {}) });
}
