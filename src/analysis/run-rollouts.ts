// What a trained network does in every trial of its data set, rolled out in passes of bounded memory and kept once per choice of noise.
// Trials that train come first, then those that validate, so that every phase is a view of one array.
import type { Backend } from '../backends/backend.js';
import type { Model } from '../models/model.js';
import { type Evaluation, evaluate } from '../rollout/evaluate.js';
import { selectTrials, type TrialData } from '../tasks/data.js';
import type { Task } from '../tasks/task.js';
import type { Phase, TrialArray } from './analysis.js';
import { type ResolvedNoise, withNoise } from './noise-choice.js';
import { checkFinite, phaseRange } from './trial-array.js';
import { trialArray } from './trials.js';

/** What can be kept; `states` are [h, c] of an LSTM. Latents, outputs and what moves come with every pass. */
export type Recorded = 'controlled' | 'latents' | 'actions' | 'muscle' | 'joint' | 'states' | 'networkInputs';

export interface RolloutSource {
  readonly backend: Backend;
  readonly model: Model;
  readonly parameters: Float32Array;
  readonly task: Task;
  readonly data: TrialData;
  /** Seed of the run: keys the noise. */
  readonly seed: number;
  /** Standard deviation of the noise that training adds to the inputs at every step. */
  readonly trainingNoise: number;
  /** Names the run in messages. */
  readonly where: string;
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes of states that one pass holds besides what is kept. */
const passBytes = 32 * 1024 * 1024;

interface Kept {
  readonly array: TrialArray;
  readonly filled: Set<'train' | 'validation'>;
}

/** Rolls out on demand. Arrays that it returns are its own: nobody may write into them. */
export class RunRollouts {
  readonly #source: RolloutSource;
  /** Arrays of the noise last asked for. */
  #kept = new Map<Recorded, Kept>();
  #noise: string | null = null;
  /** One pass after the other, whoever asks. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #order: Int32Array;
  /** Steps of the trials in that order, or null when all have the same. */
  readonly #lengths: Int32Array | null;

  constructor(source: RolloutSource) {
    this.#source = source;
    const { trainingIndices, validationIndices } = source.data;
    this.#order = new Int32Array(source.data.set.trials);
    this.#order.set(trainingIndices);
    this.#order.set(validationIndices, trainingIndices.length);
    const { lengths } = source.data.set;
    this.#lengths = lengths ? this.#order.map((trial) => lengths[trial] as number) : null;
  }

  /** Positions in the data set of all trials, those that train first. */
  get order(): Int32Array {
    return this.#order;
  }

  /** Steps of these trials [S], or null when all have the same. */
  get lengths(): Int32Array | null {
    return this.#lengths;
  }

  get training(): number {
    return this.#source.data.trainingIndices.length;
  }

  /** Arrays [S, T, …] of a phase. Throws RunFormatError when the network's states or outputs are not finite. */
  get<K extends Recorded>(names: readonly K[], phase: Phase, noise: ResolvedNoise): Promise<Record<K, TrialArray>> {
    const result = this.#last.then(() => this.#get(names, phase, noise));
    this.#last = result.catch(() => undefined);
    return result;
  }

  release(): void {
    this.#kept = new Map();
    this.#noise = null;
  }

