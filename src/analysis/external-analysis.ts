// Latents from anywhere as an analysis: arrays of training and validation trials, with inputs, targets and firing rates where they are known.
// Kept as a directory of .npy files with external.json, from which they come back bit for bit.
import type { NdArray } from 'ndarray';
import { ConfigError, RunFormatError, ShapeError } from '../errors.js';
import { readNpy, writeNpy } from '../runs/npy.js';
import type { ArrayTensor } from '../runs/safetensors.js';
import { readJson, type Storage, writeJson } from '../runs/storage.js';
import type { Analysis, TrialArray } from './analysis.js';
import { checkFinite, type PhaseName, phaseOf } from './trial-array.js';
import { type SplitTrials, splitTrials, trialArray } from './trials.js';

/** An array of trials [S, T, W] as other software hands it over. */
export type ArrayInput = TrialArray | ArrayTensor | NdArray<Float32Array | Float64Array>;

/** Arrays of both phases, or one array of all trials, of which the first ones train. */
export type SplitInput = ArrayInput | { readonly train: ArrayInput; readonly validation: ArrayInput };

export interface ExternalInput {
  /** Unique name in a comparison. */
  readonly name: string;
  /** Default: `None`. */
  readonly group?: string;
  /** Hidden states [S, T, H]. */
  readonly latents: SplitInput;
  /** Firing rates [S, T, N]. */
  readonly rates?: SplitInput;
  /** What the network was given, noise included [S, T, I]; and without noise. */
  readonly inputs?: SplitInput;
  readonly trueInputs?: SplitInput;
  /** [S, T, O]. */
  readonly targets?: SplitInput;
  /** Steps of each trial [S]; what lies behind the end of a trial means nothing. */
  readonly lengths?: { readonly train: ArrayLike<number>; readonly validation: ArrayLike<number> };
  /** Share of the trials that train where one array holds all: the first ⌊fraction · S⌋. Default 0.8, as published. */
  readonly trainingFraction?: number;
}

const kinds = ['latents', 'rates', 'inputs', 'trueInputs', 'targets'] as const;
type Kind = (typeof kinds)[number];

/** An analysis of arrays. */
export interface ExternalAnalysis extends Analysis {
  readonly kind: 'external';
  /** All arrays that there are, both phases. */
  readonly arrays: Readonly<Partial<Record<Kind, SplitTrials>>>;
  getLatents(phase?: PhaseName): Promise<TrialArray>;
  /** The latents: more is not known. */
  getStates(phase?: PhaseName): Promise<TrialArray>;
  getInputs(phase?: PhaseName): Promise<TrialArray | null>;
  getTrueInputs(phase?: PhaseName): Promise<TrialArray | null>;
  getTargets(phase?: PhaseName): Promise<TrialArray | null>;
  getRates(phase?: PhaseName): Promise<TrialArray | null>;
}

/**
 * An analysis of arrays, which are kept as they are (f32 and f64 without a copy). Throws ConfigError for a name or a fraction that is none, ShapeError,
 * listing every problem, when arrays are not [S, T, W] or disagree in trials or steps, RunFormatError when a number is not finite.
 */
export function createExternalAnalysis(input: ExternalInput): ExternalAnalysis {
  const { name, group = 'None', trainingFraction = 0.8 } = input;
  if (typeof name !== 'string' || name.trim() === '') throw new ConfigError('createExternalAnalysis', [`name: expected a name, got ${JSON.stringify(name)}`]);
  if (!(trainingFraction > 0 && trainingFraction < 1))
    throw new ConfigError('createExternalAnalysis', [`trainingFraction: expected a number between 0 and 1, got ${trainingFraction}`]);
  const problems: string[] = [];
  const arrays: Partial<Record<Kind, SplitTrials>> = {};
  for (const kind of kinds) {
    const given = input[kind];
    if (given === undefined) continue;
    const split = splitOf(given, trainingFraction, kind, problems);
    if (split) arrays[kind] = split;
  }
  const { latents } = arrays;
  if (input.latents === undefined) problems.push('latents: expected an array [trials, steps, units], got none');
  if (latents) problems.push(...disagreements(latents, arrays));
  if (problems.length > 0 || !latents) throw new ShapeError(`${name}: expected arrays of trials that fit together; ${problems.join('; ')}`);
  const withLengths = input.lengths ? addLengths(arrays, input.lengths, name) : arrays;
  for (const kind of kinds) {
    const split = withLengths[kind];
    if (!split) continue;
    checkFinite(split.train, name, kind);
    checkFinite(split.validation, name, kind, split.train.trials);
  }
  const joined = new Map<Kind, TrialArray>();
  const get = async (kind: Kind, phase: PhaseName = 'all'): Promise<TrialArray | null> => {
    const split = withLengths[kind];
    const which = phaseOf(phase);
    if (!split) return null;
    if (which !== 'all') return split[which];
    const all = joined.get(kind) ?? joinPhases(split);
    joined.set(kind, all);
    return all;
  };
  return {
    ...{ name, group, kind: 'external', arrays: withLengths, map: null, readout: null },
    hiddenSize: latents.train.width,
    getLatents: async (phase) => (await get('latents', phase)) as TrialArray,
    getStates: async (phase) => (await get('latents', phase)) as TrialArray,
    getRates: (phase) => get('rates', phase),
    getInputs: (phase) => get('inputs', phase),
    getTrueInputs: async (phase) => (await get('trueInputs', phase)) ?? get('inputs', phase),
    getTargets: (phase) => get('targets', phase),
    release: () => joined.clear(),
  };
}

