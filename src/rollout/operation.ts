// The rollout as an operation on the gradient tape: outputs and states as tensors, differentiable in parameters, inputs and initial state.
// For losses, tasks and analyses written with tensors; training with a task's own loss uses Rollout directly.
import { ShapeError } from '../errors.js';
import type { Model } from '../models/model.js';
import { isRecording, recordOperation } from '../tensor/tape.js';
import { tidy } from '../tensor/scope.js';
import { type Tensor, tensor, zeros } from '../tensor/tensor.js';

export interface RolloutTensors {
  /** The flat parameter vector [P]. */
  readonly parameters: Tensor;
  /** [B, T, I]. */
  readonly inputs: Tensor;
  /** [B, S]. Default: the model's own initial state, in every trial. */
  readonly initialState?: Tensor;
  /** Noise on the state at every step, already scaled [B, T, H]. Default: none. */
  readonly stateNoise?: Tensor;
}

/**
 * Runs a model through all steps of B trials. Returns outputs [B, T, O] and the states after every step [B, T, S]. Noise only where handed
 * in. Throws ShapeError when a tensor does not fit the model.
 */
export function rolloutTensor(model: Model, { parameters, inputs, initialState, stateNoise }: RolloutTensors): { outputs: Tensor; states: Tensor } {
  const { backend } = parameters;
  if (inputs.rank !== 3 || inputs.shape[2] !== model.inputSize) {
    throw new ShapeError(`rolloutTensor: expected inputs [B, T, ${model.inputSize}], got [${inputs.shape.join(', ')}]`);
  }
  if (parameters.size !== model.parameterCount) {
    throw new ShapeError(`rolloutTensor: expected ${model.parameterCount} parameters, got ${parameters.size}; do they belong to another model?`);
  }
  const [trials, steps] = inputs.shape as readonly [number, number, number];
  const { variant, params } = model.kernel;
  return tidy(() => {
    const start = initialState ?? modelStart(model, parameters, trials);
    const layerSizes = model.kernel.layerSizes ? tensor(backend, model.kernel.layerSizes) : null;
    const given = { inputs, parameters, initial_state: start, state_noise: stateNoise, layer_sizes: layerSizes };
    const outputs = zeros(backend, [trials, steps, model.outputSize]);
    const states = zeros(backend, [trials, steps, model.stateSize]);
    const sources = [parameters, inputs, ...(initialState ? [initialState] : [])];
    const recording = isRecording(sources);
    const forward = { ...given, outputs, states };
    const scratchOf = (kernel: string, argument: string, args: object) =>
      zeros(backend, [backend.scratchLength(kernel, argument, { variant, params, args: { ...args } })]);
    const cache = recording ? scratchOf('rollout_forward', 'cache', forward) : undefined;
    backend.run('rollout_forward', { variant, params, args: { ...forward, cache, scratch: scratchOf('rollout_forward', 'scratch', { ...forward, cache }) } });
    if (cache) {
      recordOperation({
        name: 'rollout',
        inputs: sources,
        outputs: [outputs, states],
        saved: [cache, start, ...(layerSizes ? [layerSizes] : []), ...(stateNoise ? [stateNoise] : [])],
        once: true,
        reverse: (step) => {
          const [parameters, inputs] = step.inputs as [Tensor, Tensor];
          const [cache, start, ...rest] = step.saved as [Tensor, Tensor, ...Tensor[]];
          const layerSizes = model.kernel.layerSizes ? rest.shift() : undefined;
          const stateNoise = rest.shift();
          const gradient = zeros(backend, parameters.shape);
          const dInitialState = zeros(backend, start.shape);
          const dInputs = step.needed[1] ? zeros(backend, inputs.shape) : null;
          const args = {
            inputs,
            parameters,
            initial_state: start,
            state_noise: stateNoise,
            layer_sizes: layerSizes,
            outputs: step.outputs[0],
            cache,
            d_outputs: step.dOutputs[0] ?? zeros(backend, [trials, steps, model.outputSize]),
            d_states: step.dOutputs[1],
            gradient,
            d_initial_state: dInitialState,
            d_inputs: dInputs,
          };
          backend.run('rollout_backward', { variant, params, args: { ...args, scratch: scratchOf('rollout_backward', 'scratch', args) } });
          if (!initialState && model.initialStateOffset >= 0) {
            backend.run('initial_state_backward', { args: { d_initial_state: dInitialState, gradient }, params: { offset: model.initialStateOffset } });
          }
          return [gradient, dInputs, ...(initialState ? [dInitialState] : [])];
        },
      });
    }
    return { outputs, states };
  });
}

/** The model's own initial state [B, S]: `latent_ics` (and `cell_ics`) in every trial, or zeros. */
export function modelStart(model: Model, parameters: Tensor, trials: number): Tensor {
  const start = zeros(parameters.backend, [trials, model.stateSize]);
  parameters.backend.run('initial_state_forward', { args: { parameters, initial_state: start }, params: { offset: model.initialStateOffset } });
  return start;
}
