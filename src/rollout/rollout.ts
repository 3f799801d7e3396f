// One micro-batch of trials through a model on a backend, alone or moving a body: noise, initial state, all time steps, and the way back to the gradient.
// The engine of training and evaluation; it knows no loss and no task. Memory is bounded by the micro-batch, not by the batch.
import type { KernelArgument } from '../backends/backend.js';
import { ShapeError } from '../errors.js';
import type { RandomKey } from '../random.js';
import type { InterventionArguments } from './interventions.js';
import { drawNormals, NoiseDrawer, type NoiseKeys, type NoiseSource, noiseArgument, type SensorSource, sensorNoise, sensorSources } from './noise.js';
import { kernelsOf, planBuffers, type RolloutOptions } from './plan.js';
import { sizeOf, view, Workspace } from './workspace.js';

/** What one forward pass is given; b trials ≤ the rollout's capacity. */
export interface ForwardInput {
  /** The flat parameter vector [P]. */
  readonly parameters: KernelArgument;
  /** The task's inputs [b, T, I]; in a closed loop the observation joins them. In an open loop T may be less than the rollout's steps. */
  readonly inputs: KernelArgument;
  /** Index of each trial in its data set [b], i32: keys the noise. */
  readonly trialIndices: KernelArgument;
  /** Absent or null: that noise is off, unless it is handed in. */
  readonly keys: Partial<NoiseKeys>;
  /** Closed loop: initial joint state [b, 4]; required. */
  readonly joints?: KernelArgument | null;
  /** Closed loop: force on the end point, N [b, T, 2]. Default: none. */
  readonly endpointLoads?: KernelArgument | null;
  /** Closed loop: torque on the joints, N·m [b, T, 2]. Default: none. */
  readonly jointLoads?: KernelArgument | null;
  /** Recorded noise in place of drawn noise, already scaled: [b, H], [b, T, H], [b, T, I], senses [b, T + 2, …], actions and observations [b, T, …]. */
  readonly noise?: Partial<Readonly<Record<NoiseSource, KernelArgument>>>;
  /** What is done to single trials at single steps (interventions.ts). Default: nothing. */
  readonly interventions?: InterventionArguments | null;
  /** Keep what the backward pass needs. Default: whether the rollout was made for gradients. */
  readonly keep?: boolean;
}

/** What a forward pass made. Everything stays valid until the next call. */
export interface ForwardResult {
  /** Outputs of the network [b, T, O]: in a closed loop its actions, before noise and clamping. */
  readonly outputs: KernelArgument;
  /** [b, T, S], if recorded. */
  readonly states: KernelArgument | null;
  /** Closed loop: position of the end point after every step, m [b, T, 2]. */
  readonly fingertip: KernelArgument | null;
  /** Closed loop: [b, T + 1, 4]. */
  readonly joint: KernelArgument | null;
  /** Closed loop: [b, T + 1, R, M]. */
  readonly muscle: KernelArgument | null;
  /** What the network saw [b, T, I], if asked for. */
  readonly networkInputs: KernelArgument | null;
}

/** Where losses add their gradients; null where this rollout has none. */
export interface OutputGradients {
  readonly dOutputs: KernelArgument;
  readonly dStates: KernelArgument | null;
  readonly dFingertip: KernelArgument | null;
  readonly dJoint: KernelArgument | null;
  readonly dMuscle: KernelArgument | null;
}

/** What the last forward pass ran with; the backward pass needs it again. */
interface Pass {
  readonly trials: number;
  readonly shared: Readonly<Record<string, KernelArgument | null>>;
}

/** Buffers of an open loop with a row for every step. */
const stepwise = new Set(['outputs', 'states', 'state_noise', 'input_noise', 'noisy_inputs', 'd_outputs', 'd_states', 'd_inputs']);

/** Buffers and kernel calls of a micro-batch. Every method only queues work. */
export class Rollout {
  readonly #options: RolloutOptions;
  readonly #kernels;
  readonly #workspace: Workspace;
  readonly #buffers: Readonly<Record<string, KernelArgument>>;
  /** Layer sizes and body: the same in every call. */
  readonly #tables: Readonly<Record<string, KernelArgument | null>>;
  readonly #noise: NoiseDrawer | null;
  #last: Pass | null = null;
  /** Steps of the current pass. */
  #steps: number;

