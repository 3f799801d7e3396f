// A model from the options of an experiment: checks them, fills in what depends on the cell, and lays the model out (layout.ts).
import { ConfigError } from '../errors.js';
import { layOutModel, type Model, type ResolvedModelOptions } from './layout.js';
import { type ModelInput, modelOptions } from './options.js';

export { joinParameters, type Model, type NamedArray, type ParameterView, type ResolvedModelOptions, splitParameters } from './layout.js';

/**
 * Validates a model's options and fills in the defaults that depend on the cell (docs/design.md, "Initial states").
 * Throws ConfigError that lists every problem.
 */
export function resolveModelOptions(input: ModelInput): ResolvedModelOptions {
  const parsed = modelOptions.safeParse(input);
  if (!parsed.success) {
    throw new ConfigError(
      'model',
      parsed.error.issues.map((issue) => `${issue.path.join('.') || '(options)'}: ${issue.message}`),
    );
  }
  const options = parsed.data;
  const ctdb = options.cell === 'driscoll' && options.compat === 'ctdb';
  const startsTrainable = options.cell === 'gru' || options.cell === 'lstm' || options.cell === 'node';
  return {
    ...options,
    ...(options.cell === 'driscoll' ? { activation: options.activation ?? (ctdb ? 'tanh' : 'softplus') } : {}),
    initialState: options.initialState ?? (startsTrainable ? 'trainable' : 'zeros'),
    initialNoise: options.initialNoise ?? (options.cell === 'gru' || options.cell === 'lstm' ? 0.05 : 0),
    // 0.158 = σ_rec √(2/α) with σ_rec 0.05 and α 0.2 (Driscoll et al. 2024); CtDB's class has 0.05.
    stateNoise: options.stateNoise ?? (options.cell !== 'driscoll' ? 0 : ctdb ? 0.05 : 0.158),
    initialisation: options.initialisation ?? (options.cell === 'driscoll' && !ctdb ? 'driscoll' : 'pytorch'),
    readoutInitialisation: options.readoutInitialisation ?? (options.cell === 'node' ? 'small' : 'linear'),
  } as ResolvedModelOptions;
}

/**
 * Lays a model out for a task with `inputSize` inputs and `outputSize` outputs.
 * Throws ConfigError for bad options and ShapeError for sizes that are not positive integers.
 */
export function createModel(input: ModelInput, inputSize: number, outputSize: number): Model {
  return layOutModel(resolveModelOptions(input), inputSize, outputSize);
}
