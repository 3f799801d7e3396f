// What every analysis starts from: arrays of trials by phase, of a run made here (run-analysis.ts) or of latents from anywhere (external-analysis.ts).
// Comparison, DSA and geometry take this interface and never ask where the numbers came from.
import type { StateMap } from './fixed-points/state-map.js';

/** Which trials: all (training first, then validation), or one part. */
export type Phase = 'all' | 'train' | 'validation';

/** Numbers of trials, row-major [S, T, W]; trials that end early say so in `lengths`, and what lies behind their end means nothing. */
export interface TrialArray {
  readonly trials: number;
  readonly steps: number;
  readonly width: number;
  readonly values: Float32Array | Float64Array;
  /** Steps of each trial [S], or null when all have `steps`. */
  readonly lengths: Int32Array | null;
}

/** What a network answers; names as published. Arrays without a counterpart in the task are null. */
export interface ModelOutputs {
  /** What the loss sees: outputs of the read-out, or the position of the hand, m [S, T, O]. */
  readonly controlled: TrialArray;
  /** Hidden states [S, T, H]; of an LSTM h alone. */
  readonly latents: TrialArray;
  /** Outputs of the read-out [S, T, A]: with a body the muscle excitations. */
  readonly actions: TrialArray;
  /** What moves: the body's muscle states after each step [S, T, rows × M], else null. */
  readonly states: TrialArray | null;
  /** Joint angles and velocities after each step, rad and rad/s [S, T, 4], else null. */
  readonly joints: TrialArray | null;
}

/** Which noise an analysis keeps: 'as-trained' (the default), none, or chosen sources switched. */
export interface NoiseChoice {
  readonly noiseless?: boolean;
  /** Standard deviation of the noise on the inputs of the task; others on or off. Left out: as trained. */
  readonly sources?: Readonly<Partial<Record<'input' | 'initial' | 'state' | 'action' | 'vision' | 'proprioception' | 'observation', number | boolean>>>;
}

/** A set of latents with what else is known of it. Getters may be called in any order; results are cached, and equal calls give equal numbers. */
export interface Analysis {
  /** Unique name in a comparison: `GRU-128, seed 0`, or a file's name. */
  readonly name: string;
  readonly kind: 'run' | 'external';
  /** Group in comparisons. Default 'None'. */
  readonly group: string;
  readonly hiddenSize: number;
  /** Hidden states [S, T, H]. */
  getLatents(phase?: Phase, noise?: NoiseChoice): Promise<TrialArray>;
  /** Recurrent states as `map` takes them [S, T, stateSize]: those of an LSTM are [h, c], all others are the latents. Fixed points start from these. */
  getStates(phase?: Phase, noise?: NoiseChoice): Promise<TrialArray>;
  /** Inputs as the network sees them, noise included [S, T, I]; null where none are known. */
  getInputs(phase?: Phase): Promise<TrialArray | null>;
  /** Inputs without noise [S, T, I]. */
  getTrueInputs(phase?: Phase): Promise<TrialArray | null>;
  /** Targets of the task [S, T, O]; null where none are known. */
  getTargets(phase?: Phase): Promise<TrialArray | null>;
  /** Firing rates [S, T, N], of imported data; null for runs. */
  getRates(phase?: Phase): Promise<TrialArray | null>;
  /** The network as a map of its state under constant input, in f64; null where only latents are known. */
  readonly map: StateMap | null;
  /** Drops the arrays that getters have cached (a quarter of a gigabyte for the latents of a large run); asked for again, they are the same. */
  release?(): void;
  /** Read-out weights [O, H] and bias [O] in f64 (before a sigmoid, if any); null where unknown. */
  readonly readout: { readonly weight: Float64Array; readonly bias: Float64Array; readonly size: number; readonly sigmoid: boolean } | null;
}
