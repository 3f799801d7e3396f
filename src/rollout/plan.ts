// Which buffers a rollout takes, and how many trials go through it at once: allocation, kernel calls and the estimate of memory read the same list.
import type { Plant } from '../arm/plant.js';
import { observationSize } from '../arm/plant.js';
import type { Backend } from '../backends/backend.js';
import type { Model } from '../models/model.js';
import { drawLength, noiseArgument, type SensorSource, sensorNoise } from './noise.js';
import { sizeOf, view, Workspace } from './workspace.js';

export interface RolloutOptions {
  readonly backend: Backend;
  readonly model: Model;
  /** The body that the network moves: the loop is closed. Default: none, the outputs are the network's. */
  readonly plant?: Plant | undefined;
  /** Most trials of one call. */
  readonly trials: number;
  readonly steps: number;
  /** Keep what the backward pass needs. Default false. */
  readonly gradients?: boolean;
  /** Record the state of every step. Default false. */
  readonly states?: boolean;
  /** Also give the gradient with respect to the inputs. Default false. */
  readonly inputGradients?: boolean;
  /** Closed loop: take gradients of joint and muscle states too. Default false. */
  readonly bodyGradients?: boolean;
  /** Give back what the network saw. Default false. */
  readonly networkInputs?: boolean;
  /** Standard deviation of fresh noise on everything that the network sees, at every step. Default 0. */
  readonly inputNoise?: number;
}

/** Channels of the inputs that a task hands over: in a closed loop the observation joins them. */
export function externalInputs({ model, plant }: Pick<RolloutOptions, 'model' | 'plant'>): number {
  return model.inputSize - (plant ? observationSize(plant) : 0);
}

/** The pair of kernels of a rollout, and how they are called. */
export function kernelsOf({ model, plant }: Pick<RolloutOptions, 'model' | 'plant'>) {
  const { variant, params } = model.kernel;
  if (!plant) return { forward: 'rollout_forward', backward: 'rollout_backward', variant, params };
  const { visionDelay, proprioceptionDelay, actionFrames } = plant.sensors;
  const senses = { vision_delay: visionDelay, proprioception_delay: proprioceptionDelay, action_frames: actionFrames, leading_inputs: plant.leadingInputs };
  return { forward: 'closed_loop_forward', backward: 'closed_loop_backward', variant, params: { ...params, ...senses } };
}

/** Shape of every buffer of a rollout but the small tables that are uploaded once. */
export function planBuffers(options: RolloutOptions): Record<string, readonly number[]> {
  const { model, plant, trials, steps, gradients, states } = options;
  const { hiddenSize, outputSize, stateSize, parameterCount } = model;
  const inputNoise = options.inputNoise ?? 0;
  const inputSize = externalInputs(options);
  const shapes: Record<string, readonly number[]> = { initial_state: [trials, stateSize], outputs: [trials, steps, outputSize] };
  if (states) shapes.states = [trials, steps, stateSize];
  if (model.initialNoise > 0) shapes.initial_noise = [trials, hiddenSize];
  if (model.stateNoise > 0) shapes.state_noise = [trials, steps, hiddenSize];
  if (inputNoise > 0) {
    shapes.input_noise = [trials, steps, inputSize];
    shapes.noisy_inputs = [trials, steps, inputSize];
  }
  if (plant) Object.assign(shapes, movementShapes(plant, trials, steps), noiseShapes(plant, trials, steps, inputNoise));
  if (plant && options.networkInputs) shapes.network_inputs = [trials, steps, model.inputSize];

  const known: Record<string, readonly number[]> = { ...shapes, inputs: [trials, steps, inputSize], parameters: [parameterCount], gradient: [parameterCount] };
  if (plant) {
    Object.assign(known, { body_layout: [plant.body.layout.length], body: [plant.body.table.length], joint0: [trials, 4] });
    Object.assign(known, { endpoint_load: [trials, steps, 2], joint_load: [trials, steps, 2] });
  }
  const kernels = kernelsOf(options);
  const needs = scratchNeeds(options, known);
  const recorded = ['outputs', 'states', 'fingertip', 'joint', 'muscle', 'network_inputs'];
  if (gradients) {
    known.cache = shapes.cache = needs(kernels.forward, 'cache', recorded);
    const wanted: Record<string, readonly number[]> = { d_outputs: shapes.outputs as number[], d_initial_state: [trials, stateSize] };
    if (states) wanted.d_states = shapes.states as number[];
    if (options.inputGradients) wanted.d_inputs = [trials, steps, inputSize];
    if (plant) wanted.d_fingertip = shapes.fingertip as number[];
    if (plant && options.bodyGradients) Object.assign(wanted, { d_joint: shapes.joint, d_muscle: shapes.muscle });
    Object.assign(shapes, wanted);
    Object.assign(known, wanted);
    shapes.backward_scratch = needs(kernels.backward, 'scratch', ['outputs', 'joint', 'muscle', 'cache', 'gradient', ...Object.keys(wanted)]);
  }
  const [withCache, without] = [needs(kernels.forward, 'scratch', [...recorded, 'cache']), needs(kernels.forward, 'scratch', recorded)];
  shapes.forward_scratch = [Math.max(withCache[0] as number, without[0] as number)];
  return shapes;
}

