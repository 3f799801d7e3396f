// Spikes from a trained run: its trials rolled out, embedded and drawn, those that train first, then those that validate.
import type { NoiseChoice } from '../analysis/analysis.js';
import { resolveNoise } from '../analysis/noise-choice.js';
import type { RunAnalysis } from '../analysis/run-analysis.js';
import type { SimulatorOptions } from './options.js';
import type { Embedding, NeuralSimulator, SimulatedTrials } from './simulator.js';

/** A simulated population with all that a data set of it says. */
export interface SimulatedRun {
  /** All trials: the first `training` train, the others validate. */
  readonly trials: SimulatedTrials;
  readonly training: number;
  readonly embedding: Embedding;
  readonly options: SimulatorOptions;
  /** Folder of the run, `MODEL/seed-N`, and its name in titles. */
  readonly run: string;
  readonly name: string;
  readonly experiment: string;
  readonly checkpoint: RunAnalysis['checkpoint'];
  /** Of the trials, and how many there are before any trimming. */
  readonly dataSeed: number;
  readonly steps: number;
  /** Seconds a step, or null where the task has no unit of time. */
  readonly stepDuration: number | null;
  /** Names of the first columns of `extra`, which are steps. */
  readonly events: readonly string[];
  /** Which noise the network had. */
  readonly noise: string;
}

/** Simulated neurons watch every trial of a run; inputs are all that the network sees, [environment, context] where a body moves. Throws as `simulate` does. */
export async function simulateRun(simulator: NeuralSimulator, analysis: RunAnalysis, noise?: NoiseChoice): Promise<SimulatedRun> {
  const { task, experiment, dataSeed, checkpoint, path, name } = analysis;
  const events = task.eventLabels ?? [];
  const extra = await analysis.getExtraInputs();
  // first: latents come along with them, in one pass
  const inputs = await analysis.getNetworkInputs('all', noise);
  const trials = simulator.simulate({
    latents: await analysis.getLatents('all', noise),
    inputs,
    extra: extra.width > 0 ? extra : null,
    events: events.map((_, column) => column),
    indices: await analysis.getTrialIndices(),
    stream: `data ${dataSeed}`,
  });
  return {
    trials,
    training: analysis.trials.train,
    embedding: simulator.embedding as Embedding,
    options: simulator.options,
    ...{ run: path, name, experiment: experiment.name, checkpoint, dataSeed },
    steps: analysis.trials.steps,
    stepDuration: task.stepDuration,
    events,
    noise: resolveNoise(noise).text,
  };
}
