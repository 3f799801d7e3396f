// One micro-batch of trials through a model on a backend: noise, initial state, all time steps, and the way back to the gradient.
// The engine of training and evaluation; it knows no loss and no task. Memory is bounded by the micro-batch, not by the batch.
import type { Backend, KernelArgument } from '../backends/backend.js';
import type { Model } from '../models/model.js';
import { type RandomKey, randomKey } from '../random.js';
import { sizeOf, view, Workspace } from './workspace.js';

/** The random streams of one pass; null switches a source of noise off. Draws are keyed by the trial's index in its data set. */
export interface NoiseKeys {
  readonly initial: RandomKey | null;
  readonly state: RandomKey | null;
  readonly input: RandomKey | null;
}

/** Streams for training in `epoch`: fresh noise every time a trial is seen. */
export function trainingKeys(seed: number, epoch: number): NoiseKeys {
  return { initial: randomKey(seed, 'initial state noise', epoch), state: randomKey(seed, 'state noise', epoch), input: randomKey(seed, 'input noise', epoch) };
}

/** Streams for validation and analysis: the same noise on every evaluation of one seed. */
export function evaluationKeys(seed: number): NoiseKeys {
  const stream = (source: string) => randomKey(seed, `evaluation ${source}`);
  return { initial: stream('initial state noise'), state: stream('state noise'), input: stream('input noise') };
}

export interface RolloutOptions {
  readonly backend: Backend;
  readonly model: Model;
  /** Most trials of one call. */
  readonly trials: number;
  readonly steps: number;
  /** Keep what the backward pass needs. Default false. */
  readonly gradients?: boolean;
  /** Record the state of every step. Default false. */
  readonly states?: boolean;
  /** Also give the gradient with respect to the inputs. Default false. */
  readonly inputGradients?: boolean;
  /** Standard deviation of fresh noise on the inputs at every step. Default 0. */
  readonly inputNoise?: number;
}

/** Fewest trials of a micro-batch: four tiles of eight, so that a few threads have work whatever the byte limit says. */
const fewestTrials = 32;
/** Trials that kernels process together; micro-batches are multiples of it. */
const tile = 8;

/**
 * Trials of a micro-batch: as many as keep the activation cache within `bytes`, at least 32 (or the whole batch). Depends on shapes
 * only, never on threads, so that sums over micro-batches have one order.
 */
export function microBatchSize(backend: Backend, model: Model, steps: number, batchSize: number, bytes: number): number {
  if (batchSize <= fewestTrials) return batchSize;
  const { cache } = planBuffers({ backend, model, trials: fewestTrials, steps, gradients: true });
  const perTrial = (4 * (cache?.[0] as number)) / fewestTrials;
  const fitting = Math.floor(bytes / perTrial / tile) * tile;
  return Math.min(batchSize, Math.max(fewestTrials, fitting));
}

/** Shape of every buffer of a rollout: allocation and the estimate of memory read the same list. */
function planBuffers({ backend, model, trials, steps, gradients, states, inputGradients, inputNoise }: RolloutOptions): Record<string, readonly number[]> {
  const { inputSize, hiddenSize, outputSize, stateSize, parameterCount, kernel } = model;
  const shapes: Record<string, readonly number[]> = { initial_state: [trials, stateSize], outputs: [trials, steps, outputSize] };
  if (states) shapes.states = [trials, steps, stateSize];
  if (model.initialNoise > 0) shapes.initial_noise = [trials, hiddenSize];
  if (model.stateNoise > 0) shapes.state_noise = [trials, steps, hiddenSize];
  if ((inputNoise ?? 0) > 0) {
    shapes.input_noise = [trials, steps, inputSize];
    shapes.noisy_inputs = [trials, steps, inputSize];
  }
  // `scratchLength` reads shapes (and layer sizes) only: one element of memory stands for every array.
  const workspace = new Workspace(backend);
  try {
    const anyBuffer = workspace.allocate([1]);
    const layerSizes = kernel.layerSizes ? workspace.upload(kernel.layerSizes, [kernel.layerSizes.length], 'i32') : null;
    const scratch = (name: string, argument: string, names: readonly string[]) => {
      const known: Record<string, readonly number[]> = {
        ...shapes,
        inputs: [trials, steps, inputSize],
        parameters: [parameterCount],
        gradient: [parameterCount],
      };
      const args = Object.fromEntries(names.filter((key) => known[key]).map((key) => [key, view(anyBuffer, known[key] as readonly number[])]));
      return [backend.scratchLength(name, argument, { variant: kernel.variant, params: kernel.params, args: { ...args, layer_sizes: layerSizes } })];
    };
    const given = ['inputs', 'parameters', 'initial_state', 'state_noise', 'outputs'];
    if (gradients) {
      shapes.cache = scratch('rollout_forward', 'cache', [...given, 'states']);
      shapes.d_outputs = [trials, steps, outputSize];
      shapes.d_initial_state = [trials, stateSize];
      if (states) shapes.d_states = [trials, steps, stateSize];
      if (inputGradients) shapes.d_inputs = [trials, steps, inputSize];
      shapes.backward_scratch = scratch('rollout_backward', 'scratch', [...given, 'cache', 'd_outputs', 'd_states', 'gradient', 'd_initial_state', 'd_inputs']);
    }
    const withCache = scratch('rollout_forward', 'scratch', [...given, 'states', 'cache']);
    const without = scratch('rollout_forward', 'scratch', [...given, 'states']);
    shapes.forward_scratch = [Math.max(...withCache, ...without)];
  } finally {
    workspace.dispose();
  }
  return shapes;
}

