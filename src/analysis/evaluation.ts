// Trained networks in their own and in a changed environment, on the same trials with the same noise: other options of the task, interventions, or both.
import type { Backend } from '../backends/backend.js';
import { type Experiment, modelOptionsOf, parseExperiment } from '../config/experiment.js';
import { setOption } from '../config/overrides.js';
import { experimentRuns, intervenedExperiment, type PreparedExperiment, prepareExperiment } from '../config/train.js';
import { ConfigError, NumericsError } from '../errors.js';
import { interventionWindows } from '../interventions/apply.js';
import { describeIntervention } from '../interventions/describe.js';
import type { Intervention } from '../interventions/options.js';
import { createModel, type Model } from '../models/model.js';
import { evaluate } from '../rollout/evaluate.js';
import { findExperiment } from '../runs/find-experiment.js';
import { type CheckpointChoice, openRun } from '../runs/open-run.js';
import type { Storage } from '../runs/storage.js';
import { selectTrials } from '../tasks/data.js';
import type { TaskLoader } from '../tasks/index.js';
import { networkSize, type Task } from '../tasks/task.js';
import type { NoiseChoice, Phase } from './analysis.js';
import type { EvaluationSummary, NetworkEvaluation } from './evaluation-data.js';
import { compareScores, type Concerned, type Course, deviationOf } from './evaluation-scores.js';
import { figureArray } from './figure-array.js';
import { resolveNoise, withNoise } from './noise-choice.js';
import { bodySummary, reachTrial, withTellingTrials } from './reach-trials.js';
import type { ReportEnvironment } from './summary-data.js';

