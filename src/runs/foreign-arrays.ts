// Which arrays of a file from elsewhere are what: latents, rates, inputs and targets of training and validation trials, by the names that people give them.
// CtDB's data sets say train_encod_data, valid_recon_data, train_latents …; .npz files of one's own latents_train, train/latents or latents alone.
import { RunFormatError } from '../errors.js';
import type { ArrayTensor } from './safetensors.js';

/** What arrays can be. */
export const arrayKinds = ['latents', 'rates', 'inputs', 'trueInputs', 'targets'] as const;
export type ArrayKind = (typeof arrayKinds)[number];

/** Names of each kind, without phase and in small letters. `activity` are the rates that CtDB's spikes were drawn from. */
const kindNames: Readonly<Record<ArrayKind, readonly string[]>> = {
  latents: ['latents', 'latent', 'hidden', 'hidden_states', 'states', 'factors', ''],
  rates: ['rates', 'activity', 'true_rates', 'firing_rates', 'output_params'],
  inputs: ['inputs', 'input', 'network_inputs', 'noisy_inputs', 'ext_input'],
  trueInputs: ['true_inputs', 'trueinputs', 'noiseless_inputs'],
  targets: ['targets', 'target'],
};

const phaseNames: Readonly<Record<string, 'train' | 'validation'>> = {
  train: 'train',
  training: 'train',
  valid: 'validation',
  validation: 'validation',
  val: 'validation',
};

export interface SortedArrays {
  /** Both phases, or one array of all trials; latents are always there. */
  readonly arrays: Readonly<Partial<Record<ArrayKind, ArrayTensor | { readonly train: ArrayTensor; readonly validation: ArrayTensor }>>>;
  /** `latents from train_latents, valid_latents`, one a kind. */
  readonly used: readonly string[];
  readonly ignored: readonly string[];
}

/**
 * Sorts the arrays of a file. Throws RunFormatError, listing what there is, when there are no latents, a phase is missing, or two arrays claim one place.
 */
export function sortArrays(found: ReadonlyMap<string, ArrayTensor>, where: string): SortedArrays {
  const places = new Map<string, string[]>();
  const ignored: string[] = [];
  for (const name of found.keys()) {
    const place = placeOf(name);
    if (place === null) ignored.push(name);
    else places.set(place, [...(places.get(place) ?? []), name]);
  }
  const problems: string[] = [];
  const arrays: Partial<Record<ArrayKind, ArrayTensor | { train: ArrayTensor; validation: ArrayTensor }>> = {};
  const used: string[] = [];
  for (const [place, names] of places) if (names.length > 1) problems.push(`${place} is claimed by ${names.join(' and ')}`);
  for (const kind of arrayKinds) {
    const at = (phase: string) => places.get(phase === '' ? kind : `${kind} of ${phase}`)?.[0];
    const [train, validation, all] = [at('train'), at('validation'), at('')];
    const get = (name: string) => found.get(name) as ArrayTensor;
    if (train !== undefined && validation !== undefined) {
      arrays[kind] = { train: get(train), validation: get(validation) };
      used.push(`${kind} from ${train}, ${validation}`);
      if (all !== undefined) ignored.push(all);
    } else if (all !== undefined && train === undefined && validation === undefined) {
      arrays[kind] = get(all);
      used.push(`${kind} from ${all}`);
    } else if (train !== undefined || validation !== undefined) {
      problems.push(`${kind} of ${train === undefined ? 'training' : 'validation'} trials are missing beside ${train ?? validation}`);
    }
  }
  if (!arrays.latents && problems.length === 0) problems.push('there are no latents');
  if (problems.length > 0) {
    const there = [...found].map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
    throw new RunFormatError(
      `${where}: expected train_latents and valid_latents (or one array latents), got ${there.slice(0, 40).join(', ') || 'no arrays of numbers'}: ${problems.join('; ')}`,
    );
  }
  return { arrays, used, ignored };
}

/** `latents of train`, `rates`, …, or null for a name that says nothing. */
function placeOf(name: string): string | null {
  const words = name.toLowerCase().split(/[_./-]+/);
  const phase = [words[0], words.at(-1)].map((word) => (word !== undefined && Object.hasOwn(phaseNames, word) ? word : null)).find((word) => word !== null);
  const rest = phase ? (words[0] === phase ? words.slice(1) : words.slice(0, -1)) : words;
  const kind = arrayKinds.find((candidate) => kindNames[candidate].includes(rest.join('_')));
  if (!kind || (rest.length === 0 && !phase)) return null;
  return phase ? `${kind} of ${phaseNames[phase]}` : kind;
}
