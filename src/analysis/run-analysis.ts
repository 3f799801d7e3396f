// The analysis of an opened run (open-analysis.ts): arrays by phase, noisy or noiseless.
// Shapes and order as published: trials that train first, then those that validate.
import type { Backend } from '../backends/backend.js';
import { kernelSpec } from '../backends/catalogue.js';
import type { Experiment, ExperimentModel } from '../config/experiment.js';
import { ConfigError } from '../errors.js';
import type { Model } from '../models/model.js';
import type { Manifest } from '../runs/manifest.js';
import type { CheckpointChoice, StoredRun } from '../runs/open-run.js';
import { selectTrials, type TrialData } from '../tasks/data.js';
import type { Task, TrialPhase, TrialSet } from '../tasks/task.js';
import type { Analysis, ModelOutputs, NoiseChoice, TrialArray } from './analysis.js';
import { createModelMap } from './fixed-points/model-map.js';
import type { StateMap } from './fixed-points/state-map.js';
import { addSamples, columnMeans, createMoments } from './moments.js';
import { resolveNoise } from './noise-choice.js';
import { type PrincipalComponents, principalComponents, project } from './pca.js';
import type { RunRollouts } from './run-rollouts.js';
import { type PhaseName, phaseOf, phaseRange } from './trial-array.js';
import { momentsOfTrials, trialArray } from './trials.js';

/** What a network is started from and given [S, …]. */
export interface ModelInputs {
  /** Initial joint state, positions and velocities [S, 1, 4]; null without a body. */
  readonly ics: TrialArray | null;
  /** [S, T, I]. */
  readonly inputs: TrialArray;
  /** [S, T, O]. */
  readonly targets: TrialArray;
}

/** An analysis of a run made here. Getters take the phase `val` as well; arrays belong to the analysis and must not be written into. */
export interface RunAnalysis extends Analysis {
  readonly kind: 'run';
  /** Folder of the run, `MODEL/seed-N`. */
  readonly path: string;
  readonly experiment: Experiment;
  readonly entry: ExperimentModel;
  readonly task: Task;
  readonly model: Model;
  /** Flat parameters of the checkpoint [P]. */
  readonly parameters: Float32Array;
  readonly seed: number;
  /** Seed of the trials: the experiment's, or that of the other trials that were asked for. */
  readonly dataSeed: number;
  readonly manifest: Manifest;
  /** Which checkpoint, and the epochs that it had trained for. */
  readonly checkpoint: { readonly which: CheckpointChoice; readonly epoch: number };
  /** Epochs whose checkpoints were kept, ascending. */
  readonly keptEpochs: readonly number[];
  /** The same run after one of them, an analysis of its own that wants to be disposed. Throws RunFormatError where its checkpoint is missing or damaged. */
  atEpoch(epoch: number): Promise<RunAnalysis>;
  /** After that epoch, as training recorded it; null before the first one. */
  readonly validationLoss: number | null;
  /** State before the first step, without noise [S]: zeros where none was trained. */
  readonly initialState: Float64Array;
  readonly trials: { readonly train: number; readonly validation: number; readonly steps: number };
  getLatents(phase?: PhaseName, noise?: NoiseChoice): Promise<TrialArray>;
  getLatentsNoiseless(phase?: PhaseName): Promise<TrialArray>;
  /** Whole states: [h, c] of an LSTM, else the latents [S, T, S]. */
  getStates(phase?: PhaseName, noise?: NoiseChoice): Promise<TrialArray>;
  getInputs(phase?: PhaseName): Promise<TrialArray>;
  getTrueInputs(phase?: PhaseName): Promise<TrialArray>;
  getTargets(phase?: PhaseName): Promise<TrialArray>;
  /** All that the network sees, noise and observation of the body included [S, T, I]. */
  getNetworkInputs(phase?: PhaseName, noise?: NoiseChoice): Promise<TrialArray>;
  /** Perturbations: force on the end point, N [S, T, 2]; null where the task has none. */
  getInputsToEnv(phase?: PhaseName): Promise<TrialArray | null>;
  /** Numbers that the task keeps of each trial [S, 1, E]; E may be 0. */
  getExtraInputs(phase?: PhaseName): Promise<TrialArray>;
  getModelInputs(phase?: PhaseName): Promise<ModelInputs>;
  getModelInputsNoiseless(phase?: PhaseName): Promise<ModelInputs>;
  getModelOutputs(phase?: PhaseName, noise?: NoiseChoice): Promise<ModelOutputs>;
  getModelOutputsNoiseless(phase?: PhaseName): Promise<ModelOutputs>;
  getRates(phase?: PhaseName): Promise<null>;
  /** Number of every trial in the data set of the run [S]: which one of the task's stream it is. */
  getTrialIndices(phase?: PhaseName): Promise<Int32Array>;
  /** What every trial consists of, in order of time [S]; null where the task does not say. */
  getTrialPhases(phase?: PhaseName): Promise<readonly (readonly TrialPhase[])[] | null>;
  /** Condition of every trial, as the task numbers them [S]: the speed of cyclic reaching, 0 where there is only one. */
  getConditions(phase?: PhaseName): Promise<Int32Array>;
  /** Steps of every trial [S]. */
  getTrialLengths(phase?: PhaseName): Promise<Int32Array>;
  /** Principal components of the latents. */
  getPca(phase?: PhaseName, noise?: NoiseChoice): Promise<PrincipalComponents>;
  /** Scores of the latents [S, T, count] on principal components fitted on the same trials. Default: three. */
  getLatentsPca(count?: number, phase?: PhaseName, noise?: NoiseChoice): Promise<{ readonly scores: TrialArray; readonly pca: PrincipalComponents }>;
  /** Shares of variance of the first `count` components of all latents; as many as there are units where these are fewer. Default: ten. */
  scree(count?: number, noise?: NoiseChoice): Promise<readonly number[]>;
  release(): void;
  /** Frees what `map` holds on its backend, and all cached arrays; the analysis is over. */
  dispose(): Promise<void>;
}