export interface EvaluateRunOptions {
  readonly backend: Backend;
  /** What is done in the changed environment, besides what the experiment does: as an experiment's `interventions`, unchecked. */
  readonly interventions?: readonly unknown[];
  /** Options that differ, by path: `task.noise`, or `interventions` in place of the experiment's. Those of `data` hold in both environments. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Default: what differs, joined. */
  readonly name?: string;
  /** Default: the trials that validate. */
  readonly phase?: Phase;
  /** Default: the last. */
  readonly checkpoint?: CheckpointChoice;
  /** Default: as in training. */
  readonly noise?: NoiseChoice;
  /** Trials that figures show. Default 8. */
  readonly shownTrials?: number;
  /** What the page says of program and machine. */
  readonly environment?: ReportEnvironment;
  /** Imports the module of a custom task. */
  readonly loadTask?: TaskLoader;
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** The summary, and every network's outputs in both environments. */
export interface RunEvaluation {
  readonly summary: EvaluationSummary;
  /** Of each network in the order of the summary [V, T, O] and what its changed trials asked for; a body's outputs are the positions of its end point. */
  readonly arrays: readonly { readonly own: FigureShape; readonly changed: FigureShape }[];
  /** Positions of the trials in the data set [V], and 1 where one is concerned [V]. */
  readonly trialIndices: Int32Array;
  readonly perturbed: Uint8Array;
}

/** An array in f32 with its shape. */
export interface FigureShape {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const defaultShownTrials = 8;
/** Steps of a trial that figures show at most. */
const mostFigureSteps = 500;

/**
 * Evaluates every run of a directory (an experiment's, or a single run's) that has the checkpoint. Throws ConfigError, naming every problem, for options that
 * make no environment for these networks, or when nothing is changed; RunFormatError for what is no run; NumericsError when outputs are not finite.
 */
export async function evaluateRun(storage: Storage, options: EvaluateRunOptions): Promise<RunEvaluation> {
  const { backend, signal, checkpoint = 'last', phase = 'validation' } = options;
  const found = await findExperiment(storage);
  const { own: experiment, changed: changedExperiment } = environmentsOf(found.experiment, options, storage.location);
  const [first, second] = [await prepareExperiment(experiment, options.loadTask), await prepareExperiment(changedExperiment, options.loadTask)];
  checkNetwork(first.task, second.task, storage.location);
  const shownTrials = options.shownTrials ?? defaultShownTrials;
  const ordered = first.task.plant ? withTellingTrials(first.data, shownTrials) : first.data;
  const trialIndices = indicesOf(ordered, phase);
  const noise = resolveNoise(options.noise);
  const concerned = concernedTrials(experiment, first, changedExperiment, second, trialIndices);
  const notes = same(experiment.task, changedExperiment.task) ? idleNotes(experiment, first, changedExperiment, second, trialIndices) : [];
  const networks: NetworkEvaluation[] = [];
  const arrays: { own: FigureShape; changed: FigureShape }[] = [];
  const steps = Math.min(first.task.steps, second.task.steps);
  const stride = Math.ceil(steps / mostFigureSteps);
  const count = Math.min(shownTrials, trialIndices.length);
  const figure = (values: Float32Array, all: number, width: number) => figureArray(values, { all, steps, width, count, stride });
  let shown: { own: Course; changed: Course } | null = null;
  const ready: { path: string; model: Model; parameters: Float32Array; seed: number; name: string; trainingNoise: number; epoch: number }[] = [];
  for (const { identity, model: entry } of experimentRuns(experiment)) {
    if (!found.runs.includes(identity.path)) continue;
    const stored = await openRun(found.storage, identity.path);
    if (!stored.checkpoints.includes(checkpoint)) {
      notes.push(`${identity.model}, seed ${identity.seed}, has no checkpoint ${checkpoint} and is left out.`);
      continue;
    }
    const model = createModel(modelOptionsOf(entry), ...networkSize(first.task));
    const { epoch } = await stored.checkpoint(checkpoint);
    const parameters = await stored.parameters(model, checkpoint);
    ready.push({ path: identity.path, model, parameters, seed: identity.seed, name: identity.model, trainingNoise: entry.training.inputNoise, epoch });
  }
  if (ready.length === 0)
    throw new ConfigError(storage.location, [`expected a run with a checkpoint "${checkpoint}", got none; ${notes.join(' ') || 'no run has begun'}`]);
  for (const [i, { path, model, parameters, seed, name, trainingNoise, epoch }] of ready.entries()) {
    const course = async (setting: Experiment, prepared: PreparedExperiment): Promise<Course> => {
      const { task, data } = intervenedExperiment(setting, prepared, model.hiddenSize);
      const given = withNoise(selectTrials(data.set, trialIndices), noise, { seed, trialIndices, trainingNoise });
      const { outputs, movement } = await evaluate(backend, model, parameters, given.set, { seed, plant: task.plant, trialIndices, noise: given.noise });
      signal?.throwIfAborted();
      const result = { task, set: given.set, outputs, movement };
      checkFinite(result, `${name}, seed ${seed}`, setting === experiment ? 'its own environment' : 'the changed environment', trialIndices);
      return result;
    };
    const own = await course(experiment, first);
    const changed = await course(changedExperiment, second);
    shown ??= { own, changed };
    const drawn = !networks.some((network) => network.model === name);
    const { outputSize } = first.task;
    networks.push({
      ...{ model: name, seed, path, checkpoint: { kind: typeof checkpoint === 'number' ? `epoch ${checkpoint}` : checkpoint, epoch } },
      scores: compareScores(own, changed),
      deviation: deviationOf(own, changed, concerned, steps),
      untouched: untouchedOf(own, changed, concerned),
      shown: drawn ? { own: figure(own.outputs, own.set.steps, outputSize), changed: figure(changed.outputs, changed.set.steps, outputSize) } : null,
    });
    const array = ({ outputs, set }: Course): FigureShape => ({ shape: [set.trials, set.steps, outputSize], values: outputs });
    arrays.push({ own: array(own), changed: array(changed) });
    options.onProgress?.(i + 1, ready.length);
  }
  const { own, changed } = shown as { own: Course; changed: Course };
  const { plant } = first.task;
  const plans = (course: Course) =>
    Array.from({ length: count }, (_, trial) => reachTrial(course.task, (course.task.plant as NonNullable<Task['plant']>).body, course.set, trial));
  const changes = changesOf(experiment, changedExperiment, options.set ?? {});
  const summary: EvaluationSummary = {
    format: 'motorloop-evaluation',
    version: 1,
    name: options.name ?? nameOf(changedExperiment, experiment, options.set ?? {}),
    experiment: experiment.name,
    changes,
    set: options.set ?? {},
    interventions: changedExperiment.interventions ?? [],
    ownInterventions: experiment.interventions ?? [],
    task: { name: first.task.name, steps, stepDuration: first.task.stepDuration, outputLabels: first.task.outputLabels },
    trials: { phase, count: trialIndices.length, perturbed: concerned.filter((window) => window !== null).length, seed: experiment.data.seed },
    noise: noise.text,
    environment: options.environment ?? { version: '', commit: null, runtime: '', machine: '', command: null, date: null },
    backend: backend.description,
    networks,
    shown: {
      indices: Array.from(trialIndices.subarray(0, count)),
      stride,
      ownTargets: figure(own.set.targets, own.set.steps, first.task.outputSize),
      changedTargets: figure(changed.set.targets, changed.set.steps, first.task.outputSize),
      windows: concerned.slice(0, count),
    },
    reach: plant ? { body: bodySummary(plant.body), own: plans(own), changed: plans(changed) } : null,
    notes,
  };
  return { summary, arrays, trialIndices, perturbed: Uint8Array.from(concerned, (window) => (window ? 1 : 0)) };
}

/** The experiment as it was trained, on the data that were asked for, and as it is changed. Throws ConfigError with all problems. */
function environmentsOf(trained: Experiment, { set = {}, interventions = [] }: EvaluateRunOptions, where: string): { own: Experiment; changed: Experiment } {
  const problems = Object.keys(set).flatMap((path) =>
    /^(task|data|interventions)(\.|$)/.test(path)
      ? []
      : [`${path}: expected an option of task, data or interventions, got another one; what was trained stays as it is`],
  );
  if (problems.length > 0) throw new ConfigError('--set', problems);
  const change = (raw: unknown, paths: readonly string[]) => paths.reduce((changed, path) => setOption(changed, path, set[path], '--set'), raw);
  const raw = JSON.parse(JSON.stringify(trained)) as unknown;
  const data = Object.keys(set).filter((path) => path.startsWith('data'));
  const own = parseExperiment(change(raw, data), where);
  const altered = change(raw, Object.keys(set)) as { interventions?: unknown };
  const all = Array.isArray(altered.interventions ?? [])
    ? [...((altered.interventions as unknown[] | undefined) ?? []), ...interventions]
    : altered.interventions;
  const changed = parseExperiment({ ...altered, interventions: all }, `${where}, changed`);
  if (same(own.task, changed.task) && same(own.interventions ?? [], changed.interventions ?? []))
    throw new ConfigError('evaluate', ['expected something that differs from the trained environment, got nothing; name it with --intervention or --set']);
  return { own, changed };
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Throws ConfigError unless networks made for one task fit the other. */
function checkNetwork(own: Task, changed: Task, where: string): void {
  const [a, b] = [networkSize(own), networkSize(changed)];
  const same = a[0] === b[0] && a[1] === b[1] && own.outputSize === changed.outputSize;
  if (!same)
    throw new ConfigError(where, [
      `task: expected an environment for networks with ${a[0]} inputs and ${a[1]} outputs, got one with ${b[0]} and ${b[1]}; leave the number of channels, muscles and senses as it is`,
    ]);
}

function indicesOf({ trainingIndices, validationIndices }: PreparedExperiment['data'], phase: Phase): Int32Array {
  if (phase === 'validation') return validationIndices;
  return phase === 'train' ? trainingIndices : Int32Array.from([...trainingIndices, ...validationIndices]);
}

/** When each trial differs between the environments: by the interventions that only one of them has, or all of it where the task itself differs. */
function concernedTrials(own: Experiment, first: PreparedExperiment, changed: Experiment, second: PreparedExperiment, trialIndices: Int32Array): Concerned {
  if (!same(own.task, changed.task)) return Array.from(trialIndices, () => [0, Math.max(first.task.steps, second.task.steps)] as const);
  const { removed, added } = changedInterventions(own, changed);
  const windows = [...windowsOf(removed, first), ...windowsOf(added, second)];
  return Array.from(trialIndices, (trial) => {
    const own = windows.flatMap((all) => all[trial] ?? []);
    return own.length === 0 ? null : ([Math.min(...own.map(({ from }) => from)), Math.max(...own.map(({ until }) => until))] as const);
  });
}

function windowsOf(options: readonly Intervention[], { task, data }: PreparedExperiment) {
  const training = new Uint8Array(data.set.trials);
  for (const trial of data.trainingIndices) training[trial] = 1;
  return interventionWindows(options, { task, set: data.set, training });
}

/** What only one of the environments does, in the order in which it does it: the longest list that both have in common left out. */
function changedInterventions(own: Experiment, changed: Experiment): { removed: readonly Intervention[]; added: readonly Intervention[] } {
  const [a, b] = [own.interventions ?? [], changed.interventions ?? []];
  // common[i][j]: how long that list is from a[i] and b[j] on
  const common = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => common[i]?.[j] as number;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) (common[i] as number[])[j] = same(a[i], b[j]) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const [removed, added]: [Intervention[], Intervention[]] = [[], []];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && same(a[i], b[j])) [i, j] = [i + 1, j + 1];
    else if (j === b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) removed.push(a[i++] as Intervention);
    else added.push(b[j++] as Intervention);
  }
  return { removed, added };
}

