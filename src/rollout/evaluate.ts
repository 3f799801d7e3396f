// Runs a trained model over a set of trials and brings outputs and states back: for validation, analysis and figures.
import type { Backend, KernelArgument } from '../backends/backend.js';
import { ShapeError } from '../errors.js';
import type { Model } from '../models/model.js';
import type { Plant } from '../arm/plant.js';
import type { Movement, TrialSet } from '../tasks/task.js';
import { InterventionRows } from './interventions.js';
import { evaluationKeys, type NoiseKeys, type NoiseSource, sensorSources, withoutNoise } from './noise.js';
import { externalInputs, fittingTrials, rolloutBytes, type RolloutOptions } from './plan.js';
import { type ForwardResult, Rollout } from './rollout.js';
import { sizeOf, view, Workspace } from './workspace.js';

export interface EvaluateOptions {
  /** Seed of the run: keys the noise. */
  readonly seed: number;
  /** The body that the network moves, where the task has one: `task.plant`. */
  readonly plant?: Plant | undefined;
  /** Sources of noise; each default is as in training: all of the model and of the plant on, extra input noise (a standard deviation) 0. */
  readonly noise?: Readonly<Partial<Record<Exclude<NoiseSource, 'input'>, boolean>>> & { readonly input?: number };
  /** Also return the states. Default false: S·T·H numbers. */
  readonly states?: boolean;
  /** Also return what the network saw, noise and observation included. Default false. */
  readonly networkInputs?: boolean;
  /** Index of each trial in the data set that it comes from [S]; keys the noise. Default 0, 1, 2, … */
  readonly trialIndices?: Int32Array;
}

export interface Evaluation {
  /** [S, T, O]; with a plant the positions of its end point, m [S, T, 2]. */
  readonly outputs: Float32Array;
  /** [S, T, state size] (2H for the LSTM: h, c), or null when not asked for. */
  readonly states: Float32Array | null;
  /** [S, T, I] with the I inputs of the network, or null when not asked for. */
  readonly networkInputs: Float32Array | null;
  /** What else moved, or null without a plant. */
  readonly movement: Movement | null;
}

/** Bytes that one pass may hold on the backend: small enough for any machine, large enough to keep threads busy. */
const passBytes = 32 * 1024 * 1024;
const fewestTrials = 32;

/**
 * Rolls a model out over every trial of a set, in passes of bounded memory. A trial's result depends on its inputs, the parameters, the
 * seed and its index alone. Throws ShapeError when parameters or trials do not fit the model.
 */
export async function evaluate(backend: Backend, model: Model, parameters: Float32Array, set: TrialSet, options: EvaluateOptions): Promise<Evaluation> {
  const plant =
    options.plant &&
    withoutNoise(
      options.plant,
      sensorSources.filter((source) => options.noise?.[source] === false),
    );
  checkFit({ model, plant }, parameters, set, options.trialIndices);
  const { trials, steps } = set;
  const { states = false, networkInputs = false } = options;
  const host = new Collected({ model, plant }, trials, steps, { states, networkInputs });
  if (trials === 0) return host.evaluation();
  const common = { backend, model, plant, steps, states, networkInputs, inputNoise: options.noise?.input ?? 0 };
  const perTrial = rolloutBytes({ ...common, trials: fewestTrials }) / fewestTrials;
  const wanted = Math.min(trials, Math.max(fewestTrials, Math.floor(passBytes / perTrial)));
  const pass = fittingTrials({ ...common, trials: wanted }, [[steps, externalInputs({ model, plant })]]);
  const indices = options.trialIndices ?? Int32Array.from({ length: trials }, (_, trial) => trial);

  const workspace = new Workspace(backend);
  let rollout: Rollout | null = null;
  try {
    rollout = new Rollout({ ...common, trials: pass });
    const weights = workspace.upload(parameters, [model.parameterCount]);
    const trialIndices = workspace.allocate([pass], 'i32');
    const columns = columnsOf({ model, plant }, set).map((column) => ({ ...column, device: workspace.allocate([pass, ...column.shape]) }));
    const interventions = set.interventions && new InterventionRows(workspace, set.interventions, pass, steps);
    const keys = chosenKeys(options);
    for (let first = 0; first < trials; first += pass) {
      const count = Math.min(pass, trials - first);
      backend.write(trialIndices.buffer, indices.subarray(first, first + count));
      const rows = columns.map(({ name, data, shape, device }) => {
        const size = sizeOf(shape);
        backend.write(device.buffer, data.subarray(first * size, (first + count) * size));
        return [name, view(device, [count, ...shape])];
      });
      const named = Object.fromEntries(rows) as { inputs: KernelArgument };
      const acting = interventions?.take(Array.from({ length: count }, (_, i) => first + i)) ?? null;
      const given = { ...named, parameters: weights, trialIndices: view(trialIndices, [count]), keys, interventions: acting };
      await host.add(backend, rollout.forward(given), first);
    }
  } finally {
    rollout?.dispose();
    workspace.dispose();
  }
  return host.evaluation();
}

