// A small experiment that trains in a blink on any backend: two models, flip-flop of 2 bits, a few epochs.
import { type Experiment, parseExperiment } from '../../src/config/experiment.js';
import { setOption } from '../../src/config/overrides.js';

/** The experiment, with options set by path, e.g. `{ 'training.epochs': 5 }`. */
export function tinyExperiment(options: Readonly<Record<string, unknown>> = {}): Experiment {
  const base: unknown = {
    name: 'tiny',
    seed: 7,
    task: { name: 'flipflop', bits: 2, steps: 12, switchProbability: 0.1 },
    data: { trials: 20 },
    training: { epochs: 3, batchSize: 6, learningRate: 0.01 },
    models: [
      { cell: 'gru', hiddenSize: 4 },
      { cell: 'node', hiddenSize: 3, layerSizes: [5] },
    ],
  };
  return parseExperiment(
    Object.entries(options).reduce((value, [path, option]) => setOption(value, path, option, 'tiny'), base),
    'tiny',
  );
}