/** Bytes that a `Rollout` with these options takes (4 an element). */
export function rolloutBytes(options: RolloutOptions): number {
  return 4 * Object.values(planBuffers(options)).reduce((sum, shape) => sum + sizeOf(shape), 0);
}

/** What one forward pass is given; b trials ≤ the rollout's capacity. */
export interface ForwardInput {
  /** The flat parameter vector [P]. */
  readonly parameters: KernelArgument;
  /** [b, T, I]. */
  readonly inputs: KernelArgument;
  /** Index of each trial in its data set [b], i32: keys the noise. */
  readonly trialIndices: KernelArgument;
  readonly keys: NoiseKeys;
  /** Keep what the backward pass needs. Default: whether the rollout was made for gradients. */
  readonly keep?: boolean;
}

/** What the last forward pass ran with; the backward pass needs it again. */
interface Pass {
  readonly trials: number;
  readonly shared: Readonly<Record<string, KernelArgument | null>>;
}

/** Buffers and kernel calls of a micro-batch. Every method only queues work. */
export class Rollout {
  readonly #options: RolloutOptions;
  readonly #workspace: Workspace;
  readonly #buffers: Readonly<Record<string, KernelArgument>>;
  readonly #layerSizes: KernelArgument | null;
  #last: Pass | null = null;

  /** Allocates everything at once. Throws BackendError when memory runs out, with nothing left behind. */
  constructor(options: RolloutOptions) {
    this.#options = options;
    this.#workspace = new Workspace(options.backend);
    try {
      const { layerSizes } = options.model.kernel;
      this.#layerSizes = layerSizes ? this.#workspace.upload(layerSizes, [layerSizes.length], 'i32') : null;
      this.#buffers = Object.fromEntries(Object.entries(planBuffers(options)).map(([name, shape]) => [name, this.#workspace.allocate(shape)]));
    } catch (error) {
      this.#workspace.dispose();
      throw error;
    }
  }