/** Both phases in one array, a copy. */
function joinPhases({ train, validation }: SplitTrials): TrialArray {
  const { steps, width } = train;
  const trials = train.trials + validation.trials;
  const Numbers = train.values instanceof Float64Array || validation.values instanceof Float64Array ? Float64Array : Float32Array;
  const values = new Numbers(trials * steps * width);
  values.set(train.values);
  values.set(validation.values, train.values.length);
  const lengths = train.lengths && validation.lengths && Int32Array.from([...train.lengths, ...validation.lengths]);
  return trialArray(values, [trials, steps, width], lengths);
}

function splitOf(given: SplitInput, fraction: number, kind: Kind, problems: string[]): SplitTrials | null {
  if ('train' in given) {
    const [train, validation] = [toTrials(given.train, `${kind}.train`, problems), toTrials(given.validation, `${kind}.validation`, problems)];
    return train && validation && { train, validation };
  }
  const all = toTrials(given, kind, problems);
  if (!all) return null;
  const training = Math.floor(fraction * all.trials);
  if (training === 0 || training === all.trials) {
    problems.push(`${kind}: expected enough trials to split ${fraction} off for training, got ${all.trials}`);
    return null;
  }
  return splitTrials(all, training);
}

/** Any of the accepted arrays as trials; null, with a problem, when it has no three axes or nothing in it. */
function toTrials(given: ArrayInput, what: string, problems: string[]): TrialArray | null {
  const shape = 'trials' in given ? [given.trials, given.steps, given.width] : [...given.shape];
  if (shape.length !== 3 || shape.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    problems.push(`${what}: expected shape [trials, steps, units], each at least 1, got [${shape.join(', ')}]`);
    return null;
  }
  const size = shape.reduce((product, n) => product * n, 1);
  const values = 'trials' in given ? given.values : 'stride' in given ? packed(given) : floats(given.data);
  if (values.length !== size) {
    problems.push(`${what}: expected ${size} numbers for [${shape.join(', ')}], got ${values.length}`);
    return null;
  }
  return trialArray(values, shape as [number, number, number], 'trials' in given ? given.lengths : null);
}

const floats = (data: ArrayTensor['data']): Float32Array | Float64Array =>
  data instanceof Float32Array || data instanceof Float64Array ? data : Float64Array.from(data);

/** The numbers of an ndarray row-major, whatever its strides. */
function packed(view: NdArray<Float32Array | Float64Array>): Float32Array | Float64Array {
  const [trials, steps, width] = view.shape as [number, number, number];
  const values = view.data instanceof Float64Array ? new Float64Array(view.size) : new Float32Array(view.size);
  let at = 0;
  for (let i = 0; i < trials; i++) for (let j = 0; j < steps; j++) for (let k = 0; k < width; k++) values[at++] = view.get(i, j, k);
  return values;
}

function disagreements(latents: SplitTrials, arrays: Partial<Record<Kind, SplitTrials>>): string[] {
  const problems: string[] = [];
  if (latents.train.steps !== latents.validation.steps || latents.train.width !== latents.validation.width)
    problems.push(`latents: expected the same steps and units in both phases, got ${shapeText(latents.train)} and ${shapeText(latents.validation)}`);
  for (const kind of kinds) {
    const split = arrays[kind];
    if (!split || kind === 'latents') continue;
    if (split.train.width !== split.validation.width)
      problems.push(`${kind}: expected the same channels in both phases, got ${split.train.width} and ${split.validation.width}`);
    for (const phase of ['train', 'validation'] as const) {
      const [got, wanted] = [split[phase], latents[phase]];
      if (got.trials !== wanted.trials || got.steps !== wanted.steps)
        problems.push(`${kind}, ${phase}: expected ${wanted.trials} trials of ${wanted.steps} steps as the latents have, got ${shapeText(got)}`);
    }
  }
  return problems;
}

