// The launches of a backward rollout: through linear maps and the step of a cell, to weights, inputs and states. Arrays over time are time-major.
import type { GpujsValue } from '../../platform/gpujs.js';
import type { GpujsArray } from './array.js';
import type { LinearMap, Product } from './cells.js';
import { places } from './kernel.js';
import type { Launcher } from './launcher.js';
import { changeText, chosenEntry, type Network, type UnitChanges } from './network.js';

/** Products of a sum that one launch adds to a gradient: a launch stays short, and its rounding errors stay small. */
const termsPerLaunch = 2048;

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
    ${changes ? changeText(H, T, changes, `unit_gain${chosenEntry(H)} * value`) : ''}
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
    ${changes ? changeText(H, T, changes, `unit_gain${chosenEntry(H)} * value`) : ''}
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
