// Rolls trained networks out over all trials, in passes of bounded memory, and keeps what the summary needs: moments of the latents,
// outputs (and movements) of the validation trials, latents of the few trials that figures show.
import type { Backend } from '../backends/backend.js';
import type { Model } from '../models/model.js';
import { evaluate } from '../rollout/evaluate.js';
import { selectTrials, type TrialData } from '../tasks/data.js';
import type { Movement, Task, TrialSet } from '../tasks/task.js';
import { type ResolvedNoise, withNoise } from './noise-choice.js';
import { addSamples, columnMeans, createMoments, type FeatureRange, type Moments } from './moments.js';

/** A trained network to roll out. */
export interface TrainedNetwork {
  readonly model: Model;
  readonly parameters: Float32Array;
  /** Seed of the run: keys the noise. */
  readonly seed: number;
  /** Standard deviation of the input noise that training added at every step. */
  readonly inputNoise: number;
  /** Keep the latents of the shown trials. */
  readonly shown: boolean;
  /** The trials as this network meets them. */
  readonly set: TrialSet;
}

/** What was seen of one network. */
export interface Collected {
  /** Of the training and of the validation trials; shared by the networks of one group. */
  readonly train: Moments;
  readonly validation: Moments;
  /** Where this network's units are among the features of the moments. */
  readonly range: FeatureRange;
  /** Outputs of the validation trials, in the order of `validationIndices` [V, T, O]. */
  readonly outputs: Float32Array;
  /** What else moved in them, or null without a body. */
  readonly movement: Movement | null;
  /** Hidden states of the first `shownTrials` validation trials [K, T, H], or null. */
  readonly latents: Float32Array | null;
}

/** Bytes of latents that one pass holds on the host. */
const passBytes = 32 * 1024 * 1024;

/**
 * Rolls a group of networks out together: their moments are joint, so that any of them can be regressed on any other.
 * Noise as `choice` says, keyed by seed, trial and step. The hidden state of an LSTM is h, without c.
 * `onTrials` hears how many trials of one network each pass added. Throws NumericsError when a state is not finite.
 */
export async function collectGroup(
  backend: Backend,
  networks: readonly TrainedNetwork[],
  task: Pick<Task, 'outputSize' | 'plant'>,
  data: TrialData,
  shownTrials: number,
  choice: ResolvedNoise,
  onTrials: (count: number) => void | Promise<void>,
): Promise<Collected[]> {
  const { steps } = data.set;
  const { validationIndices, trainingIndices } = data;
  const widths = networks.map(({ model }) => model.hiddenSize);
  const starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0));
  const dimension = widths.reduce((sum, width) => sum + width, 0);
  const outputs = networks.map(() => new Float32Array(validationIndices.length * steps * task.outputSize));
  const movements = networks.map((): Partial<Record<keyof Movement, Float32Array>> => ({}));
  const latents = networks.map(({ model, shown }) => (shown ? new Float32Array(shownTrials * steps * model.hiddenSize) : null));
  const pass = Math.max(1, Math.floor(passBytes / (4 * steps * dimension)));
  const moments: { train?: Moments; validation?: Moments } = {};
  for (const phase of ['validation', 'train'] as const) {
    const indices = phase === 'validation' ? validationIndices : trainingIndices;
    for (let first = 0; first < indices.length; first += pass) {
      const trialIndices = indices.slice(first, first + pass);
      const rows = new Float32Array(trialIndices.length * steps * dimension);
      for (const [i, { model, parameters, seed, inputNoise, set }] of networks.entries()) {
        const given = withNoise(selectTrials(set, trialIndices), choice, { seed, trialIndices, trainingNoise: inputNoise });
        const result = await evaluate(backend, model, parameters, given.set, { seed, plant: task.plant, trialIndices, states: true, noise: given.noise });
        const states = result.states as Float32Array;
        copyHidden(states, model, rows, dimension, starts[i] as number);
        if (phase === 'validation') {
          (outputs[i] as Float32Array).set(result.outputs, first * steps * task.outputSize);
          if (result.movement)
            copyMovement(result.movement, movements[i] as Partial<Record<keyof Movement, Float32Array>>, first, trialIndices.length, indices.length);
          copyShown(states, model, steps, first, shownTrials, latents[i] as Float32Array | null);
        }
        await onTrials(trialIndices.length);
      }
      const counted = countedRows(rows, data.set, trialIndices, dimension);
      moments.validation ??= createMoments(dimension, columnMeans(counted, dimension));
      moments.train ??= createMoments(dimension, moments.validation.shift);
      await addSamples(moments[phase] as Moments, counted, backend);
    }
  }
  return networks.map((_, i) => ({
    train: moments.train as Moments,
    validation: moments.validation as Moments,
    range: { start: starts[i] as number, length: widths[i] as number },
    outputs: outputs[i] as Float32Array,
    movement: task.plant ? (movements[i] as Movement) : null,
    latents: latents[i] as Float32Array | null,
  }));
}

/** Copies the movement of `count` trials from trial `first` on into that of all `trials`. */
function copyMovement(part: Movement, whole: Partial<Record<keyof Movement, Float32Array>>, first: number, count: number, trials: number): void {
  for (const name of ['actions', 'joint', 'muscle'] as const) {
    const size = part[name].length / count;
    whole[name] ??= new Float32Array(trials * size);
    whole[name].set(part[name], first * size);
  }
}

/** The rows [n, D] of steps before the ends of trials, moved together in place; all where trials have no lengths. */
function countedRows(rows: Float32Array, { steps, lengths }: TrialSet, trialIndices: Int32Array, dimension: number): Float32Array {
  if (!lengths) return rows;
  let end = 0;
  trialIndices.forEach((trial, i) => {
    const start = i * steps * dimension;
    const size = (lengths[trial] as number) * dimension;
    rows.copyWithin(end, start, start + size);
    end += size;
  });
  return rows.subarray(0, end);
}

/** Copies the hidden part of states [n, S] into columns of `rows` [n, D]. */
function copyHidden(states: Float32Array, { hiddenSize, stateSize }: Model, rows: Float32Array, dimension: number, start: number): void {
  for (let sample = 0; sample * stateSize < states.length; sample++) {
    rows.set(states.subarray(sample * stateSize, sample * stateSize + hiddenSize), sample * dimension + start);
  }
}

/** Keeps the hidden states of those trials of a pass (which starts at trial `first`) that are among the first `shownTrials`. */
function copyShown(
  states: Float32Array,
  { hiddenSize, stateSize }: Model,
  steps: number,
  first: number,
  shownTrials: number,
  target: Float32Array | null,
): void {
  if (!target) return;
  const count = Math.min(shownTrials - first, states.length / (steps * stateSize));
  for (let sample = 0; sample < count * steps; sample++) {
    target.set(states.subarray(sample * stateSize, sample * stateSize + hiddenSize), (first * steps + sample) * hiddenSize);
  }
}
