// From a run directory to the summary of an experiment: rebuilds the data, rolls every network out, and measures what the report shows.
import type { Body } from '../arm/body.js';
import type { Backend } from '../backends/backend.js';
import { type Experiment, type ExperimentModel, experimentHash, modelOptionsOf } from '../config/experiment.js';
import { experimentRuns, intervenedExperiment, type PreparedExperiment, prepareExperiment } from '../config/train.js';
import { RunFormatError } from '../errors.js';
import { createModel, type Model } from '../models/model.js';
import { type CheckpointChoice, openRun, type StoredRun } from '../runs/open-run.js';
import type { Storage } from '../runs/storage.js';
import { selectTrials, type TrialData } from '../tasks/data.js';
import type { TaskLoader } from '../tasks/index.js';
import { networkSize, type Task, type TrialSet } from '../tasks/task.js';
import { type Collected, collectGroup } from './collect.js';
import type { NoiseChoice } from './analysis.js';
import { resolveNoise, withNoise } from './noise-choice.js';
import { mergeMoments } from './moments.js';
import { multitaskExamples, multitaskTasks, summariseMultitask } from './multitask.js';
import { participationRatio, principalComponents, project } from './pca.js';
import { summariseReach } from './reach.js';
import { bodySummary, reachTrial, withTellingTrials } from './reach-trials.js';
import { affineR2Matrix } from './regression.js';
import { accuracyPerOutput, constantLoss, isBinary, memoryStates, mostMemoryBits, round, roundAll, taskLoss } from './scores.js';
import type { ExperimentSummary, FigureArray, LearningCurves, ReachRun, ReportEnvironment, RunSummary, SimilaritySummary } from './summary-data.js';

export interface SummaryOptions {
  readonly experiment: Experiment;
  /** The experiment's directory, with one run per `MODEL/seed-N`. */
  readonly storage: Storage;
  readonly backend: Backend;
  readonly environment: ReportEnvironment;
  /** Which checkpoint of each run. Default: the last. */
  readonly checkpoint?: CheckpointChoice;
  /** Which noise the networks are measured with. Default: as in training. */
  readonly noise?: NoiseChoice;
  /** Imports the module of a custom task. */
  readonly loadTask?: TaskLoader;
  /** Validation trials that figures show: the first ones, of reaches some of every kind. Default 12. */
  readonly shownTrials?: number;
  /** Hears the share done, 0 to 1, now and then. */
  readonly onProgress?: (share: number) => void;
  /** Aborts between two passes: then `summariseExperiment` throws its reason. */
  readonly signal?: AbortSignal;
}

const defaultShownTrials = 12;
/** Steps of a trial that figures show at most; longer trials are shown every second, third, … step. */
const mostFigureSteps = 1000;
/** The same where a body moves, whose trials have many more channels. */
const mostMovementSteps = 400;
/** Kept epochs whose hand paths are drawn at most, evenly spread, besides the analysed checkpoint. */
const mostKeptEpochs = 5;
/** Epochs that curves show at most, evenly spread; metrics.jsonl has all. */
const mostCurvePoints = 1000;
/** Units of all networks together up to which every pair is compared: the products grow with the square (about 10 s on two cores at 1024). */
const mostJointUnits = 1024;
const screeComponents = 10;

interface Candidate {
  readonly stored: StoredRun;
  readonly entry: ExperimentModel;
  readonly model: Model;
  readonly parameters: Float32Array;
  /** `last`, `best` or `epoch N`. */
  readonly kind: string;
  readonly epoch: number;
  readonly step: number;
  readonly seed: number;
  readonly shown: boolean;
}

/**
 * Summarises the finished runs of an experiment; runs without a checkpoint are left out and named in `notes`.
 * The first seed of each model is drawn; every run counts in scree, tables and state R². Deterministic apart from recorded times.
 * Throws RunFormatError when a run is damaged or none can be read, NumericsError when a network's states are not finite.
 */