/** A note for each intervention that only one environment has and that does nothing in the trials evaluated. */
function idleNotes(own: Experiment, first: PreparedExperiment, changed: Experiment, second: PreparedExperiment, trialIndices: Int32Array): string[] {
  const { removed, added } = changedInterventions(own, changed);
  const advice = trialIndices.length < first.data.set.trials ? '; phase all evaluates every trial of the data set' : '';
  return [...windowsOf(removed, first), ...windowsOf(added, second)].flatMap((windows, k) => {
    if (trialIndices.some((trial) => windows[trial] !== null)) return [];
    return [`${describeIntervention([...removed, ...added][k] as Intervention)}: does nothing in any of the ${trialIndices.length} trials evaluated${advice}.`];
  });
}

/** Throws NumericsError for the first output that is not a finite number: what is done may throw a network or a body out of all bounds. */
function checkFinite({ set, task, outputs }: Course, network: string, environment: string, trialIndices: Int32Array): void {
  const at = outputs.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const [trial, step] = [Math.floor(at / (set.steps * task.outputSize)), Math.floor(at / task.outputSize) % set.steps];
  throw new NumericsError(
    `${network}: expected finite outputs in ${environment}, got ${outputs[at]} in trial ${trialIndices[trial]} at step ${step}; do less to it, or at a shorter time step`,
  );
}