/** What a body leaves behind: N = T + 1 states, the initial one first. */
function movementShapes({ body }: Plant, trials: number, steps: number): Record<string, readonly number[]> {
  return {
    fingertip: [trials, steps, 2],
    joint: [trials, steps + 1, 4],
    muscle: [trials, steps + 1, body.muscleRows.length, body.muscles],
  };
}

function noiseShapes(plant: Plant, trials: number, steps: number, inputNoise: number): Record<string, readonly number[]> {
  const noise = sensorNoise(plant, steps, inputNoise);
  const shapes: Record<string, readonly number[]> = {};
  for (const [source, { rows, features }] of Object.entries(noise)) shapes[noiseArgument(source as SensorSource)] = [trials, rows, features];
  const length = drawLength(noise);
  if (length > 0) shapes.noise_draw = [trials, length];
  return shapes;
}

/** What every kernel of either pair reads. */
const readings = ['inputs', 'parameters', 'initial_state', 'state_noise', 'body', 'joint0', 'endpoint_load', 'joint_load'];

/**
 * Sizes of opaque arguments, from shapes alone: one element of memory stands for every array, as backends look at layer sizes and the body's layout only.
 * `names` come on top of what is read; optional arguments that this rollout never has are left out.
 */
function scratchNeeds({ backend, model, plant }: RolloutOptions, known: Readonly<Record<string, readonly number[]>>) {
  return (kernel: string, argument: string, names: readonly string[]): readonly number[] => {
    const workspace = new Workspace(backend);
    try {
      const any = workspace.allocate([1]);
      const noise = plant ? ['vision_noise', 'proprioception_noise', 'action_noise', 'observation_noise'] : [];
      const args = [...readings, ...noise, ...names].filter((name) => known[name]).map((name) => [name, view(any, known[name] as readonly number[])] as const);
      const { layerSizes } = model.kernel;
      const tables = {
        layer_sizes: layerSizes ? workspace.upload(layerSizes, [layerSizes.length], 'i32') : null,
        ...(plant ? { body_layout: workspace.upload(plant.body.layout, [plant.body.layout.length], 'i32') } : {}),
      };
      const { variant, params } = kernelsOf({ model, plant });
      return [backend.scratchLength(kernel, argument, { variant, params, args: { ...Object.fromEntries(args), ...tables } })];
    } finally {
      workspace.dispose();
    }
  };
}

/** Bytes that a `Rollout` with these options takes (4 an element), the body's tables included. */
export function rolloutBytes(options: RolloutOptions): number {
  const { body } = options.plant ?? {};
  const tables = body ? body.layout.length + body.table.length : 0;
  return 4 * Object.values(planBuffers(options)).reduce((sum, shape) => sum + sizeOf(shape), tables);
}

/** A batch is cut into micro-batches of so many trials or a multiple: gradients are summed 32 trials at a time, so the cut does not change their bits. */
const cut = 32;
/** Trials that kernels process together. */
const tile = 8;

/** Kernels bind at most eight buffers: all arrays of a call must find room in a few of the largest ones. */
const largestArrays = 2;

/**
 * Trials of a micro-batch: the whole batch, or as many (a multiple of 32) as keep the activation cache within `bytes`, or within what the backend wants in flight,
 * if that is more; fewer where the backend allows no arrays that large. Depends on shapes and device only, never on threads. `columns`: shapes of a trial in the
 * arrays handed to the rollout.
 */
export function microBatchSize(
  options: Omit<RolloutOptions, 'trials' | 'gradients'>,
  batchSize: number,
  bytes: number,
  columns: readonly (readonly number[])[] = [],
): number {
  const whole = { ...options, gradients: true };
  if (batchSize <= cut) return fittingTrials({ ...whole, trials: batchSize }, columns);
  const { cache } = planBuffers({ ...whole, trials: cut });
  const perCut = 4 * (cache?.[0] as number);
  const wanted = Math.max(bytes, options.backend.activationBytes ?? 0);
  const trials = Math.min(batchSize, Math.max(1, Math.floor(wanted / perCut)) * cut);
  return fittingTrials({ ...whole, trials }, columns);
}

/** `trials`, or as many fewer as it takes for every array of the rollout to stay below the largest that the backend allows. */
export function fittingTrials(options: RolloutOptions, columns: readonly (readonly number[])[] = []): number {
  const { backend, trials: most } = options;
  const limit = backend.arrayLimit ?? Number.POSITIVE_INFINITY;
  if (limit === Number.POSITIVE_INFINITY) return most;
  let trials = most;
  while (trials > 1) {
    const sizes = [...Object.values(planBuffers({ ...options, trials })).map(sizeOf), ...columns.map((shape) => trials * sizeOf(shape))];
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const excess = (4 * Math.max(Math.max(...sizes), total / largestArrays)) / limit;
    if (excess <= 1) break;
    const fewer = Math.min(trials - 1, Math.floor(trials / excess));
    trials = Math.max(1, fewer >= tile ? Math.floor(fewer / tile) * tile : fewer);
  }
  return trials;
}