  /** Allocates everything at once. Throws BackendError when memory runs out, with nothing left behind. */
  constructor(options: RolloutOptions) {
    const { backend, model, plant, steps } = options;
    this.#options = options;
    this.#kernels = kernelsOf(options);
    this.#steps = steps;
    this.#workspace = new Workspace(backend);
    try {
      const { layerSizes } = model.kernel;
      this.#tables = {
        layer_sizes: layerSizes ? this.#workspace.upload(layerSizes, [layerSizes.length], 'i32') : null,
        ...(plant ? { body_layout: this.#workspace.upload(plant.body.layout, [plant.body.layout.length], 'i32') } : {}),
        ...(plant ? { body: this.#workspace.upload(plant.body.table, [plant.body.table.length]) } : {}),
      };
      this.#noise = plant ? new NoiseDrawer(this.#workspace, sensorNoise(plant, steps, options.inputNoise ?? 0)) : null;
      this.#buffers = Object.fromEntries(Object.entries(planBuffers(options)).map(([name, shape]) => [name, this.#workspace.allocate(shape)]));
    } catch (error) {
      this.#workspace.dispose();
      throw error;
    }
  }

  /** One of the buffers, under the shape it has for this many trials and the steps of this pass; null if this rollout does not have it. */
  #optional(name: string, trials: number): KernelArgument | null {
    const whole = this.#buffers[name];
    if (!whole) return null;
    return view(whole, !this.#options.plant && stepwise.has(name) ? [trials, this.#steps, ...whole.shape.slice(2)] : [trials, ...whole.shape.slice(1)]);
  }

  #view(name: string, trials: number): KernelArgument {
    return this.#optional(name, trials) as KernelArgument;
  }

  /** Runs b trials. Throws ShapeError when a closed loop is not told where its bodies start. */
  forward(input: ForwardInput): ForwardResult {
    const { backend, plant } = this.#options;
    const { parameters, keep = true } = input;
    const [trials, steps] = input.inputs.shape as [number, number];
    if (steps > this.#options.steps || (plant && steps !== this.#options.steps))
      throw new ShapeError(`Rollout.forward: expected inputs of ${plant ? '' : 'at most '}${this.#options.steps} steps, got ${steps}`);
    this.#steps = steps;
    if (plant && !input.joints) throw new ShapeError(`Rollout.forward: expected the initial joint states [${trials}, 4] of a closed loop, got none`);
    const shared = {
      ...this.#tables,
      inputs: this.#inputs(input),
      parameters,
      initial_state: this.#start(input, trials),
      state_noise: input.noise?.state ?? this.#draw('state_noise', input.trialIndices, input.keys.state, this.#options.model.stateNoise),
      ...(plant ? this.#world(input) : {}),
      ...(input.interventions ?? {}),
    };
    const made = {
      outputs: this.#view('outputs', trials),
      states: this.#optional('states', trials),
      ...(plant
        ? {
            fingertip: this.#view('fingertip', trials),
            joint: this.#view('joint', trials),
            muscle: this.#view('muscle', trials),
            network_inputs: this.#optional('network_inputs', trials),
          }
        : {}),
    };
    backend.run(this.#kernels.forward, {
      variant: this.#kernels.variant,
      params: this.#kernels.params,
      args: { ...shared, ...made, cache: keep ? this.#buffers.cache : null, scratch: this.#buffers.forward_scratch },
    });
    this.#last = { trials, shared };
    const { outputs, states, fingertip = null, joint = null, muscle = null, network_inputs: observed = null } = made;
    const networkInputs = plant ? observed : this.#options.networkInputs ? (shared.inputs ?? null) : null;
    return { outputs, states, fingertip, joint, muscle, networkInputs };
  }

  /** Sets the gradients of what the last forward pass made to zero and returns them, for losses to add to. */
  clearGradients(): OutputGradients {
    const { trials } = this.#last as Pass;
    const clear = (name: string) => {
      const argument = this.#optional(name, trials);
      if (argument) this.#options.backend.run('fill', { args: { y: view(argument, [sizeOf(argument.shape)]) }, params: { value: 0 } });
      return argument;
    };
    return {
      dOutputs: clear('d_outputs') as KernelArgument,
      dStates: clear('d_states'),
      dFingertip: clear('d_fingertip'),
      dJoint: clear('d_joint'),
      dMuscle: clear('d_muscle'),
    };
  }

  /** From the gradients of everything made back to `gradient` [P], which is added to; returns that of the inputs where asked for. */
  backward(gradient: KernelArgument): { dInputs: KernelArgument | null; dInitialState: KernelArgument } {
    const { backend, model, plant } = this.#options;
    const { trials, shared } = this.#last as Pass;
    const dInitialState = this.#view('d_initial_state', trials);
    const dInputs = this.#optional('d_inputs', trials);
    const of = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, this.#optional(name, trials)]));
    backend.run(this.#kernels.backward, {
      variant: this.#kernels.variant,
      params: this.#kernels.params,
      args: {
        ...shared,
        ...of(['outputs', 'd_outputs', 'd_states']),
        ...(plant ? of(['joint', 'muscle', 'd_fingertip', 'd_joint', 'd_muscle']) : {}),
        cache: this.#buffers.cache,
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

  /** Where the bodies start, what pushes them, and the noise of senses and muscles. */
  #world({ trialIndices, keys, joints, endpointLoads, jointLoads, noise }: ForwardInput): Record<string, KernelArgument | null> {
    const world: Record<string, KernelArgument | null> = { joint0: joints ?? null, endpoint_load: endpointLoads ?? null, joint_load: jointLoads ?? null };
    for (const source of sensorSources) world[noiseArgument(source)] = noise?.[source] ?? this.#sense(source, trialIndices, keys[source]);
    return world;
  }

  /** Noise of one sense (or of the actions), or null where it is off. */
  #sense(source: SensorSource, trialIndices: KernelArgument, key: RandomKey | null | undefined): KernelArgument | null {
    const target = this.#optional(noiseArgument(source), trialIndices.shape[0] as number);
    if (!key || !target) return null;
    this.#noise?.draw(source, key, trialIndices, target, this.#buffers.noise_draw);
    return target;
  }

  /** Standard normal draws times `scale` into a buffer of this rollout, or null where that noise is off. */
  #draw(name: string, trialIndices: KernelArgument, key: RandomKey | null | undefined, scale: number): KernelArgument | null {
    const target = this.#optional(name, trialIndices.shape[0] as number);
    if (!key || !target) return null;
    drawNormals(this.#options.backend, key, trialIndices, target, scale);
    return target;
  }

  #start({ parameters, trialIndices, keys, noise }: ForwardInput, trials: number): KernelArgument {
    const { backend, model } = this.#options;
    const drawn = noise?.initial ? null : this.#draw('initial_noise', trialIndices, keys.initial, 1);
    const start = this.#view('initial_state', trials);
    backend.run('initial_state_forward', {
      args: { parameters, noise: noise?.initial ?? drawn, initial_state: start },
      params: { offset: model.initialStateOffset, noise_scale: noise?.initial ? 1 : drawn ? model.initialNoise : 0 },
    });
    return start;
  }

  /** Inputs plus fresh noise, or the inputs themselves. */
  #inputs({ inputs, trialIndices, keys, noise }: ForwardInput): KernelArgument {
    const added = noise?.input ?? this.#draw('input_noise', trialIndices, keys.input, this.#options.inputNoise ?? 0);
    if (!added) return inputs;
    const size = sizeOf(inputs.shape);
    const noisy = this.#view('noisy_inputs', trialIndices.shape[0] as number);
    const flat = (argument: KernelArgument) => view(argument, [size]);
    const strides = { a_stride0: 0, a_stride1: 0, a_stride2: 0, a_stride3: 1, b_stride0: 0, b_stride1: 0, b_stride2: 0, b_stride3: 1 };
    this.#options.backend.run('elementwise_binary', {
      variant: 'add',
      args: { a: flat(inputs), b: flat(added), y: flat(noisy) },
      params: { n0: 1, n1: 1, n2: 1, n3: size, ...strides },
    });
    return noisy;
  }
}
