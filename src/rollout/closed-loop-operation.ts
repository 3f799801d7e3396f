// The closed loop as an operation on the gradient tape: actions, movement and states as tensors, differentiable in parameters, inputs and initial state.
// For losses, tasks and analyses written with tensors; training with a task's own loss uses Rollout directly.
import type { Plant } from '../arm/plant.js';
import type { KernelArgument } from '../backends/backend.js';
import { ShapeError } from '../errors.js';
import type { Model } from '../models/model.js';
import { tidy } from '../tensor/scope.js';
import { isRecording, recordOperation } from '../tensor/tape.js';
import { type Tensor, tensor, zeros } from '../tensor/tensor.js';
import { modelStart } from './operation.js';
import { externalInputs, kernelsOf } from './plan.js';

export interface ClosedLoopTensors {
  /** The flat parameter vector [P]. */
  readonly parameters: Tensor;
  /** The task's inputs [B, T, E], without the observation. */
  readonly inputs: Tensor;
  /** Initial joint state [B, 4]; the loop treats it as constant. */
  readonly joints: Tensor;
  /** Force on the end point, N [B, T, 2]. Default: none. */
  readonly endpointLoads?: Tensor;
  /** Torque on the joints, N·m [B, T, 2]. Default: none. */
  readonly jointLoads?: Tensor;
  /** [B, S]. Default: the model's own initial state, in every trial. */
  readonly initialState?: Tensor;
  /** Noise, already scaled; default none: on the state [B, T, H], on the actions [B, T, M], on what the network observes [B, T, V]. */
  readonly stateNoise?: Tensor;
  readonly actionNoise?: Tensor;
  readonly observationNoise?: Tensor;
  /** Noise of every reading of a sense, two of the initial state and one of every later one: [B, T + 2, 2] and [B, T + 2, 2M]. */
  readonly visionNoise?: Tensor;
  readonly proprioceptionNoise?: Tensor;
}

export interface ClosedLoopResult {
  /** Outputs of the network, before noise and clamping [B, T, M]. */
  readonly actions: Tensor;
  /** Position of the end point after every step, m [B, T, 2]. */
  readonly fingertip: Tensor;
  /** [B, T + 1, 4], the initial state first. */
  readonly joint: Tensor;
  /** [B, T + 1, R, M], the initial state first; rows as in `plant.body.muscleRows`. */
  readonly muscle: Tensor;
  /** State of the network after every step [B, T, S]. */
  readonly states: Tensor;
}

/**
 * Lets a model move the body of a plant through all steps of B trials. Noise only where handed in; gradients reach parameters, inputs and initial state of the
 * network. Throws ShapeError when a tensor does not fit the model or the plant.
 */
export function closedLoopTensor(model: Model, plant: Plant, given: ClosedLoopTensors): ClosedLoopResult {
  const { parameters, inputs, joints, initialState } = given;
  const { backend } = parameters;
  const external = externalInputs({ model, plant });
  if (inputs.rank !== 3 || inputs.shape[2] !== external) {
    throw new ShapeError(`closedLoopTensor: expected inputs [B, T, ${external}], got [${inputs.shape.join(', ')}]`);
  }
  if (parameters.size !== model.parameterCount) {
    throw new ShapeError(`closedLoopTensor: expected ${model.parameterCount} parameters, got ${parameters.size}; do they belong to another model?`);
  }
  const [trials, steps] = inputs.shape as readonly [number, number, number];
  const { forward, backward, variant, params } = kernelsOf({ model, plant });
  const { body } = plant;
  return tidy(() => {
    const start = initialState ?? modelStart(model, parameters, trials);
    const constants: Record<string, Tensor | undefined> = {
      initial_state: start,
      layer_sizes: model.kernel.layerSizes ? tensor(backend, model.kernel.layerSizes) : undefined,
      body_layout: tensor(backend, body.layout),
      body: tensor(backend, body.table),
      joint0: joints,
      endpoint_load: given.endpointLoads,
      joint_load: given.jointLoads,
      state_noise: given.stateNoise,
      action_noise: given.actionNoise,
      vision_noise: given.visionNoise,
      proprioception_noise: given.proprioceptionNoise,
      observation_noise: given.observationNoise,
    };
    const shapes = {
      outputs: [trials, steps, model.outputSize],
      fingertip: [trials, steps, 2],
      joint: [trials, steps + 1, 4],
      muscle: [trials, steps + 1, body.muscleRows.length, body.muscles],
      states: [trials, steps, model.stateSize],
    };
    const [outputs, fingertip, joint, muscle, states] = Object.values(shapes).map((shape) => zeros(backend, shape)) as [Tensor, Tensor, Tensor, Tensor, Tensor];
    const sources = [parameters, inputs, ...(initialState ? [initialState] : [])];
    const scratchOf = (kernel: string, argument: string, args: Readonly<Record<string, KernelArgument | null | undefined>>) =>
      zeros(backend, [backend.scratchLength(kernel, argument, { variant, params, args })]);
    const args = { ...constants, parameters, inputs, outputs, fingertip, joint, muscle, states };
    const cache = isRecording(sources) ? scratchOf(forward, 'cache', args) : undefined;
    backend.run(forward, { variant, params, args: { ...args, cache, scratch: scratchOf(forward, 'scratch', { ...args, cache }) } });
    if (cache) {
      const names = Object.keys(constants).filter((name) => constants[name]);
      recordOperation({
        name: 'closedLoop',
        inputs: sources,
        outputs: [outputs, fingertip, joint, muscle, states],
        saved: [cache, ...names.map((name) => constants[name] as Tensor)],
        once: true,
        reverse: (step) => {
          const [parameters, inputs] = step.inputs as [Tensor, Tensor];
          const [outputs, , joint, muscle] = step.outputs;
          const [dOutputs, dFingertip, dJoint, dMuscle, dStates] = step.dOutputs;
          const [cache, ...saved] = step.saved as [Tensor, ...Tensor[]];
          const gradient = zeros(backend, parameters.shape);
          const dInitialState = zeros(backend, [trials, model.stateSize]);
          const dInputs = step.needed[1] ? zeros(backend, inputs.shape) : null;
          const args = {
            ...Object.fromEntries(names.map((name, i) => [name, saved[i]])),
            parameters,
            inputs,
            outputs,
            joint,
            muscle,
            cache,
            d_outputs: dOutputs ?? zeros(backend, shapes.outputs),
            d_fingertip: dFingertip,
            d_joint: dJoint,
            d_muscle: dMuscle,
            d_states: dStates,
            gradient,
            d_initial_state: dInitialState,
            d_inputs: dInputs,
          };
          backend.run(backward, { variant, params, args: { ...args, scratch: scratchOf(backward, 'scratch', args) } });
          if (!initialState && model.initialStateOffset >= 0) {
            backend.run('initial_state_backward', { args: { d_initial_state: dInitialState, gradient }, params: { offset: model.initialStateOffset } });
          }
          return [gradient, dInputs, ...(initialState ? [dInitialState] : [])];
        },
      });
    }
    return { actions: outputs, fingertip, joint, muscle, states };
  });
}
