// How one network computes: fixed points, tangling of its layers, and what a straight line reads from its latents. Part of what `analyse` measures.
import { cartesianOf } from '../arm/kinematics.js';
import { ConfigError, MotorloopError } from '../errors.js';
import type { NoiseChoice, Phase, TrialArray } from './analysis.js';
import type { DecodingScore, DynamicsSummary, LayerTangling } from './dynamics-data.js';
import { summariseScan } from './dsa/summarise-scan.js';
import { analyseEpochs, type EpochOptions } from './epoch-dynamics.js';
import type { FixedPointMethod } from './fixed-points/search-options.js';
import { type FixedPointSearch, findFixedPoints } from './fixed-points/search.js';
import { summariseFixedPoints } from './fixed-points/summarise.js';
import { distributionOf } from './geometry/distribution.js';
import { tangling, tanglingRecipes } from './geometry/tangling.js';
import { resolveNoise } from './noise-choice.js';
import { analysePhases, type PhaseDynamics, type PhaseOptions } from './phase-dynamics.js';
import type { RunAnalysis } from './run-analysis.js';
import { isBinary, round, roundAll } from './scores.js';
import { decode } from './similarity/decode.js';
import { type SplitTrials, sliceTrials, trialArray } from './trials.js';

export const dynamicsParts = ['fixed-points', 'tangling', 'decoding', 'dsa-scan', 'phases', 'epochs'] as const;
/** Measured only where they are asked for, as they take long. */
const onRequest: readonly string[] = ['dsa-scan', 'phases', 'epochs'];
export type DynamicsPart = (typeof dynamicsParts)[number];

export interface DynamicsOptions {
  /** What to measure; a part that is named and cannot be had throws. Default: everything that can be had but scan, phases and epochs, which take long, and notes on the rest. */
  readonly only?: readonly DynamicsPart[];
  /** Noise on the latents that starts are drawn from and that decoding reads. Default: as in training. Tangling, which differentiates, is always of noiseless trials. */
  readonly noise?: NoiseChoice;
  /** Trials that starts are drawn from. Default: validation. */
  readonly phase?: Phase;
  /** Samples of the latents that the search for fixed points starts from. Default 1024. */
  readonly starts?: number;
  /**
   * What the network is given, held constant: zeros; the mean over the samples' trials and steps; the input of each sample (`data`); or one number a channel.
   * Default: zeros, and the mean where a body moves, which the network senses all the time.
   */
  readonly inputs?: 'zeros' | 'mean' | 'data' | readonly number[];
  /** Default: levenberg-marquardt. */
  readonly method?: FixedPointMethod;
  /** Most iterations of the search. Default: the method's. */
  readonly maxIterations?: number;
  /** Of the samples. Default 0. */
  readonly seed?: number;
  /** Phases: of which conditions and phases of the trials, and how many inputs on the way from one to the next. Inputs `mean` holds the mean of each phase there. */
  readonly phases?: Pick<PhaseOptions, 'conditions' | 'trialPhases' | 'steps'>;
  /** Epochs: the axes of the latents. Default: those of the analysed checkpoint. */
  readonly basis?: EpochOptions['basis'];
  /** Hears what is under way and the share of it that is done. */
  readonly onProgress?: (stage: string, share: number) => void;
  readonly signal?: AbortSignal;
}

/** What was measured, and the points themselves for files. */
export interface RunDynamics {
  readonly summary: DynamicsSummary;
  readonly search: FixedPointSearch | null;
}

/** Samples of a layer whose tangling is measured: time grows with the square, about a second a layer at 4000. */
const mostTanglingSamples = 4000;
const mostTanglingTrials = 20;
/** Of these, what is kept for figures of one layer against another. */
const mostMatchedSamples = 400;

/**
 * Measures the dynamics of a run. Throws ConfigError for options that cannot be, what the parts throw when they are asked for by name, and the signal's
 * reason when aborted.
 */
export async function analyseDynamics(analysis: RunAnalysis, options: DynamicsOptions = {}): Promise<RunDynamics> {
  const { only, signal } = options;
  const notes: string[] = [];
  const wanted = (part: DynamicsPart) => (only === undefined ? !onRequest.includes(part) : only.includes(part));
  /** The result of a part, or null and a note where the run cannot have it. */
  const attempt = async <T>(part: DynamicsPart, words: string, measure: () => Promise<T>): Promise<T | null> => {
    if (!wanted(part)) return null;
    try {
      return await measure();
    } catch (error) {
      if (signal?.aborted || only !== undefined || !(error instanceof MotorloopError) || error instanceof ConfigError) throw error;
      notes.push(`${words} left out: ${error.message}`);
      return null;
    }
  };
  const found = await attempt('fixed-points', 'Fixed points are', () => fixedPointsOf(analysis, options, notes));
  signal?.throwIfAborted();
  const decoding = await attempt('decoding', 'Decoding is', () => decodingOf(analysis, options));
  signal?.throwIfAborted();
  const dsaScan = await attempt('dsa-scan', 'The scan for DSA is', () =>
    summariseScan(analysis, { ...options, onProgress: (share) => options.onProgress?.('DSA scan', share) }),
  );
  const phases = await attempt('phases', 'Phases are', () => phasesOf(analysis, options));
  signal?.throwIfAborted();
  const epochs = await attempt('epochs', 'Epochs are', () => analyseEpochs(analysis, options));
  signal?.throwIfAborted();
  // last: it alone needs noiseless rollouts
  const layers = await attempt('tangling', 'Tangling is', () => tanglingOf(analysis, options, notes));
  signal?.throwIfAborted();
  return { summary: { fixedPoints: found?.summary ?? null, tangling: layers, decoding, dsaScan, phases, epochs, notes }, search: found?.search ?? null };
}