export async function summariseExperiment(options: SummaryOptions): Promise<ExperimentSummary> {
  const { experiment, backend } = options;
  const prepared = await prepareExperiment(experiment, options.loadTask);
  const notes: string[] = [];
  const candidates = await readCandidates(options, prepared.task, notes);
  const environments = environmentsOf(experiment, prepared, candidates, options.shownTrials ?? defaultShownTrials);
  const { task, data } = environments[0] as PreparedExperiment;
  const shownTrials = Math.min(options.shownTrials ?? defaultShownTrials, data.validationIndices.length);
  const validation = selectTrials(data.set, data.validationIndices);
  const { collected, similarity } = await collectAll(options, candidates, environments, shownTrials, notes);
  const stride = Math.ceil(task.steps / (task.plant ? mostMovementSteps : mostFigureSteps));
  if (stride > 1) notes.push(`Figures of trials show every ${stride}${stride === 2 ? 'nd' : stride === 3 ? 'rd' : 'th'} of ${task.steps} steps.`);
  if (candidates.some(({ entry }) => entry.cell === 'lstm')) notes.push('The latents of an LSTM are its hidden state h; the cell state c is left out.');
  const figure = (values: Float32Array | Float64Array, width: number) => figureArray(values, task.steps, width, shownTrials, stride);
  const runs: RunSummary[] = [];
  for (const [i, candidate] of candidates.entries()) {
    const seen = collected[i] as Collected;
    const own = environments[i] as PreparedExperiment;
    const ownValidation = own.data === data ? validation : selectTrials(own.data.set, own.data.validationIndices);
    const reach = await reachOf(options, candidate, seen, task, own.data, ownValidation, shownTrials, figure);
    const multitask = summariseMultitask(task, ownValidation, seen.outputs, candidate.shown);
    runs.push({ ...summariseRun(candidate, seen, task, validation, shownTrials, figure), reach, ...(multitask ? { multitask } : {}), dynamics: null });
    options.signal?.throwIfAborted();
  }
  return {
    format: 'motorloop-analysis',
    version: 1,
    name: experiment.name,
    hash: experimentHash(experiment),
    seed: experiment.seed,
    task: {
      name: task.name,
      parameters: task.parameters,
      steps: task.steps,
      stepDuration: task.stepDuration,
      inputLabels: task.inputLabels,
      outputLabels: task.outputLabels,
      lossKind: task.loss.kind,
      binary: isBinary(task, validation),
    },
    noise: resolveNoise(options.noise).text,
    data: { trials: data.set.trials, trainingTrials: data.trainingIndices.length, validationTrials: data.validationIndices.length, seed: experiment.data.seed },
    environment: options.environment,
    backend: backend.description,
    constantLoss: rounded(constantLoss(task, validation)),
    runs,
    trials: {
      indices: Array.from(data.validationIndices.subarray(0, shownTrials)),
      stride,
      inputs: figure(shownInputs(validation, data, candidates[0] as Candidate, options.noise), task.inputSize),
      targets: figure(validation.targets, task.outputSize),
    },
    reach: task.plant ? reachSummary(task, task.plant.body, validation, shownTrials) : null,
    ...(multitaskTasks(task) ? { examples: multitaskExamples(task, validation, data.validationIndices) } : {}),
    similarity,
    notes,
  };
}

/**
 * What each network is rolled out in; one object for all where interventions do not depend on their sizes. Of reaches, the trials that figures show come
 * first among those that validate.
 */
function environmentsOf(experiment: Experiment, prepared: PreparedExperiment, candidates: readonly Candidate[], shown: number): PreparedExperiment[] {
  const { task } = prepared;
  const ordered = task.plant ? { task, data: withTellingTrials(prepared.data, shown) } : prepared;
  const bySize = new Map<number, PreparedExperiment>();
  return candidates.map(({ model: { hiddenSize } }) => {
    const made = bySize.get(hiddenSize) ?? intervenedExperiment(experiment, ordered, hiddenSize);
    bySize.set(hiddenSize, made);
    return made;
  });
}

