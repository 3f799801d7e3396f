// How an entry of the catalogue is written: arguments and parameters from short texts, and what every kernel that runs a cell needs to know of it.
import type { DType } from './backend.js';
import type { Access, ArgumentSpec, KernelSpec, ParameterSpec } from './catalogue.js';

function argument(access: Access, text: string, dtype: DType = 'f32'): ArgumentSpec {
  const match = /^(\w+)(\?)? \[(.*)\]$/.exec(text);
  if (!match) throw new Error(`kernels: malformed argument "${text}"`);
  const [, name, optional, shape] = match;
  return { name: name as string, shape: (shape as string).split(', '), dtype, access, ...(optional ? { optional: true } : {}) };
}
/** An argument from its text: `name [A, B]`, `name? [A]` where it may be left out. */
export const read = (text: string, dtype?: DType) => argument('read', text, dtype);
export const write = (text: string, dtype?: DType) => argument('write', text, dtype);
export const update = (text: string, dtype?: DType) => argument('update', text, dtype);
export const f32 = (name: string, fallback?: number): ParameterSpec => ({ name, type: 'f32', ...(fallback === undefined ? {} : { default: fallback }) });
export const i32 = (name: string, fallback?: number): ParameterSpec => ({ name, type: 'i32', ...(fallback === undefined ? {} : { default: fallback }) });

/** An entry; its dimension letters are those of its arguments. */
export function kernel(entry: Omit<KernelSpec, 'dims' | 'variants'> & { variants?: readonly string[] }): KernelSpec {
  const dims = [...new Set(entry.args.flatMap((a) => a.shape))].filter((letter) => letter !== 'scratch');
  return { variants: ['default'], ...entry, dims };
}

// What a cell needs besides tensors (src/models/model.ts fills these in).
export const cellParams = [
  i32('hidden_size'),
  i32('readout_sigmoid', 0),
  f32('step_size', 0.1), // NODE: h' = h + step_size · MLP([h, x])
  f32('gamma', 0.2), // Driscoll: leak
  i32('activation', 0), // Driscoll: 0 softplus, 1 tanh, 2 relu, 3 retanh
  i32('ctdb', 0), // Driscoll as implemented by CtDB: recW in the leak term, read-out of the old state
];
export const cells = ['gru', 'lstm', 'rnn', 'node', 'driscoll'] as const;

/**
 * Changed units: where r = unit_row[b, n] > 0, state n of trial b (the initial one first, N = T + 1) becomes unit_gain[r] ∘ h + unit_shift[r] before it is read
 * out, and noise on it enters as unit_gain[r] ∘ noise. Row 0, and a row that the tables lack, leaves the trial's bits as they are.
 */
export const unitChanges = [read('unit_row? [B, N]', 'i32'), read('unit_gain? [W, H]'), read('unit_shift? [W, H]')];