  async #get<K extends Recorded>(names: readonly K[], phase: Phase, noise: ResolvedNoise): Promise<Record<K, TrialArray>> {
    if (this.#noise !== noise.key) this.release();
    this.#noise = noise.key;
    for (const part of phase === 'all' ? (['train', 'validation'] as const) : [phase]) {
      const missing = names.filter((name) => !this.#kept.get(name)?.filled.has(part));
      if (missing.length > 0) await this.#rollOut(missing, part, noise);
    }
    const entries = names.map((name) => [name, phaseRange((this.#kept.get(name) as Kept).array, this.training, phase)] as const);
    return Object.fromEntries(entries) as Record<K, TrialArray>;
  }

  async #rollOut(missing: readonly Recorded[], part: 'train' | 'validation', noise: ResolvedNoise): Promise<void> {
    const { backend, model, parameters, task, data, seed, trainingNoise, onProgress, signal, where } = this.#source;
    const { set } = data;
    const first = part === 'train' ? 0 : this.training;
    const count = part === 'train' ? this.training : set.trials - this.training;
    const pass = Math.max(1, Math.floor(passBytes / (4 * set.steps * model.stateSize)));
    const names: Recorded[] = [...new Set<Recorded>([...missing, 'latents', 'controlled', ...(task.plant ? (['actions', 'muscle', 'joint'] as const) : [])])];
    for (let at = first; at < first + count; at += pass) {
      const trialIndices = this.#order.subarray(at, Math.min(at + pass, first + count));
      const chosen = withNoise(selectTrials(set, trialIndices), noise, { seed, trialIndices, trainingNoise });
      const result = await evaluate(backend, model, parameters, chosen.set, {
        seed,
        plant: task.plant,
        trialIndices,
        states: true,
        networkInputs: names.includes('networkInputs'),
        noise: chosen.noise,
      });
      signal?.throwIfAborted();
      for (const name of names) {
        const lengths = this.#lengths && this.#lengths.subarray(at, at + trialIndices.length);
        const found = trialArray(this.#part(name, result), [trialIndices.length, set.steps, this.#width(name)], lengths);
        if (name === 'latents' || name === 'controlled') checkFinite(found, where, name === 'latents' ? 'latents' : 'outputs', at);
        this.#array(name).values.set(found.values, at * set.steps * found.width);
      }
      onProgress?.(at - first + trialIndices.length, count);
    }
    for (const name of names) (this.#kept.get(name) as Kept).filled.add(part);
  }

  #array(name: Recorded): TrialArray {
    const kept = this.#kept.get(name);
    if (kept) return kept.array;
    const { trials, steps } = this.#source.data.set;
    const width = this.#width(name);
    const array = trialArray(new Float32Array(trials * steps * width), [trials, steps, width], this.#lengths);
    this.#kept.set(name, { array, filled: new Set() });
    return array;
  }

  #width(name: Recorded): number {
    const { model, task } = this.#source;
    const body = task.plant?.body;
    return {
      controlled: task.outputSize,
      latents: model.hiddenSize,
      actions: model.outputSize,
      muscle: body ? body.muscleRows.length * body.muscles : 0,
      joint: 4,
      states: model.stateSize,
      networkInputs: model.inputSize,
    }[name];
  }

  /** One array of a pass, [trials, T, width]. */
  #part(name: Recorded, { outputs, states, networkInputs, movement }: Evaluation): Float32Array {
    const { hiddenSize, stateSize } = this.#source.model;
    const { steps } = this.#source.data.set;
    switch (name) {
      case 'controlled':
        return outputs;
      case 'actions':
        return movement?.actions ?? outputs;
      case 'latents':
        return hiddenSize === stateSize ? (states as Float32Array) : leading(states as Float32Array, stateSize, hiddenSize);
      case 'states':
        return states as Float32Array;
      case 'networkInputs':
        return networkInputs as Float32Array;
      default:
        return afterSteps(movement?.[name] as Float32Array, steps, this.#width(name));
    }
  }
}

/** The first `count` of every `size` numbers. */
function leading(values: Float32Array, size: number, count: number): Float32Array {
  const result = new Float32Array((values.length / size) * count);
  for (let row = 0; row * size < values.length; row++) result.set(values.subarray(row * size, row * size + count), row * count);
  return result;
}

/** States [S, T + 1, W] without the initial one of each trial. */
function afterSteps(values: Float32Array, steps: number, width: number): Float32Array {
  const trials = values.length / ((steps + 1) * width);
  const result = new Float32Array(trials * steps * width);
  for (let trial = 0; trial < trials; trial++) {
    const start = (trial * (steps + 1) + 1) * width;
    result.set(values.subarray(start, start + steps * width), trial * steps * width);
  }
  return result;
}