async function fixedPointsOf(analysis: RunAnalysis, options: DynamicsOptions, notes: string[]) {
  const { map, task, model } = analysis;
  const { phase = 'validation', noise, starts = 1024, seed = 0, method, maxIterations, onProgress, signal } = options;
  if (!map) throw new ConfigError('fixed points', ['expected a backend with f64 kernels (wasm, reference), got none']);
  const inputs = options.inputs ?? (task.plant ? 'mean' : 'zeros');
  if (Array.isArray(inputs) && inputs.length !== model.inputSize)
    throw new ConfigError('inputs', [`expected ${model.inputSize} numbers, one for each input of the network, got ${inputs.length}`]);
  if (task.plant) notes.push(closedLoopNote);
  onProgress?.('latents', 0);
  const trajectories = await analysis.getStates(phase, noise);
  const latents = await analysis.getLatents(phase, noise);
  const pca = await analysis.getPca('all', noise);
  const given = inputs === 'mean' || inputs === 'data' ? await analysis.getNetworkInputs(phase, noise) : null;
  const search = await findFixedPoints(map, {
    trajectories,
    inputs: inputs === 'zeros' ? null : inputs === 'data' ? given : inputs === 'mean' ? meanOf(given as TrialArray) : (inputs as readonly number[]),
    count: starts,
    seed,
    ...(method === undefined ? {} : { method }),
    ...(maxIterations === undefined ? {} : { maxIterations }),
    onProgress: ({ stage, share }) => onProgress?.(`fixed points, ${stage}`, share),
    ...(signal ? { signal } : {}),
  });
  const binary = isBinary(task, { targets: (await analysis.getTargets(phase)).values });
  const summary = summariseFixedPoints(search, { pca, latents, readout: analysis.readout, levels: binary ? [0, 1] : null, seed });
  return {
    search,
    summary: {
      ...summary,
      input:
        inputs === 'mean'
          ? `mean input of the ${phase === 'all' ? '' : `${phase} `}trials: ${roundAll(meanOf(given as TrialArray)).join(', ')}`
          : summary.input,
      settings: { ...summary.settings, phase, latents: resolveNoise(noise).text },
    },
  };
}

/** Phases hold the input of a trial, or the mean of a phase. */
function phasesOf(analysis: RunAnalysis, { inputs, method, phases, ...options }: DynamicsOptions): Promise<PhaseDynamics> {
  const problems: string[] = [];
  if (inputs !== undefined && inputs !== 'mean') problems.push(`inputs: expected mean, or none for the input of a trial, got ${JSON.stringify(inputs)}`);
  if (method !== undefined && method !== 'levenberg-marquardt') problems.push(`method: expected levenberg-marquardt, got ${method}`);
  if (problems.length > 0) throw new ConfigError('phases', problems);
  return analysePhases(analysis, { ...options, ...phases, held: inputs === 'mean' ? 'mean' : 'first' });
}

const closedLoopNote =
  'The network moves a body and senses it, so that what it is given changes with what it does: its fixed points are those of the cell under one constant input, and no rest of the whole loop.';

function meanOf({ values, width }: TrialArray): Float64Array {
  const mean = new Float64Array(width);
  const samples = values.length / width;
  for (let i = 0; i < values.length; i++) mean[i % width] = (mean[i % width] as number) + (values[i] as number) / samples;
  return mean;
}

async function tanglingOf(analysis: RunAnalysis, { onProgress, signal }: DynamicsOptions, notes: string[]): Promise<LayerTangling[]> {
  const { task, trials } = analysis;
  const count = Math.min(trials.validation, mostTanglingTrials);
  const timeStep = Math.max(1, Math.ceil((count * trials.steps) / mostTanglingSamples));
  const layers = await layersOf(analysis);
  const result: LayerTangling[] = [];
  for (const [index, { layer, array }] of layers.entries()) {
    onProgress?.('tangling', index / layers.length);
    signal?.throwIfAborted();
    try {
      const { values } = await tangling(sliceTrials(array, 0, count), { dt: task.stepDuration ?? 1, ...tanglingRecipes.russo, timeStep });
      const { mean, median, p90, p95, max, quantiles } = distributionOf(values);
      const { epsilon, derivative } = tanglingRecipes.russo;
      result.push({
        layer,
        epsilon,
        derivative,
        ...rounded({ mean, median, p90, p95, max }),
        quantiles: roundAll(quantiles),
        samples: roundAll(thinned(values)),
      });
    } catch (error) {
      if (!(error instanceof MotorloopError)) throw error;
      notes.push(`Tangling of the ${layer} is left out: ${error.message}`);
    }
  }
  const unit = task.stepDuration === null ? '1/step²' : '1/s²';
  notes.push(
    `Tangling in ${unit}: ${count} validation trials without noise${timeStep > 1 ? `, one sample in ${timeStep}` : ''}, units scaled by their range, first eight principal components.`,
  );
  return result;
}