async function readCandidates({ experiment, storage, checkpoint = 'last' }: SummaryOptions, task: Task, notes: string[]): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const { identity, model: entry } of experimentRuns(experiment)) {
    const name = `${identity.model}, seed ${identity.seed}`;
    if (!(await storage.exists(`${identity.path}/manifest.json`))) {
      notes.push(`${name} was not trained yet.`);
      continue;
    }
    const stored = await openRun(storage, identity.path);
    if (!stored.checkpoints.includes(checkpoint)) {
      notes.push(`${name} has no checkpoint ${checkpoint} (status: ${stored.manifest.status}) and is left out.`);
      continue;
    }
    if (stored.manifest.error !== null) notes.push(`${name} stopped with an error: ${stored.manifest.error}`);
    const model = createModel(modelOptionsOf(entry), ...networkSize(task));
    const { epoch, step } = await stored.checkpoint(checkpoint);
    const shown = !candidates.some((other) => other.entry.name === entry.name);
    candidates.push({
      stored,
      entry,
      model,
      parameters: await stored.parameters(model, checkpoint),
      kind: typeof checkpoint === 'number' ? `epoch ${checkpoint}` : checkpoint,
      epoch,
      step,
      seed: identity.seed,
      shown,
    });
  }
  if (candidates.length === 0) throw new RunFormatError(`${storage.location}: expected at least one run with a checkpoint, got none; ${notes.join(' ')}`);
  return candidates;
}

/** Rolls out everything: all networks in one group if they fit, else the shown ones together and the others each alone. */
async function collectAll(
  { backend, noise, onProgress, signal }: SummaryOptions,
  candidates: readonly Candidate[],
  environments: readonly PreparedExperiment[],
  shownTrials: number,
  notes: string[],
): Promise<{ collected: Collected[]; similarity: SimilaritySummary | null }> {
  const units = (group: readonly Candidate[]) => group.reduce((sum, { model }) => sum + model.hiddenSize, 0);
  const shown = candidates.filter((candidate) => candidate.shown);
  const joint = units(candidates) <= mostJointUnits ? candidates : units(shown) <= mostJointUnits ? shown : [];
  if (joint.length < candidates.length) {
    const which = joint.length > 0 ? 'is computed for the first seed of each model only' : 'is left out';
    notes.push(`State R² ${which}: all networks together have ${units(candidates)} units, more than ${mostJointUnits}.`);
  }
  const groups = [...(joint.length > 0 ? [joint] : []), ...candidates.filter((candidate) => !joint.includes(candidate)).map((candidate) => [candidate])];
  const { task, data } = environments[0] as PreparedExperiment;
  const total = candidates.length * data.set.trials;
  const results = new Map<Candidate, Collected>();
  let done = 0;
  for (const group of groups) {
    const networks = group.map((candidate) => ({
      model: candidate.model,
      parameters: candidate.parameters,
      seed: candidate.seed,
      inputNoise: candidate.entry.training.inputNoise,
      shown: candidate.shown,
      set: (environments[candidates.indexOf(candidate)] as PreparedExperiment).data.set,
    }));
    const parts = await collectGroup(backend, networks, task, data, shownTrials, resolveNoise(noise), (count) => {
      signal?.throwIfAborted();
      done += count;
      onProgress?.(done / total);
    });
    group.forEach((candidate, i) => results.set(candidate, parts[i] as Collected));
  }
  const collected = candidates.map((candidate) => results.get(candidate) as Collected);
  const compared = joint.length > 1 ? joint.map((candidate) => candidates.indexOf(candidate)) : [];
  return { collected, similarity: compared.length > 1 ? compareStates(compared, collected) : null };
}

