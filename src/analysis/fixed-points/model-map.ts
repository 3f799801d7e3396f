// The map of a trained network: its cell in f64, and for gradient descent on the speed the reverse pass of its rollout in the backend's f32.
import type { Backend } from '../../backends/backend.js';
import type { Model } from '../../models/layout.js';
import { createCellMap } from './cell-map.js';
import type { StateMap } from './state-map.js';
import { rolloutMap } from './tape-map.js';

/**
 * A model's cell as a map. Speeds and Jacobians are f64; `vectorJacobian` is good to 1e-6 of its size, which is plenty for the direction of a step and takes a
 * tenth of the time of whole Jacobians (GRU-128). Throws as `createCellMap` does.
 */
export function createModelMap(backend: Backend, model: Model, parameters: Float32Array): StateMap {
  const cell = createCellMap(backend, model, parameters);
  let rollout: StateMap | null = null;
  const { stateSize, inputSize, description } = cell;
  return {
    ...{ stateSize, inputSize, description },
    evaluate: (states, inputs) => cell.evaluate(states, inputs),
    linearise: (states, inputs, withInputs) => cell.linearise(states, inputs, withInputs),
    dampedStep: (states, inputs, damping) => (cell as Required<StateMap>).dampedStep(states, inputs, damping),
    vectorJacobian(states, inputs, cotangents) {
      rollout ??= rolloutMap(backend, model, parameters);
      return (rollout as Required<StateMap>).vectorJacobian(states, inputs, cotangents);
    },
    async dispose() {
      await rollout?.dispose?.();
      await cell.dispose?.();
    },
  };
}