/** Every n-th value, 400 at most. */
function thinned(values: ArrayLike<number>): number[] {
  const stride = Math.max(1, Math.ceil(values.length / mostMatchedSamples));
  return Array.from({ length: Math.ceil(values.length / stride) }, (_, i) => values[i * stride] as number);
}

/** What is measured layer by layer, in the noiseless validation trials: from what comes in to what goes out. */
async function layersOf(analysis: RunAnalysis): Promise<{ layer: string; array: TrialArray }[]> {
  const { task, model } = analysis;
  const noiseless: NoiseChoice = { noiseless: true };
  const { latents, actions, states } = await analysis.getModelOutputs('validation', noiseless);
  const inputs = await analysis.getNetworkInputs('validation', noiseless);
  const layers = [
    { layer: 'inputs', array: inputs },
    { layer: 'latents', array: latents },
  ];
  if (model.stateSize > model.hiddenSize) {
    const whole = await analysis.getStates('validation', noiseless);
    layers.push({ layer: 'cell states', array: columns(whole, model.hiddenSize, model.stateSize - model.hiddenSize) });
  }
  layers.push({ layer: task.plant ? 'muscle excitations' : 'outputs', array: actions });
  if (task.plant && states) layers.push({ layer: 'muscle activations', array: columns(states, 0, task.plant.body.muscles) });
  return layers;
}

/** Channels `first` … `first + count − 1` of an array; a copy. */
function columns({ trials, steps, width, values, lengths }: TrialArray, first: number, count: number): TrialArray {
  const result = new Float32Array(trials * steps * count);
  for (let row = 0; row < trials * steps; row++) result.set(values.subarray(row * width + first, row * width + first + count), row * count);
  return trialArray(result, [trials, steps, count], lengths);
}

async function decodingOf(analysis: RunAnalysis, { noise, onProgress }: DynamicsOptions): Promise<DecodingScore[]> {
  onProgress?.('decoding', 0);
  const variables = await variablesOf(analysis, noise);
  const latents = await bothPhases((phase) => analysis.getLatents(phase, noise));
  const scores: DecodingScore[] = [];
  for (const { names, arrays } of variables) {
    const { inSample, heldOut } = await decode(latents, arrays);
    names.forEach((variable, i) =>
      scores.push({
        variable,
        r2: isConstant(arrays.validation, i) ? null : nullable(heldOut.perOutput[i]),
        inSample: isConstant(arrays.train, i) ? null : nullable(inSample.perOutput[i]),
      }),
    );
  }
  return scores;
}

/** Whether a channel has one value throughout: then there is no variance to explain. */
function isConstant({ values, width }: TrialArray, channel: number): boolean {
  for (let i = channel; i < values.length; i += width) if (values[i] !== values[channel]) return false;
  return true;
}

interface Variables {
  readonly names: readonly string[];
  readonly arrays: SplitTrials;
}

/** What the task knows and a network may: targets, and where and how fast a hand moves. */
async function variablesOf(analysis: RunAnalysis, noise: NoiseChoice | undefined): Promise<Variables[]> {
  const { task } = analysis;
  const targets = { names: task.outputLabels.map((label) => `target: ${label}`), arrays: await bothPhases((phase) => analysis.getTargets(phase)) };
  const { plant } = task;
  if (!plant) return [targets];
  const hand = await bothPhases(async (phase) => (await analysis.getModelOutputs(phase, noise)).controlled);
  const velocity = await bothPhases(async (phase) => {
    const joints = (await analysis.getModelOutputs(phase, noise)).joints as TrialArray;
    return columns({ ...joints, values: Float32Array.from(cartesianOf(plant.body, joints.values, joints.trials * joints.steps)) }, 2, 2);
  });
  return [targets, { names: ['hand: x', 'hand: y'], arrays: hand }, { names: ['velocity of the hand: x', 'velocity of the hand: y'], arrays: velocity }];
}

const bothPhases = async (get: (phase: Phase) => Promise<TrialArray>): Promise<SplitTrials> => ({
  train: await get('train'),
  validation: await get('validation'),
});

const nullable = (value: number | null | undefined): number | null => (value === null || value === undefined || !Number.isFinite(value) ? null : round(value));

const rounded = <K extends string>(values: Record<K, number>): Record<K, number> =>
  Object.fromEntries(Object.entries<number>(values).map(([name, value]) => [name, round(value)])) as Record<K, number>;