/** What the trials hand to a rollout, by the names of its input. */
function columnsOf(loop: Loop, set: TrialSet): { name: 'inputs' | 'joints' | 'endpointLoads' | 'jointLoads'; data: Float32Array; shape: number[] }[] {
  const { steps } = set;
  return [
    { name: 'inputs' as const, data: set.inputs, shape: [steps, externalInputs(loop)] },
    ...(loop.plant ? [{ name: 'joints' as const, data: set.joints as Float32Array, shape: [4] }] : []),
    ...(loop.plant && set.endpointLoads ? [{ name: 'endpointLoads' as const, data: set.endpointLoads, shape: [steps, 2] }] : []),
    ...(loop.plant && set.jointLoads ? [{ name: 'jointLoads' as const, data: set.jointLoads, shape: [steps, 2] }] : []),
  ];
}

type Loop = Pick<RolloutOptions, 'model' | 'plant'>;

/** Results of all passes on the host. */
class Collected {
  readonly #arrays: Readonly<Partial<Record<keyof ForwardResult, Float32Array>>>;
  readonly #trials: number;
  readonly #closed: boolean;

  constructor({ model, plant }: Loop, trials: number, steps: number, { states, networkInputs }: { states: boolean; networkInputs: boolean }) {
    const array = (...shape: number[]) => new Float32Array(trials * sizeOf(shape));
    this.#trials = trials;
    this.#closed = plant !== undefined;
    this.#arrays = {
      outputs: array(steps, model.outputSize),
      ...(states ? { states: array(steps, model.stateSize) } : {}),
      ...(networkInputs ? { networkInputs: array(steps, model.inputSize) } : {}),
      ...(plant
        ? {
            fingertip: array(steps, 2),
            joint: array(steps + 1, 4),
            muscle: array(steps + 1, plant.body.muscleRows.length, plant.body.muscles),
          }
        : {}),
    };
  }

  /** Copies the results of a pass [b, …] to the rows from `first` on. */
  async add(backend: Backend, result: ForwardResult, first: number): Promise<void> {
    for (const [name, target] of Object.entries(this.#arrays)) {
      const source = result[name as keyof ForwardResult] as KernelArgument;
      const length = sizeOf(source.shape);
      target.set(await backend.read(source.buffer, 0, length), first * (target.length / this.#trials));
    }
  }

  evaluation(): Evaluation {
    const { outputs, states = null, networkInputs = null, fingertip, joint, muscle } = this.#arrays as Readonly<Record<string, Float32Array>>;
    if (!this.#closed) return { outputs: outputs as Float32Array, states, networkInputs, movement: null };
    const movement = { actions: outputs as Float32Array, joint: joint as Float32Array, muscle: muscle as Float32Array };
    return { outputs: fingertip as Float32Array, states, networkInputs, movement };
  }
}

/** Streams of noise, but for the sources of the network that are off; those of the plant are off in the plant. */
function chosenKeys({ seed, noise }: EvaluateOptions): NoiseKeys {
  const keys = evaluationKeys(seed);
  return { ...keys, initial: (noise?.initial ?? true) ? keys.initial : null, state: (noise?.state ?? true) ? keys.state : null };
}

function checkFit(loop: Loop, parameters: Float32Array, set: TrialSet, trialIndices: Int32Array | undefined): void {
  const { model, plant } = loop;
  if (parameters.length !== model.parameterCount) {
    throw new ShapeError(`evaluate: expected ${model.parameterCount} parameters, got ${parameters.length}; do they belong to another model?`);
  }
  const inputs = externalInputs(loop);
  if (set.inputs.length !== set.trials * set.steps * inputs) {
    throw new ShapeError(
      `evaluate: expected inputs [${set.trials}, ${set.steps}, ${inputs}], got ${set.inputs.length} numbers; was the model made for another task?`,
    );
  }
  if (plant && model.outputSize !== plant.body.muscles) {
    throw new ShapeError(`evaluate: expected a model with an output for each of the ${plant.body.muscles} muscles, got ${model.outputSize}`);
  }
  if (plant && set.joints?.length !== 4 * set.trials) {
    throw new ShapeError(`evaluate: expected initial joint states [${set.trials}, 4], got ${set.joints ? `${set.joints.length} numbers` : 'none'}`);
  }
  if (trialIndices && trialIndices.length !== set.trials) {
    throw new ShapeError(`evaluate: expected trialIndices of length ${set.trials}, got ${trialIndices.length}`);
  }
}