const shapeText = ({ trials, steps, width }: TrialArray) => `[${trials}, ${steps}, ${width}]`;

function addLengths(
  arrays: Partial<Record<Kind, SplitTrials>>,
  lengths: NonNullable<ExternalInput['lengths']>,
  name: string,
): Partial<Record<Kind, SplitTrials>> {
  const checked = (phase: 'train' | 'validation') => {
    const { trials, steps } = (arrays.latents as SplitTrials)[phase];
    const found = Int32Array.from(lengths[phase]);
    if (found.length !== trials || found.some((length) => length < 1 || length > steps))
      throw new ShapeError(
        `${name}: expected ${trials} lengths of 1 to ${steps} steps for ${phase}, got ${found.length} of ${Math.min(...found)} to ${Math.max(...found)}`,
      );
    return found;
  };
  const [train, validation] = [checked('train'), checked('validation')];
  const extend = (split: SplitTrials): SplitTrials => ({ train: { ...split.train, lengths: train }, validation: { ...split.validation, lengths: validation } });
  return Object.fromEntries(Object.entries(arrays).map(([kind, split]) => [kind, extend(split)]));
}

const recordName = 'external.json';
const format = 'motorloop-external';

/** Writes arrays to a directory: `external.json`, and `KIND.train.npy` and `KIND.validation.npy` for each kind of array. They come back bit for bit. */
export async function writeExternalAnalysis(storage: Storage, analysis: ExternalAnalysis): Promise<void> {
  const arrays = kinds.filter((kind) => analysis.arrays[kind]);
  for (const kind of arrays) {
    for (const phase of ['train', 'validation'] as const) {
      const { trials, steps, width, values } = (analysis.arrays[kind] as SplitTrials)[phase];
      await storage.write(`${kind}.${phase}.npy`, writeNpy([trials, steps, width], values));
    }
  }
  const { train, validation } = analysis.arrays.latents as SplitTrials;
  const lengths = train.lengths && validation.lengths ? { train: Array.from(train.lengths), validation: Array.from(validation.lengths) } : null;
  await writeJson(storage, recordName, { format, version: 1, name: analysis.name, group: analysis.group, arrays, lengths });
}

/** Whether a directory holds such arrays. */
export function isExternalAnalysis(storage: Storage): Promise<boolean> {
  return storage.exists(recordName);
}

/** Reads what `writeExternalAnalysis` wrote; `name` and `group` replace the recorded ones. Throws RunFormatError or ShapeError for anything damaged. */
export async function openExternalAnalysis(storage: Storage, options: { readonly name?: string; readonly group?: string } = {}): Promise<ExternalAnalysis> {
  const where = `${storage.location}/${recordName}`;
  const record = await readJson(storage, recordName);
  const problem = recordProblem(record);
  if (problem !== null) throw new RunFormatError(`${where}: ${problem}; the file was damaged or edited`);
  const { name, group, arrays, lengths } = record as { name: string; group: string; arrays: Kind[]; lengths: ExternalInput['lengths'] | null };
  const read = async (kind: Kind, phase: string) => readNpy(await storage.read(`${kind}.${phase}.npy`), `${storage.location}/${kind}.${phase}.npy`);
  const found: Partial<Record<Kind, SplitInput>> = {};
  for (const kind of arrays) found[kind] = { train: await read(kind, 'train'), validation: await read(kind, 'validation') };
  return createExternalAnalysis({
    ...(found as { latents: SplitInput }),
    name: options.name ?? name,
    group: options.group ?? group,
    ...(lengths ? { lengths } : {}),
  });
}

/** What is wrong with external.json, or null. */
function recordProblem(record: unknown): string | null {
  if (typeof record !== 'object' || record === null) return 'expected an object';
  const { format: stated, version, name, group, arrays, lengths } = record as Record<string, unknown>;
  if (stated !== format || version !== 1) return `expected format ${format}, version 1, got ${JSON.stringify(stated)}, version ${JSON.stringify(version)}`;
  if (typeof name !== 'string' || typeof group !== 'string') return 'expected name and group as texts';
  if (!Array.isArray(arrays) || !arrays.includes('latents') || arrays.some((kind) => !kinds.includes(kind as Kind)))
    return `expected arrays among ${kinds.join(', ')}, latents first`;
  const isList = (value: unknown) => Array.isArray(value) && value.every((item) => Number.isSafeInteger(item));
  const both = lengths as { train?: unknown; validation?: unknown } | null;
  if (both !== null && (typeof both !== 'object' || !isList(both.train) || !isList(both.validation))) return 'expected lengths of both phases, or null';
  return null;
}
