// From a run directory to the summary of an experiment: rebuilds the data, rolls every network out, and measures what the report shows.
import { perturbedParts, perturbedRun } from './perturbed.js';
import type { Body } from '../arm/body.js';
import type { Backend } from '../backends/backend.js';
import { type Experiment, experimentHash } from '../config/experiment.js';
import { intervenedExperiment, type PreparedExperiment, prepareExperiment } from '../config/train.js';
import type { CheckpointChoice } from '../runs/open-run.js';
import type { Storage } from '../runs/storage.js';
import { selectTrials, type TrialData } from '../tasks/data.js';
import type { TaskLoader } from '../tasks/index.js';
import type { Task, TrialSet } from '../tasks/task.js';
import { type Collected, collectGroup } from './collect.js';
import { figureArray } from './figure-array.js';
import { someEpochs } from './kept-epochs.js';
import type { NoiseChoice } from './analysis.js';
import { resolveNoise, withNoise } from './noise-choice.js';
import { multitaskExamples, multitaskTasks, summariseMultitask } from './multitask.js';
import { summariseReach } from './reach.js';
import { bodySummary, reachTrial, withTellingTrials } from './reach-trials.js';
import { affineR2Matrix } from './regression.js';
import { rounded, screeComponents, summariseRun } from './run-summary.js';
import { constantLoss, isBinary } from './scores.js';
import { type Candidate, readCandidates } from './summary-candidates.js';
import type { ExperimentSummary, FigureArray, ReachRun, ReportEnvironment, RunSummary, SimilaritySummary } from './summary-data.js';

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
/** Units of all networks together up to which every pair is compared: the products grow with the square (about 10 s on two cores at 1024). */
const mostJointUnits = 1024;

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
  const figure = (values: Float32Array | Float64Array, width: number) =>
    figureArray(values, { all: task.steps, steps: task.steps, width, count: shownTrials, stride });
  const { interventions = [] } = experiment;
  const parts = interventions.length > 0 ? perturbedParts(interventions, task, data) : null;
  const runs: RunSummary[] = [];
  for (const [i, candidate] of candidates.entries()) {
    const seen = collected[i] as Collected;
    const own = environments[i] as PreparedExperiment;
    const ownValidation = own.data === data ? validation : selectTrials(own.data.set, own.data.validationIndices);
    const reach = await reachOf(options, candidate, seen, task, own.data, ownValidation, shownTrials, figure);
    const multitask = summariseMultitask(task, ownValidation, seen.outputs, candidate.shown);
    const course = { task: own.task, set: ownValidation, outputs: seen.outputs, movement: seen.movement };
    const perturbed = parts && perturbedRun(course, parts, candidate.shown, stride);
    const common = summariseRun(candidate, seen, task, validation, shownTrials, figure);
    runs.push({ ...common, reach, ...(multitask ? { multitask } : {}), ...(perturbed ? { perturbed } : {}), dynamics: null });
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
    ...(parts ? { interventions: parts.summary } : {}),
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
  const kept = [];
  for (const at of shown ? someEpochs(epochs, mostKeptEpochs) : [])
    kept.push({ epoch: at, error: errorAt(at), parameters: await stored.parameters(model, at) });
  const network = { model, parameters, seed, inputNoise: entry.training.inputNoise, noise: resolveNoise(noise), shown };
  return summariseReach({ backend, task, plant, data, validation, ...network, outputs, movement, shownTrials, kept, epoch, error: errorAt(epoch), figure });
}