function compareStates(runs: readonly number[], collected: readonly Collected[]): SimilaritySummary {
  const { train, validation } = collected[runs[0] as number] as Collected;
  const ranges = runs.map((run) => (collected[run] as Collected).range);
  const scores = affineR2Matrix(train, validation, ranges);
  return {
    runs,
    r2: scores.map((row) => row.map(({ r2 }) => rounded(r2))),
    perComponent: scores.map((row) => row.map(({ perComponent }) => perComponent.slice(0, screeComponents).map(rounded))),
    trainingSamples: train.count,
    validationSamples: validation.count,
  };
}

function summariseRun(
  { stored, entry, model, kind, epoch, step, seed }: Candidate,
  { train, validation: heldOut, range, outputs, movement, latents }: Collected,
  task: Task,
  validation: TrialSet,
  shownTrials: number,
  figure: (values: Float32Array | Float64Array, width: number) => FigureArray,
): Omit<RunSummary, 'reach' | 'dynamics'> {
  const moments = mergeMoments(train, heldOut);
  const pca = principalComponents(moments, range);
  const scores = latents && project(pca, latents, 3);
  const ratios = Array.from(pca.ratios.subarray(0, screeComponents));
  const binary = isBinary(task, validation);
  const rows = stored.metrics.slice(0, epoch);
  const last = rows.at(-1);
  return {
    model: entry.name,
    seed,
    path: stored.path,
    description: describeModel(entry),
    hiddenSize: model.hiddenSize,
    parameterCount: model.parameterCount,
    status: stored.manifest.reason ?? stored.manifest.status,
    checkpoint: { kind, epoch },
    optimiserSteps: step,
    seconds: round(stored.manifest.seconds),
    backend: stored.manifest.backend,
    recipe: describeTraining(entry),
    curves: curvesOf(stored.metrics),
    final: { trainLoss: rounded(last?.trainLoss ?? null), validationLoss: rounded(last?.validationLoss ?? null), metrics: finiteMetrics(last?.metrics ?? {}) },
    best: stored.manifest.best && { epoch: stored.manifest.best.epoch, validationLoss: round(stored.manifest.best.validationLoss) },
    evaluation: {
      loss: rounded(taskLoss(task, outputs, validation, movement)),
      metrics: finiteMetrics(task.metrics?.(outputs, validation, movement ?? undefined) ?? {}),
      accuracyPerOutput: binary ? roundAll(accuracyPerOutput(task, outputs, validation)) : null,
    },
    scree: {
      samples: moments.count,
      ratios: roundAll(ratios),
      cumulative: ratios.map((_, k) => round(ratios.slice(0, k + 1).reduce((sum, ratio) => sum + ratio, 0))),
      participationRatio: round(participationRatio(pca)),
    },
    latents: scores && figure(heldAfterEnds(scores, validation, 3), 3),
    outputs: latents && figure(outputs, task.outputSize),
    memory: binary && task.outputSize <= mostMemoryBits ? memoryStates(task, outputs, validation, scores, shownTrials) : null,
  };
}

/** What networks are given in the validation trials: with the noise on the inputs that was asked for, as the first network has it. */
function shownInputs(validation: TrialSet, data: TrialData, { seed }: Candidate, noise: NoiseChoice | undefined): Float32Array {
  return withNoise(validation, resolveNoise(noise), { seed, trialIndices: data.validationIndices, trainingNoise: 0 }).set.inputs;
}

/** The body and what happens in the shown trials. */
function reachSummary(task: Task, body: Body, validation: TrialSet, shownTrials: number): ExperimentSummary['reach'] {
  return { body: bodySummary(body), trials: Array.from({ length: shownTrials }, (_, trial) => reachTrial(task, body, validation, trial)) };
}