function untouchedOf(own: Course, changed: Course, concerned: Concerned): NetworkEvaluation['untouched'] {
  const size = own.outputs.length / own.set.trials;
  const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);
  const [a, b] = [bits(own.outputs), bits(changed.outputs)];
  let [trials, identical] = [0, true];
  concerned.forEach((window, trial) => {
    if (window) return;
    trials++;
    for (let i = trial * size; i < (trial + 1) * size; i++) identical &&= a[i] === b[i];
  });
  return { trials, identical };
}

/** What differs, a line each. */
function changesOf(own: Experiment, changed: Experiment, set: Readonly<Record<string, unknown>>): string[] {
  const { removed, added } = changedInterventions(own, changed);
  return [
    ...Object.entries(set).flatMap(([path, value]) =>
      path.startsWith('task') ? [`${path} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`] : [],
    ),
    ...removed.map((one) => `without: ${describeIntervention(one)}`),
    ...added.map(describeIntervention),
  ];
}

/** A name for a folder: kinds of what is done, and options of the task with their values. */
function nameOf(changed: Experiment, own: Experiment, set: Readonly<Record<string, unknown>>): string {
  const added = changedInterventions(own, changed).added.map(({ kind }) => kind);
  const options = Object.entries(set).flatMap(([path, value]) =>
    path.startsWith('task') ? [`${path.split('.').at(-1)}${typeof value === 'object' ? '' : `-${String(value)}`}`] : [],
  );
  const parts = [...options, ...new Set(added)];
  const name = (parts.length > 0 ? parts : ['without-interventions']).join('+').replaceAll(/[^A-Za-z0-9._+-]/g, '-');
  return name.slice(0, 60);
}
