// The analysis of a run: arrays by phase, noisy or noiseless, from the run's directory alone; the data set is made again from its experiment.
// Shapes and order as published: trials that train first, then those that validate.
import type { Backend } from '../backends/backend.js';
import { kernelSpec } from '../backends/catalogue.js';
import { type Experiment, type ExperimentModel, modelOptionsOf } from '../config/experiment.js';
import { experimentRuns, intervenedExperiment, type PreparedExperiment, prepareExperiment } from '../config/train.js';
import { ConfigError } from '../errors.js';
import { createModel, type Model } from '../models/model.js';
import { type FoundExperiment, findExperiment } from '../runs/find-experiment.js';
import type { Manifest } from '../runs/manifest.js';
import { type CheckpointChoice, openRun, type StoredRun } from '../runs/open-run.js';
import type { Storage } from '../runs/storage.js';
import { generateData, selectTrials, type TrialData } from '../tasks/data.js';
import type { TaskLoader } from '../tasks/index.js';
import { networkSize, type Task, type TrialPhase, type TrialSet } from '../tasks/task.js';
import type { Analysis, ModelOutputs, NoiseChoice, TrialArray } from './analysis.js';
import { createModelMap } from './fixed-points/model-map.js';
import type { StateMap } from './fixed-points/state-map.js';
import { addSamples, columnMeans, createMoments } from './moments.js';
import { resolveNoise } from './noise-choice.js';
import { type PrincipalComponents, principalComponents, project } from './pca.js';
import { RunRollouts } from './run-rollouts.js';
import { type PhaseName, phaseOf, phaseRange } from './trial-array.js';
import { momentsOfTrials, trialArray } from './trials.js';

export interface OpenAnalysisOptions {
  /** Runs the network. */
  readonly backend: Backend;
  /** Runs the f64 kernels of `map`. Default: `backend`; without those (webgpu), `map` is null. */
  readonly mapBackend?: Backend;
  /** Which run of a directory with several: `MODEL/seed-N`, or `MODEL` where it has one seed. */
  readonly run?: string;
  /** Default: the last. */
  readonly checkpoint?: CheckpointChoice;
  /** Name in comparisons. Default: `MODEL, seed N`. */
  readonly name?: string;
  /** Group in comparisons. Default: `None`. */
  readonly group?: string;
  /** Analyses other trials of the task than those of training: how many, and of which seed. Default: the trials of training. */
  readonly data?: { readonly trials?: number; readonly seed?: number };
  /** Imports the module of a custom task. */
  readonly loadTask?: TaskLoader;
  /** Hears of every pass: trials done of those that this call needs. */
  readonly onProgress?: (done: number, of: number) => void;
  /** Aborts between two passes: then getters throw its reason. */
  readonly signal?: AbortSignal;
}

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

/**
 * Opens one run of a directory (an experiment's, or a single run's) for analysis. Throws ConfigError, listing the runs there are, when it holds several
 * and `run` names none of them; RunFormatError when it is no run, or the checkpoint is missing, damaged or holds a number that is not finite.
 */
export async function openAnalysis(storage: Storage, options: OpenAnalysisOptions): Promise<RunAnalysis> {
  const found = await findExperiment(storage);
  const path = chooseRun(found, options.run);
  return openOne(found, path, await prepare(found.experiment, options), options);
}

/** Opens every run of a directory that has a checkpoint to analyse, in the order of the experiment; the data set is shared. Throws like `openAnalysis`. */
export async function openAnalyses(storage: Storage, options: Omit<OpenAnalysisOptions, 'run' | 'name'>): Promise<RunAnalysis[]> {
  const found = await findExperiment(storage);
  const { checkpoint = 'last' } = options;
  const ready: string[] = [];
  for (const { identity } of experimentRuns(found.experiment)) {
    if (found.runs.includes(identity.path) && (await openRun(found.storage, identity.path)).checkpoints.includes(checkpoint)) ready.push(identity.path);
  }
  if (ready.length === 0) {
    const there = found.runs.length > 0 ? found.runs.join(', ') : 'none that has begun';
    throw new ConfigError(storage.location, [`expected a run with a checkpoint ${describeChoice(checkpoint)}, got runs ${there}`]);
  }
  const prepared = await prepare(found.experiment, options);
  const analyses: RunAnalysis[] = [];
  for (const path of ready) analyses.push(await openOne(found, path, prepared, options));
  return analyses;
}

function chooseRun({ runs, storage, experiment }: FoundExperiment, wanted: string | undefined): string {
  const location = storage.location;
  if (runs.length === 0) throw new ConfigError(location, [`expected at least one run that has begun, got none of ${experiment.name}`]);
  if (wanted === undefined) {
    if (runs.length === 1) return runs[0] as string;
    throw new ConfigError(location, [`expected the name of a run, got a directory with ${runs.length}: ${runs.join(', ')}; say which with run`]);
  }
  const fitting = runs.filter((path) => path === wanted || path.startsWith(`${wanted}/`));
  if (fitting.length === 1) return fitting[0] as string;
  throw new ConfigError(location, [
    `run: expected one of ${runs.join(', ')}, got ${JSON.stringify(wanted.slice(0, 100))}${fitting.length > 1 ? `, which are ${fitting.length}` : ''}`,
  ]);
}

const describeChoice = (which: CheckpointChoice): string => (typeof which === 'number' ? `of epoch ${which}` : JSON.stringify(which));

async function prepare(experiment: Experiment, { data, loadTask }: Pick<OpenAnalysisOptions, 'data' | 'loadTask'>): Promise<PreparedExperiment> {
  const prepared = await prepareExperiment(experiment, loadTask);
  if (data === undefined) return prepared;
  return { task: prepared.task, data: generateData(prepared.task, { ...experiment.data, ...data }) };
}

async function openOne(found: FoundExperiment, path: string, prepared: PreparedExperiment, options: OpenAnalysisOptions): Promise<RunAnalysis> {
  const { experiment, storage } = found;
  const { checkpoint: which = 'last', backend } = options;
  const run = experimentRuns(experiment).find(({ identity }) => identity.path === path);
  if (!run) throw new ConfigError(storage.location, [`expected runs of ${experiment.name}, got ${path}; was experiment.json edited?`]);
  const stored = await openRun(storage, path);
  const { task, data } = intervenedExperiment(experiment, prepared, run.model.hiddenSize);
  const model = createModel(modelOptionsOf(run.model), ...networkSize(task));
  const { epoch } = await stored.checkpoint(which);
  const parameters = await stored.parameters(model, which);
  const { model: name, seed } = run.identity;
  const rollouts = new RunRollouts({
    ...{ backend, model, parameters, task, data, seed, where: `${storage.location}/${path}` },
    trainingNoise: run.model.training.inputNoise,
    onProgress: options.onProgress,
    signal: options.signal,
  });
  return createRunAnalysis({
    name: options.name ?? `${name}, seed ${seed}`,
    group: options.group ?? 'None',
    ...{ path, experiment, entry: run.model, task, data, model, parameters, seed, stored, backend, rollouts, mapBackend: options.mapBackend ?? backend },
    dataSeed: options.data?.seed ?? experiment.data.seed,
    checkpoint: { which, epoch },
    atEpoch: (at) => openOne(found, path, { task, data }, { ...options, checkpoint: at }),
  });
}

interface Parts {
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

function createRunAnalysis(parts: Parts): RunAnalysis {
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