  /** One of the buffers, under the shape it has for the trials of the last forward pass. */
  #view(name: string, trials: number): KernelArgument {
    const whole = this.#buffers[name] as KernelArgument;
    return view(whole, [trials, ...whole.shape.slice(1)]);
  }

  #optional(name: string, trials: number): KernelArgument | null {
    return name in this.#buffers ? this.#view(name, trials) : null;
  }

  /** Runs b trials. Returns outputs [b, T, O] and, if recorded, states [b, T, S]; both stay valid until the next call. */
  forward({ parameters, inputs, trialIndices, keys, keep = true }: ForwardInput): { outputs: KernelArgument; states: KernelArgument | null } {
    const { backend, model } = this.#options;
    const trials = inputs.shape[0] as number;
    const shared = {
      inputs: this.#perturb(inputs, trialIndices, keys.input),
      parameters,
      initial_state: this.#start(parameters, trialIndices, keys.initial, trials),
      state_noise: this.#draw('state_noise', trialIndices, keys.state, model.stateNoise),
      layer_sizes: this.#layerSizes,
    };
    const outputs = this.#view('outputs', trials);
    const states = this.#optional('states', trials);
    backend.run('rollout_forward', {
      variant: model.kernel.variant,
      params: model.kernel.params,
      args: { ...shared, outputs, states, cache: keep ? this.#buffers.cache : null, scratch: this.#buffers.forward_scratch },
    });
    this.#last = { trials, shared };
    return { outputs, states };
  }

  /** Sets the gradients of the last outputs [b, T, O] and states [b, T, S] to zero and returns them, for losses to add to. */
  clearGradients(): { dOutputs: KernelArgument; dStates: KernelArgument | null } {
    const { trials } = this.#last as Pass;
    const dOutputs = this.#view('d_outputs', trials);
    const dStates = this.#optional('d_states', trials);
    for (const argument of [dOutputs, dStates]) {
      if (argument) this.#options.backend.run('fill', { args: { y: view(argument, [sizeOf(argument.shape)]) }, params: { value: 0 } });
    }
    return { dOutputs, dStates };
  }

  /** From the gradients of outputs and states back to `gradient` [P], which is added to; returns that of the inputs where asked for. */
  backward(gradient: KernelArgument): { dInputs: KernelArgument | null; dInitialState: KernelArgument } {
    const { backend, model } = this.#options;
    const { trials, shared } = this.#last as Pass;
    const dInitialState = this.#view('d_initial_state', trials);
    const dInputs = this.#optional('d_inputs', trials);
    backend.run('rollout_backward', {
      variant: model.kernel.variant,
      params: model.kernel.params,
      args: {
        ...shared,
        outputs: this.#view('outputs', trials),
        cache: this.#buffers.cache,
        d_outputs: this.#view('d_outputs', trials),
        d_states: this.#optional('d_states', trials),
        gradient,
        d_initial_state: dInitialState,
        d_inputs: dInputs,
        scratch: this.#buffers.backward_scratch,
      },
    });
    if (model.initialStateOffset >= 0) {
      backend.run('initial_state_backward', { args: { d_initial_state: dInitialState, gradient }, params: { offset: model.initialStateOffset } });
    }
    return { dInputs, dInitialState };
  }

  dispose(): void {
    this.#workspace.dispose();
  }

  /** Standard normal draws times `scale` into a buffer of this rollout, or null where that noise is off. */
  #draw(name: string, trialIndices: KernelArgument, key: RandomKey | null, scale: number): KernelArgument | null {
    if (!key || !(name in this.#buffers)) return null;
    const trials = trialIndices.shape[0] as number;
    const target = this.#view(name, trials);
    this.#options.backend.run('random', {
      variant: 'normal',
      args: { trial: trialIndices, y: view(target, [trials, sizeOf(target.shape.slice(1))]) },
      params: { key0: key[0] | 0, key1: key[1] | 0, scale },
    });
    return target;
  }

  #start(parameters: KernelArgument, trialIndices: KernelArgument, key: RandomKey | null, trials: number): KernelArgument {
    const { backend, model } = this.#options;
    const noise = this.#draw('initial_noise', trialIndices, key, 1);
    const start = this.#view('initial_state', trials);
    backend.run('initial_state_forward', {
      args: { parameters, noise, initial_state: start },
      params: { offset: model.initialStateOffset, noise_scale: noise ? model.initialNoise : 0 },
    });
    return start;
  }

  /** Inputs plus fresh noise, or the inputs themselves. */
  #perturb(inputs: KernelArgument, trialIndices: KernelArgument, key: RandomKey | null): KernelArgument {
    const noise = this.#draw('input_noise', trialIndices, key, this.#options.inputNoise ?? 0);
    if (!noise) return inputs;
    const size = sizeOf(inputs.shape);
    const noisy = this.#view('noisy_inputs', trialIndices.shape[0] as number);
    const flat = (argument: KernelArgument) => view(argument, [size]);
    const strides = { a_stride0: 0, a_stride1: 0, a_stride2: 0, a_stride3: 1, b_stride0: 0, b_stride1: 0, b_stride2: 0, b_stride3: 1 };
    this.#options.backend.run('elementwise_binary', {
      variant: 'add',
      args: { a: flat(inputs), b: flat(noise), y: flat(noisy) },
      params: { n0: 1, n1: 1, n2: 1, n3: size, ...strides },
    });
    return noisy;
  }
}