/** How a network moves its body; null for tasks without one. */
async function reachOf(
  { backend, noise }: SummaryOptions,
  { stored, entry, model, parameters, seed, epoch, shown }: Candidate,
  { outputs, movement }: Collected,
  task: Task,
  data: TrialData,
  validation: TrialSet,
  shownTrials: number,
  figure: (values: Float32Array | Float64Array, width: number) => FigureArray,
): Promise<ReachRun | null> {
  const { plant } = task;
  if (!plant || !movement) return null;
  const errorAt = (at: number) => rounded(stored.metrics[at - 1]?.metrics.endPointError ?? null);
  const epochs = stored.checkpoints.filter((which): which is number => typeof which === 'number' && which < epoch);
  const every = Math.max(1, (epochs.length - 1) / (mostKeptEpochs - 1));
  const chosen = [...new Set(epochs.map((_, i) => Math.round(i * every)))].flatMap((i) => epochs[i] ?? []);
  const kept = [];
  for (const at of shown ? chosen : []) kept.push({ epoch: at, error: errorAt(at), parameters: await stored.parameters(model, at) });
  const network = { model, parameters, seed, inputNoise: entry.training.inputNoise, noise: resolveNoise(noise), shown };
  return summariseReach({ backend, task, plant, data, validation, ...network, outputs, movement, shownTrials, kept, epoch, error: errorAt(epoch), figure });
}

/** Values [K, T, width] in which every trial stays where it was in its last step that counts. */
function heldAfterEnds(values: Float64Array, { steps, lengths }: TrialSet, width: number): Float64Array {
  if (!lengths) return values;
  const held = values.slice();
  const trials = values.length / (steps * width);
  for (let trial = 0; trial < trials; trial++) {
    const end = trial * steps + (lengths[trial] as number);
    for (let step = end; step < (trial + 1) * steps; step++) held.copyWithin(step * width, (end - 1) * width, end * width);
  }
  return held;
}

/** The first `trials` trials of [S, T, width], every `stride`-th step. */
function figureArray(values: Float32Array | Float64Array, steps: number, width: number, trials: number, stride: number): FigureArray {
  const kept = Math.ceil(steps / stride);
  const result: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    for (let step = 0; step < steps; step += stride) {
      const start = (trial * steps + step) * width;
      for (let i = 0; i < width; i++) result.push(round(values[start + i] as number));
    }
  }
  return { shape: [trials, kept, width], values: result };
}

function curvesOf(rows: StoredRun['metrics']): LearningCurves {
  const every = Math.ceil(rows.length / mostCurvePoints);
  const kept = rows.filter((_, i) => i % every === 0 || i === rows.length - 1);
  const names = [...new Set(kept.flatMap((row) => Object.keys(row.metrics)))];
  return {
    epoch: kept.map(({ epoch }) => epoch),
    trainLoss: kept.map(({ trainLoss }) => round(trainLoss)),
    validationLoss: kept.map(({ validationLoss }) => round(validationLoss)),
    metrics: Object.fromEntries(names.map((name) => [name, kept.map(({ metrics }) => rounded(metrics[name] ?? null))])),
  };
}

function finiteMetrics(metrics: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).flatMap(([name, value]) => (value !== null && Number.isFinite(value) ? [[name, round(value)]] : [])));
}

const rounded = (value: number | null): number | null => (value === null ? null : round(value));

const cellNames = { gru: 'GRU', lstm: 'LSTM', rnn: 'vanilla RNN', driscoll: 'Driscoll leaky RNN' } as const;

function describeModel(entry: ExperimentModel): string {
  if (entry.cell === 'node')
    return `NODE with ${entry.hiddenSize} state variable${entry.hiddenSize === 1 ? '' : 's'}, layers of ${entry.layerSizes.join(', ')}`;
  return `${cellNames[entry.cell]} with ${entry.hiddenSize} unit${entry.hiddenSize === 1 ? '' : 's'}`;
}

function describeTraining({ training }: ExperimentModel): string {
  const { optimizer, learningRate, batchSize, clip } = training;
  const name = { adam: 'Adam', adamw: 'AdamW', sgd: 'SGD' }[optimizer.name];
  return `batches of ${batchSize}, ${name} ${learningRate}${clip === null ? '' : `, clipping at ${clip}`}`;
}
