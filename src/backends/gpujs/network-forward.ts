// The launches of a forward rollout: linear maps, the step of a cell, read-outs. Arrays over time are time-major.
import type { GpujsValue } from '../../platform/gpujs.js';
import type { LinearMap, Product } from './cells.js';
import { places } from './kernel.js';
import type { Launcher } from './launcher.js';
import { changeText, chosenEntry, type Network, type UnitChanges } from './network.js';

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

/** The initial state [B, S], changed. */
export function changedStart(launcher: Launcher, { plan, H }: Network, B: number, T: number, initial: GpujsValue, changes: UnitChanges): GpujsValue {
  const S = plan.stateSize;
  const body = `${places(['b', 's'], [S])} const entry = 0; let value = initial[i];
    ${changeText(H, T, changes, `unit_gain${chosenEntry(H)} * value + unit_shift${chosenEntry(H)}`)}
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
    ${changeText(H, T, changes, `unit_gain${chosenEntry(H)} * value + unit_shift${chosenEntry(H)}`)}
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
    ${changes ? changeText(H, T, changes, `unit_gain${chosenEntry(H)} * value`) : ''}
    return before + value;`;
  return launcher.run(body, B * S, { state, noise, ...(changes ? { unit_row: changes.row, unit_gain: changes.gain } : {}) }, { ints: { t } });
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
