// Runs a trained model over a set of trials and brings outputs and states back: for validation, analysis and figures.
import type { Backend, KernelArgument } from '../backends/backend.js';
import { ShapeError } from '../errors.js';
import type { Model } from '../models/model.js';
import type { TrialSet } from '../tasks/task.js';
import { evaluationKeys, type NoiseKeys, Rollout } from './rollout.js';
import { view, Workspace } from './workspace.js';

export interface EvaluateOptions {
  /** Seed of the run: keys the noise. */
  readonly seed: number;
  /** Sources of noise; each default is as in training: initial and state noise of the model on, extra input noise (a standard deviation) 0. */
  readonly noise?: { readonly initial?: boolean; readonly state?: boolean; readonly input?: number };
  /** Also return the states. Default false: S·T·H numbers. */
  readonly states?: boolean;
  /** Index of each trial in the data set that it comes from [S]; keys the noise. Default 0, 1, 2, … */
  readonly trialIndices?: Int32Array;
}

export interface Evaluation {
  /** [S, T, O]. */
  readonly outputs: Float32Array;
  /** [S, T, state size] (2H for the LSTM: h, c), or null when not asked for. */
  readonly states: Float32Array | null;
}

/** Bytes of recorded states that one pass may hold on the backend: small enough for any machine, large enough to keep threads busy. */
const passBytes = 32 * 1024 * 1024;

/**
 * Rolls a model out over every trial of a set, in passes of bounded memory. A trial's result depends on its inputs, the parameters, the
 * seed and its index alone. Throws ShapeError when parameters or trials do not fit the model.
 */
export async function evaluate(backend: Backend, model: Model, parameters: Float32Array, set: TrialSet, options: EvaluateOptions): Promise<Evaluation> {
  checkFit(model, parameters, set, options.trialIndices);
  const { trials, steps } = set;
  const inputNoise = options.noise?.input ?? 0;
  const recordStates = options.states ?? false;
  const outputs = new Float32Array(trials * steps * model.outputSize);
  const states = recordStates ? new Float32Array(trials * steps * model.stateSize) : null;
  if (trials === 0) return { outputs, states };
  const perTrial = 4 * steps * (model.stateSize + model.outputSize + 2 * model.inputSize);
  const pass = Math.min(trials, Math.max(32, Math.floor(passBytes / perTrial)));
  const indices = options.trialIndices ?? Int32Array.from({ length: trials }, (_, trial) => trial);

  const workspace = new Workspace(backend);
  let rollout: Rollout | null = null;
  try {
    rollout = new Rollout({ backend, model, trials: pass, steps, states: recordStates, inputNoise });
    const weights = workspace.upload(parameters, [model.parameterCount]);
    const inputs = workspace.allocate([pass, steps, model.inputSize]);
    const trialIndices = workspace.allocate([pass], 'i32');
    const keys = chosenKeys(options);
    for (let first = 0; first < trials; first += pass) {
      const count = Math.min(pass, trials - first);
      const size = steps * model.inputSize;
      backend.write(inputs.buffer, set.inputs.subarray(first * size, (first + count) * size));
      backend.write(trialIndices.buffer, indices.subarray(first, first + count));
      const result = rollout.forward({
        parameters: weights,
        inputs: view(inputs, [count, steps, model.inputSize]),
        trialIndices: view(trialIndices, [count]),
        keys,
      });
      await readInto(backend, result.outputs, outputs, first);
      if (states && result.states) await readInto(backend, result.states, states, first);
    }
  } finally {
    rollout?.dispose();
    workspace.dispose();
  }
  return { outputs, states };
}

function chosenKeys({ seed, noise }: EvaluateOptions): NoiseKeys {
  const keys = evaluationKeys(seed);
  return { initial: (noise?.initial ?? true) ? keys.initial : null, state: (noise?.state ?? true) ? keys.state : null, input: keys.input };
}

/** Copies a result [b, …] to the rows from `first` on of a host array. */
async function readInto(backend: Backend, source: KernelArgument, target: Float32Array, first: number): Promise<void> {
  const length = source.shape.reduce((product, size) => product * size, 1);
  target.set(await backend.read(source.buffer, 0, length), (first * length) / (source.shape[0] as number));
}

function checkFit(model: Model, parameters: Float32Array, set: TrialSet, trialIndices: Int32Array | undefined): void {
  if (parameters.length !== model.parameterCount) {
    throw new ShapeError(`evaluate: expected ${model.parameterCount} parameters, got ${parameters.length}; do they belong to another model?`);
  }
  if (set.inputs.length !== set.trials * set.steps * model.inputSize) {
    throw new ShapeError(
      `evaluate: expected inputs [${set.trials}, ${set.steps}, ${model.inputSize}], got ${set.inputs.length} numbers; was the model made for another task?`,
    );
  }
  if (trialIndices && trialIndices.length !== set.trials) {
    throw new ShapeError(`evaluate: expected trialIndices of length ${set.trials}, got ${trialIndices.length}`);
  }
}