/** What an analysis is made of: an opened run, its trials as the network meets them, and where it is rolled out. */
export interface RunParts {
  readonly name: string;
  readonly group: string;
  readonly path: string;
  readonly experiment: Experiment;
  readonly entry: ExperimentModel;
  readonly task: Task;
  readonly data: TrialData;
  readonly model: Model;
  readonly parameters: Float32Array;
  readonly seed: number;
  readonly dataSeed: number;
  readonly stored: StoredRun;
  readonly checkpoint: RunAnalysis['checkpoint'];
  readonly atEpoch: RunAnalysis['atEpoch'];
  readonly backend: Backend;
  readonly rollouts: RunRollouts;
  readonly mapBackend: Backend;
}

/** The analysis of an opened run. */
export function createRunAnalysis(parts: RunParts): RunAnalysis {
  const { task, data, model, parameters, rollouts, backend, checkpoint, stored } = parts;
  const { name, group, path, experiment, entry, seed, dataSeed, mapBackend } = parts;
  const { trials, steps } = data.set;
  const { training } = rollouts;
  const noiseless: NoiseChoice = { noiseless: true };
  /** The data set in the order of phases; made when something of it is asked for. */
  let ordered: TrialSet | null = null;
  const set = (): TrialSet => {
    ordered ??= selectTrials(data.set, rollouts.order);
    return ordered;
  };
  /** By phase and noise; small, so kept. */
  const fitted = new Map<string, PrincipalComponents>();
  /** Made when it is asked for: it holds memory of its backend. */
  let map: StateMap | null = null;
  const column = (values: Float32Array, width: number, phase: PhaseName = 'all', rows = steps): TrialArray =>
    phaseRange(trialArray(values, [trials, rows, width], rows === steps ? rollouts.lengths : null), training, phaseOf(phase));
  /** Of one entry a trial, those of a phase. */
  const chosen = <A extends Int32Array | readonly unknown[]>(all: A, phase: PhaseName = 'all'): A => {
    const part = phaseOf(phase);
    return all.slice(part === 'validation' ? training : 0, part === 'train' ? training : trials) as A;
  };
  const recorded = async (what: 'latents' | 'states' | 'networkInputs', phase: PhaseName = 'all', noise?: NoiseChoice) =>
    (await rollouts.get([what], phaseOf(phase), resolveNoise(noise)))[what];
  const modelInputs = (inputs: Float32Array, phase?: PhaseName): ModelInputs => ({
    ics: set().joints ? column(set().joints as Float32Array, 4, phase, 1) : null,
    inputs: column(inputs, task.inputSize, phase),
    targets: column(set().targets, task.outputSize, phase),
  });
  const fit = async (latents: TrialArray) => {
    if (latents.lengths) return principalComponents((await momentsOfTrials([latents], { backend, where: 'getPca', names: ['latents'] })).moments);
    const moments = createMoments(latents.width, columnMeans(latents.values.subarray(0, latents.steps * latents.width), latents.width));
    const chunk = Math.max(1, Math.floor(momentBytes / (4 * latents.width))) * latents.width;
    for (let at = 0; at < latents.values.length; at += chunk) await addSamples(moments, latents.values.subarray(at, at + chunk), backend);
    return principalComponents(moments);
  };

  const analysis: RunAnalysis = {
    kind: 'run',
    ...{ name, group, path, experiment, entry, task, model, parameters, seed, dataSeed, checkpoint },
    get map() {
      if (kernelSpec('cell_jacobian').absent?.[mapBackend.description.name] === undefined) map ??= createModelMap(mapBackend, model, parameters);
      return map;
    },
    manifest: stored.manifest,
    keptEpochs: stored.checkpoints.filter((kept): kept is number => typeof kept === 'number').sort((a, b) => a - b),
    atEpoch: parts.atEpoch,
    hiddenSize: model.hiddenSize,
    validationLoss: finite(stored.metrics[checkpoint.epoch - 1]?.validationLoss),
    initialState: initialStateOf(model, parameters),
    trials: { train: training, validation: trials - training, steps },
    readout: readoutOf(model, parameters),
    getLatents: (phase, noise) => recorded('latents', phase, noise),
    getLatentsNoiseless: (phase) => recorded('latents', phase, noiseless),
    getStates: (phase, noise) => recorded(model.stateSize === model.hiddenSize ? 'latents' : 'states', phase, noise),
    getNetworkInputs: (phase, noise) => recorded('networkInputs', phase, noise),
    getInputs: async (phase) => column(set().inputs, task.inputSize, phase),
    getTrueInputs: async (phase) => column(set().trueInputs, task.inputSize, phase),
    getTargets: async (phase) => column(set().targets, task.outputSize, phase),
    getInputsToEnv: async (phase) => (set().endpointLoads ? column(set().endpointLoads as Float32Array, 2, phase) : null),
    // not by trialArray, which wants a column at least: there may be none
    getExtraInputs: async (phase) =>
      phaseRange({ trials, steps: 1, width: set().extra.length / trials, values: set().extra, lengths: null }, training, phaseOf(phase ?? 'all')),
    getModelInputs: async (phase) => modelInputs(set().inputs, phase),
    getModelInputsNoiseless: async (phase) => modelInputs(set().trueInputs, phase),
    async getModelOutputs(phase = 'all', noise) {
      const choice = resolveNoise(noise);
      if (task.plant) {
        const { muscle, joint, ...rest } = await rollouts.get(['controlled', 'latents', 'actions', 'muscle', 'joint'], phaseOf(phase), choice);
        return { ...rest, states: muscle, joints: joint };
      }
      const { controlled, latents } = await rollouts.get(['controlled', 'latents'], phaseOf(phase), choice);
      return { controlled, latents, actions: controlled, states: null, joints: null };
    },
    getModelOutputsNoiseless: (phase) => analysis.getModelOutputs(phase, noiseless),
    getRates: async () => null,
    getTrialIndices: async (phase) => chosen(rollouts.order, phase),
    getTrialPhases: async (phase) => (set().phases ? chosen(set().phases as NonNullable<TrialSet['phases']>, phase) : null),
    getConditions: async (phase) => chosen(set().conditions, phase),
    getTrialLengths: async (phase) => chosen(rollouts.lengths ?? new Int32Array(trials).fill(steps), phase),
    async getPca(phase = 'all', noise) {
      const key = `${phaseOf(phase)} ${resolveNoise(noise).key}`;
      const pca = fitted.get(key) ?? (await fit(await analysis.getLatents(phase, noise)));
      fitted.set(key, pca);
      return pca;
    },
    async getLatentsPca(count = 3, phase, noise) {
      if (!Number.isInteger(count) || count < 1) throw new ConfigError('getLatentsPca', [`expected a number of components of at least 1, got ${count}`]);
      const latents = await analysis.getLatents(phase, noise);
      const pca = await analysis.getPca(phase, noise);
      const kept = Math.min(count, latents.width);
      return { scores: trialArray(project(pca, latents.values, kept), [latents.trials, steps, kept], latents.lengths), pca };
    },
    async scree(count = 10, noise) {
      const { ratios } = await analysis.getPca('all', noise);
      return Array.from(ratios.subarray(0, count));
    },
    release() {
      rollouts.release();
      ordered = null;
    },
    async dispose() {
      analysis.release();
      await map?.dispose?.();
      map = null;
    },
  };
  return analysis;
}

/** Bytes of latents that join the moments at once. */
const momentBytes = 16 * 1024 * 1024;

const finite = (value: number | undefined): number | null => (value !== undefined && Number.isFinite(value) ? value : null);

function initialStateOf(model: Model, parameters: Float32Array): Float64Array {
  const { initialStateOffset: at, stateSize } = model;
  return at < 0 ? new Float64Array(stateSize) : Float64Array.from(parameters.subarray(at, at + stateSize));
}

function readoutOf(model: Model, parameters: Float32Array): NonNullable<Analysis['readout']> {
  const of = (name: string) => {
    const { offset, length } = model.parameters.find((view) => view.name === name) as { offset: number; length: number };
    return Float64Array.from(parameters.subarray(offset, offset + length));
  };
  return { weight: of('readout.weight'), bias: of('readout.bias'), size: model.outputSize, sigmoid: model.options.readout === 'sigmoid' };
}
